import { userRoles } from '../../../src/domain/actor.ts';
import { writeThere, type Somebody } from './support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §2 (role) and oauth-server.md §1 "Roles". */
const [first, second] = [11, 12];
let s: SentenceWorld;
beforeAll(async () => {
  // Two sites that share one OAuth client.
  s = await startSentences({ [first]: { client: 11 }, [second]: { client: 11 } });
});
afterAll(() => s.close());

const at = (somebody: Somebody, site = 1) => user(site, somebody.at[site]!);
const rank = (role: string) => ['anonymous', 'member', 'moderator', 'editor', 'admin'].indexOf(role);

describe('a role is given', () => {
  const actors = { moderator: 3, editor: 5, admin: 2 } as const;
  const cases = Object.keys(actors).flatMap((actor) =>
    userRoles.flatMap((current) =>
      userRoles.filter((wanted) => wanted !== current).map((wanted) => [actor, current, wanted] as const),
    ),
  );

  test.each(cases)('by %s from %s to %s as the contract says', async (actor, current, wanted) => {
    const somebody = await s.person({ at: { 1: current } });
    const answer = await s.put(actors[actor as 'admin'], at(somebody), { role: wanted });

    const allowed = actor === 'admin' || (wanted === 'member' && rank(current) < rank(actor));
    if (allowed) {
      expect([answer.status, answer.body.role, s.there(somebody.externalId)?.roles['peer-client-1']]).toEqual([
        200,
        wanted,
        wanted,
      ]);
    } else {
      // Whoever is above the actor is not theirs at all.
      const rule = rank(current) > rank(actor) ? ['higher-role'] : ['role-not-grantable', 'role'];
      expect(refusal(answer)).toEqual([403, ...rule]);
      expect([(await s.row(somebody.at[1]!))?.role, s.there(somebody.externalId)?.roles['peer-client-1']]).toEqual([
        current,
        current,
      ]);
    }
  });

  test.each(['member', 'moderator', 'editor'] as const)('never by a %s to themself, up or down', async (role) => {
    const somebody = await s.person({ at: { 1: role } });
    for (const wanted of ['admin', 'anonymous', role === 'member' ? 'editor' : 'member']) {
      expect((await s.put(somebody.at[1]!, at(somebody), { role: wanted })).status).toBe(403);
    }
    expect((await s.put(somebody.at[1]!, at(somebody), { role })).status).toBe(200);
  });

  test('at the OAuth client of this site only: other rows keep theirs', async () => {
    const somebody = await s.person({ at: { 1: 'member', 2: 'member' } });
    await s.put('admin', at(somebody), { role: 'editor' });
    expect([(await s.row(somebody.at[1]!))?.role, (await s.row(somebody.at[2]!))?.role]).toEqual(['editor', 'member']);
    expect(s.there(somebody.externalId)?.roles).toEqual({ 'peer-client-1': 'editor', 'peer-client-2': 'member' });
  });
});

describe('sites that share a client share roles', () => {
  test('a role given at one is the role at the other', async () => {
    const somebody = await s.person({ at: { [first]: 'member', [second]: 'member' } });
    expect((await s.put('admin', at(somebody, first), { role: 'moderator' })).body.role).toBe('moderator');
    expect((await s.get('admin', at(somebody, second))).body.role).toBe('moderator');
  });

  test('and writing one needs the right on each of them', async () => {
    // Rows of old databases can differ where their sites share a client.
    const half = await s.extraRow({ siteId: first, role: 'admin' });
    const somebody = await s.person({ at: { [first]: 'member' } });
    expect(refusal(await s.put(half, at(somebody, first), { role: 'editor' }))).toEqual([
      403,
      'role-not-grantable',
      'role',
    ]);
    expect(refusal(await s.post(half, users(first), { email: 'half@example.org', role: 'member' }))).toEqual([
      403,
      'role-not-grantable',
      'role',
    ]);
    expect((await s.put(half, at(somebody, first), { city: 'Elburg' })).status).toBe(200);

    // A token of one of them is a member's at the other, whoever has it.
    const whole = await s.person({ at: { [first]: 'admin', [second]: 'admin' } });
    expect(refusal(await s.put(whole.at[first]!, at(somebody, first), { role: 'editor' }))).toEqual([
      403,
      'role-not-grantable',
      'role',
    ]);
    expect((await s.put('admin', at(somebody, first), { role: 'editor' })).body.role).toBe('editor');
  });
});

describe('a role at the OAuth server', () => {
  test('counts for the rows whose site uses its client, and there an absent one means member when e-mail or phone is known, else anonymous', async () => {
    const somebody = await s.person({ at: { 1: 'editor', 2: 'moderator', 3: 'member' }, columns: {} });
    const blank = await s.extraRow({ siteId: 4, personId: somebody.id, role: 'editor', email: somebody.email });
    // Their row ids: 1 = admin at client 1.
    await writeThere(s.world, somebody.externalId, { roles: { 1: 1 } });

    const answer = await s.get('admin', at(somebody), { 'cache-control': 'no-cache' });
    expect(answer.body.role).toBe('admin');
    expect([(await s.row(somebody.at[2]!))?.role, (await s.row(somebody.at[3]!))?.role]).toEqual([
      'moderator',
      'member',
    ]);
    expect((await s.row(blank))?.role).toBe('member');
  });

  test('of somebody of whom neither address nor phone is known is anonymous where they have none', async () => {
    const somebody = await s.person({ at: { 1: 'member' } });
    const row = await s.extraRow({ siteId: 4, personId: somebody.id, role: 'member' });
    await writeThere(s.world, somebody.externalId, { email: null, phoneNumber: null });
    await s.get('admin', at(somebody), { 'cache-control': 'no-cache' });
    expect((await s.row(row))?.role).toBe('anonymous');
  });
});

describe('the OAuth server is called', () => {
  test('with the credentials of any site of the issuer, where those of a site are wrong', async () => {
    // Site 7 has a wrong secret.
    const somebody = await s.person({ at: { 1: 'member' } });
    const row = await s.extraRow({ siteId: 7, personId: somebody.id, email: somebody.email });
    const answer = await s.put('admin', user(7, row), { city: 'Via een ander' });
    expect([200, 502]).toContain(answer.status);
    expect((await s.row(row))?.city).toBe(answer.status === 200 ? 'Via een ander' : null);
    expect((await s.put('admin', at(somebody), { city: 'Via een' })).body.city).toBe('Via een');
    expect((await s.row(row))?.city).toBe('Via een');
  });

  test('never with an empty address, which lists a thousand people', async () => {
    s.world.oauth.proxy.forgetCalls();
    for (const email of ['', ' ', null]) expect((await s.post('admin', users(1), { email })).status).toBe(422);
    expect(s.world.oauth.proxy.calls(/users/)).toBe(0);
  });

  test('and its words, its password hashes and our secrets are in no answer and no log', async () => {
    const somebody = await s.person({ at: { 1: 'member' } });
    await s.post('admin', users(2), { email: somebody.email });
    const [hash] = /\$2[aby]\$[^"]+/.exec(JSON.stringify(s.world.oauth.server.people())) ?? ['$2b$'];
    expect(s.world.log()).not.toContain(hash);
    expect(s.world.log()).not.toContain('peer-secret');
    expect(s.world.log()).not.toContain(somebody.email);
    expect(s.world.log()).not.toContain('Dorpsstraat');
  });
});
