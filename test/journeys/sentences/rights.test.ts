import { refusal, startSentences, user, type SentenceWorld } from './support/world.ts';
import type { Somebody } from './support/people.ts';

/** user-api.md §1: where a right holds, and over whom. */
let s: SentenceWorld;
/** Moderator at site 1, member at site 2. */
let mo: Somebody;
/** Member at sites 1, 2 and 3. */
let niels: Somebody;
/** Member at site 1, admin at site 2. */
let mayor: Somebody;

beforeAll(async () => {
  s = await startSentences();
  mo = await s.person({ at: { 1: 'moderator', 2: 'member' } });
  niels = await s.person({ at: { 1: 'member', 2: 'member', 3: 'member' } });
  mayor = await s.person({ at: { 1: 'member', 2: 'admin' } });
});
afterAll(() => s.close());

describe('a right holds at the site of the row', () => {
  test('owner means: the same person as the target, at whatever site', async () => {
    const answer = await s.put(niels.at[1]!, user(3, niels.at[3]!), { suffix: 'C' });
    expect([answer.status, answer.body.suffix]).toEqual([200, 'C']);
  });

  test('two rows without an external id are two people: null never equals null', async () => {
    const [one, other] = [await s.extraRow({ firstName: 'Een' }), await s.extraRow({ firstName: 'Ander' })];
    expect((await s.get(one, user(1, one))).body.firstName).toBe('Een');
    expect((await s.get(one, user(1, other))).body.firstName).toBeUndefined();
    expect(refusal(await s.put(one, user(1, other), { city: 'X' }))).toEqual([403, 'owner-or-moderator']);
  });

  test.each(['put', 'delete', 'will', 'do', 'willall', 'doall'] as const)(
    'nobody but the owner acts on somebody of a higher role than their own: %s',
    async (call) => {
      const chief = await s.person({ at: { 1: 'editor' } });
      const path = user(1, chief.at[1]!);
      const calls = {
        put: (who: number) => s.put(who, path, { nickName: 'Baas' }),
        delete: (who: number) => s.remove(who, path),
        will: (who: number) => s.get(who, `${path}/will-anonymize`),
        do: (who: number) => s.put(who, `${path}/do-anonymize`),
        willall: (who: number) => s.get(who, `${path}/will-anonymizeall`),
        doall: (who: number) => s.put(who, `${path}/do-anonymizeall`),
      };
      expect(refusal(await calls[call](mo.at[1]!))).toEqual([403, 'higher-role']);
      expect((await s.row(chief.at[1]!))?.anonymizedAt).toBeNull();
      expect((await calls[call](chief.at[1]!)).status).toBe(200);
    },
  );

  test("what reaches the whole person is measured against the person's highest role on any site", async () => {
    const path = user(1, mayor.at[1]!);
    const { result, writes } = await s.writesDuring(async () => [
      await s.put(mo.at[1]!, path, { firstName: 'Ander' }),
      await s.put(mo.at[1]!, path, { extraData: { hobby: 'x' } }),
      await s.put('moderator', `${path}/do-anonymizeall`),
      await s.put('moderator', `${path}/do-anonymizeall`, { onlySiteIds: [1, 2] }),
    ]);
    expect(result.map(refusal)).toEqual(Array.from({ length: 4 }, () => [403, 'higher-role-elsewhere']));
    // A part of the rows is no more than each call at its own site would reach.
    expect((await s.get('moderator', `${path}/will-anonymizeall?onlySiteIds=1`)).body.users).toHaveLength(1);
    expect([writes, (await s.row(mayor.at[1]!))?.firstName]).toEqual([0, 'Noor']);
    expect((await s.put(mo.at[1]!, path, { nickName: 'Hier' })).body.nickName).toBe('Hier');
  });

  test('a role reaches the whole person too', async () => {
    const guest = await s.person({ at: { 1: 'anonymous', 2: 'editor' } });
    expect(refusal(await s.put(mo.at[1]!, user(1, guest.at[1]!), { role: 'member' }))).toEqual([
      403,
      'higher-role-elsewhere',
    ]);
    expect(s.there(guest.externalId)?.roles).toMatchObject({ 'peer-client-1': 'anonymous' });
  });
});

describe('routes without a site need a platform admin: a fixed token whose user is admin', () => {
  test.each([
    ['nobody', null, 401],
    ['a fixed editor', 'editor', 403],
    ['an admin with a session token', 2, 403],
    ['a fixed admin', 'admin', 200],
  ])('%s', async (_who, who, status) => {
    expect((await s.get(who, '/api/site')).status).toBe(status);
  });
});

describe('a user named by a fixed token cannot be anonymized or deleted: 409 naming the setting', () => {
  test.each([
    ['admin', 'DELETE', ''],
    ['admin', 'PUT', '/do-anonymize'],
    ['admin', 'POST', '/do-anonymizeall'],
    ['admin', 'GET', '/will-anonymize'],
    [4, 'DELETE', ''],
    [4, 'PUT', '/do-anonymize'],
  ])('by %s: %s %s', async (who, method, call) => {
    const answer = await s.world.call(who, method, user(1, 4) + call);
    expect([answer.status, answer.body.setting]).toEqual([409, 'AUTH_FIXED_TOKENS']);
    expect((await s.row(4))?.email).toBe('fixed4@example.org');
  });
});

test('the role of a user named by a fixed token holds everywhere, so that no admin of one site can give or take it', async () => {
  const chief = await s.person({ at: { 1: 'admin' } });
  for (const [userId, role] of [
    [4, 'admin'],
    [2, 'member'],
  ] as const) {
    expect(refusal(await s.put(chief.at[1]!, user(1, userId), { role }))).toEqual([
      403,
      'platform-admin-needed',
      'role',
    ]);
    expect((await s.row(userId))?.role).not.toBe(role);
  }
  expect((await s.put(chief.at[1]!, user(1, 4), { role: 'member', city: 'Ede' })).body.city).toBe('Ede');
  expect((await s.put('admin', user(1, 4), { role: 'moderator' })).body.role).toBe('moderator');
  expect((await s.put('admin', user(1, 4), { role: 'member' })).status).toBe(200);
});
