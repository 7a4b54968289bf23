import { personLeaseName } from '../../../src/use-cases/person-keys.ts';
import { until } from '../../support/until.ts';
import { roleIds, writeThere, type Somebody } from './support/people.ts';
import { refusal, startSentences, user, type SentenceWorld } from './support/world.ts';

/** user-api.md §3 "Update". */
let s: SentenceWorld;
/** Changed again and again; member at sites 1 and 2. */
let one: Somebody;
let path: string;
beforeAll(async () => {
  s = await startSentences({}, { leaseWaitMs: 120_000 });
  one = await s.person({ at: { 1: 'member', 2: 'member' } });
  path = user(1, one.at[1]!);
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const rows = async () => [await s.row(one.at[1]!), await s.row(one.at[2]!)];

describe('update', () => {
  test.each([
    ['nobody', null, [401]],
    ['anonymous', 'anonymous', [403, 'owner-or-moderator']],
    ['a member', 'member', [403, 'owner-or-moderator']],
    ['a moderator of another site only', 3, [403, 'owner-or-moderator']],
  ])('is for owner and mod, not for %s: nothing is written anywhere', async (who, actor, expected) => {
    const site = who.startsWith('a moderator') ? 2 : 1;
    const before = await rows();
    const { result, writes } = await s.writesDuring(() => s.put(actor, user(site, one.at[site]!), { city: 'Anders' }));
    expect([refusal(result), writes, await rows()]).toEqual([expected, 0, before]);
  });

  test('of a user of another site, a wrong id or an unknown site is 404', async () => {
    for (const wrong of [user(1, one.at[2]!), user(1, 8_000_000), user(99, one.at[1]!), user(1, 'x')]) {
      expect((await s.put('admin', wrong, { city: 'X' })).status).toBe(404);
    }
  });

  test('sets a value, leaves an absent key, clears by null and by an empty text', async () => {
    const first = await s.put('admin', path, { city: 'Ede', suffix: 'A', houseNumber: '1' });
    expect(first.body).toMatchObject({ city: 'Ede', suffix: 'A', houseNumber: '1', streetName: 'Dorpsstraat' });
    const second = await s.put('admin', path, { suffix: null, houseNumber: '' });
    expect(second.body).toMatchObject({ city: 'Ede', suffix: null, houseNumber: null });
    expect(s.there(one.externalId)).toMatchObject({ city: 'Ede', suffix: null, houseNumber: null });
  });

  test('writes all rows of the person, and the OAuth server', async () => {
    await s.put(one.at[1]!, path, { streetName: 'Overalweg', nickName: 'AlleenHier' });
    expect(await rows()).toMatchObject([
      { streetName: 'Overalweg', nickName: 'AlleenHier' },
      { streetName: 'Overalweg', nickName: null },
    ]);
    expect(s.there(one.externalId)).toMatchObject({
      streetName: 'Overalweg',
      extraData: { nickName: [{ value: 'AlleenHier', siteId: 1 }] },
    });
  });

  test('takes back what a client got, by anybody who may update, and writes nothing', async () => {
    for (const who of [one.at[1]!, 'moderator', 'editor', 'admin'] as const) {
      const { body } = await s.get(who, path);
      const { result, writes } = await s.writesDuring(() => s.put(who, path, body));
      expect([result.status, result.body, writes]).toEqual([200, body, 0]);
    }
  });

  test('of an empty body is an empty change, of none at all too', async () => {
    for (const body of ['', '{}', ' ']) {
      const { result, writes } = await s.writesDuring(() => s.put('admin', path, body));
      expect([result.status, writes]).toEqual([200, 0]);
    }
    expect((await s.put('admin', path)).status).toBe(200);
  });

  test('with one field that the actor may not write sets none of the others', async () => {
    const before = await rows();
    const { result, writes } = await s.writesDuring(() =>
      s.put('moderator', path, { city: 'Half', email: 'half@example.org' }),
    );
    expect([refusal(result), writes, await rows()]).toEqual([[403, 'field-not-writable', 'email'], 0, before]);
  });

  test.each([
    [{ gender: 'x' }, '/gender'],
    [{ firstName: 7 }, '/firstName'],
    [{ firstName: 'x'.repeat(65) }, '/firstName'],
    [{ postcode: '12345678901' }, '/postcode'],
    [{ zipCode: [] }, '/zipCode'],
    [{ signedUpForNewsletter: 'true' }, '/signedUpForNewsletter'],
    [{ listableByRole: 'owner' }, '/listableByRole'],
    [{ role: 'all' }, '/role'],
    [{ role: null }, '/role'],
    [{ email: 'nobody' }, '/email'],
    [{ extraData: [] }, '/extraData'],
    [{ extraData: null }, '/extraData'],
    [{ city: 'Ede 😀' }, '/city'],
    [{ extraData: { 'a/b~c': '😀' } }, '/extraData/a~1b~0c'],
  ])('with a wrong value %j is 422 naming it, before the OAuth server hears of it', async (body, pointer) => {
    s.world.oauth.proxy.forgetCalls();
    const answer = await s.put('admin', path, body);
    expect([answer.status, answer.body.errors[0].pointer, s.world.oauth.proxy.calls(/^POST/)]).toEqual([
      422,
      pointer,
      0,
    ]);
  });

  test('of an anonymized user is refused: 409', async () => {
    const { at } = await s.person({ at: { 1: 'member' } });
    await s.put('admin', `${user(1, at[1]!)}/do-anonymize`);
    expect(refusal(await s.put('admin', user(1, at[1]!), { city: 'X' }))).toEqual([409, 'already-anonymized']);
  });

  test('of a row without an external id calls nobody: it is its own truth', async () => {
    const id = await s.extraRow({ siteId: 1, city: 'Ede' });
    s.world.oauth.proxy.forgetCalls();
    const answer = await s.put('moderator', user(1, id), {
      city: 'Tiel',
      extraData: { hobby: 'x', bio: 'y' },
      nickName: 'Vrij',
    });
    expect(answer.body).toMatchObject({ city: 'Tiel', nickName: 'Vrij', extraData: { hobby: 'x', bio: 'y' } });
    expect([(await s.put('admin', user(1, id), { role: 'editor' })).body.role, s.world.oauth.proxy.calls()]).toEqual([
      'editor',
      0,
    ]);
    expect((await s.put('admin', user(1, id), { extraData: { hobby: null } })).body.extraData).toEqual({ bio: 'y' });
  });

  test('of one of several rows at a site changes them all', async () => {
    const twice = await s.person({ at: { 1: 'member' } });
    const slot = await s.extraRow({ siteId: 1, personId: twice.id, slot: 1, email: twice.email });
    await s.put('admin', user(1, slot), { city: 'Zeist' });
    expect([(await s.row(slot))?.city, (await s.row(twice.at[1]!))?.city]).toEqual(['Zeist', 'Zeist']);
  });

  test('merges with what others wrote at the OAuth server meanwhile', async () => {
    await writeThere(s.world, one.externalId, { extraData: { theirs: 'stays', bio: [{ value: 'twee', siteId: 2 }] } });
    const { body } = await s.put('admin', path, { extraData: { bio: 'een' } });
    expect(body.extraData).toEqual({ theirs: 'stays', bio: 'een' });
    expect(s.there(one.externalId)?.extraData).toMatchObject({
      theirs: 'stays',
      bio: [
        { value: 'twee', siteId: 2 },
        { value: 'een', siteId: 1 },
      ],
    });
  });

  test('that waited while the person came to another site hears their role there, too', async () => {
    const { ports } = s.world.container;
    const somebody = await s.person({ at: { 1: 'member' } });
    await writeThere(s.world, somebody.externalId, { roles: { 1: roleIds.member, 3: roleIds.editor } });
    const person = (await ports.persons.find(somebody.id))!;
    let put: ReturnType<typeof s.put> | undefined;

    const came = await ports.withLease(personLeaseName(ports.secrets, person), async () => {
      const before = s.world.statements();
      put = s.put('admin', user(1, somebody.at[1]!), { nickName: 'AlleenHier' });
      // Who asks, and the person with the rows that they have.
      await until('that they were read', () => s.world.statements() >= before + 2);
      return s.extraRow({ siteId: 3, personId: person.id, externalUserId: somebody.externalId });
    });

    expect(await put).toMatchObject({ status: 200, body: { nickName: 'AlleenHier' } });
    expect(await s.row(came)).toMatchObject({ role: 'editor', city: 'Utrecht' });
  });

  test('twenty at once of twenty keys: twenty keys survive, here and at the OAuth server', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
    const answers = await Promise.all(keys.map((key) => s.put('admin', path, { extraData: { [key]: key } })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const all = Object.fromEntries(keys.map((key) => [key, key]));
    expect([(await s.row(one.at[1]!))?.extraData, s.there(one.externalId)?.extraData]).toMatchObject([all, all]);
  });
});

/** Last, as the circuit to the OAuth server opens on the way. */
describe('if the OAuth server refuses or does not answer', () => {
  test.each([
    'json-500',
    'html-500',
    '401',
    'malformed-json',
    'redirect',
    'reset',
    'refuse',
    '429',
    'lose-reply',
  ] as const)('(%s): 502 or 504, 503 once its circuit is open, and nothing changed here', async (mode) => {
    // Somebody else each time: who may have been changed there is not given free at once.
    const { at } = await s.person({ at: { 1: 'member' } });
    await s.world.oauth.proxy.behave(mode, /^POST/);

    const answer = await s.put('admin', user(1, at[1]!), { city: 'Elders' });

    expect([502, 503, 504]).toContain(answer.status);
    if (answer.status === 503) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.text).not.toContain('Kaboom');
    expect((await s.row(at[1]!))?.city).toBe('Utrecht');
  });
});
