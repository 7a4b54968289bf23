import type { JsonObject } from '../../../src/domain/json.ts';
import { writeThere, type Somebody } from './support/people.ts';
import { startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §4 "Site-specific data". */
const [here, there, strict] = [11, 12, 13];
let s: SentenceWorld;
beforeAll(async () => {
  const keys = {
    own: { sitespecific: true },
    dashed: { 'site-specific': true },
    shared: {},
    bio: {},
    expertise: { sitespecific: false },
    forMembers: { auth: { viewableBy: 'member' } },
    forOwner: { auth: { viewableBy: ['owner', 'editor'], updateableBy: 'owner' } },
    forAdmins: { auth: { updateableBy: ['admin'] } },
    mistyped: { auth: { viewableBy: 'everybody' } },
    choice: { values: ['a', 'b', null] },
    list: { type: 'array' },
    size: { type: 'number' },
  };
  s = await startSentences({
    [here]: { config: { users: { extraData: keys } } },
    [there]: { config: { users: { extraData: keys } } },
    [strict]: { config: { users: { extraDataMustBeDefined: true, extraData: { known: {} } } } },
  });
});
afterAll(() => s.close());

const both = { [here]: 'member', [there]: 'member' } as const;
const at = (somebody: Somebody, site = here) => user(site, somebody.at[site]!);
const raw = (somebody: Somebody) => s.there(somebody.externalId)?.extraData;
const seen = async (somebody: Somebody, site = here): Promise<JsonObject> =>
  (await s.get(somebody.at[site]!, at(somebody, site))).body.extraData as JsonObject;
const write = (somebody: Somebody, extraData: unknown, site = here) =>
  s.put(somebody.at[site]!, at(somebody, site), { extraData });

describe('read for a site is', () => {
  test('its own value, else the plain one, else nothing', async () => {
    const one = await s.person({
      at: both,
      extraData: {
        bio: ['Bio van Niels', { value: 'Bio van Niels op site 2', siteId: there }],
        own: [{ value: 'daar', siteId: there }],
      },
    });
    expect([await seen(one), await seen(one, there)]).toEqual([
      { bio: 'Bio van Niels' },
      { bio: 'Bio van Niels op site 2', own: 'daar' },
    ]);
  });

  test.each([
    ['by sitespecific: true', 'own', true],
    ['by "site-specific": true', 'dashed', true],
    ['bio by default', 'bio', true],
    ['not what the config says is not', 'expertise', false],
    ['nor what is defined without a word of it', 'shared', false],
    ['nor what is not defined', 'undefinedKey', false],
  ])('per site %s', async (_why, key, isSiteSpecific) => {
    const one = await s.person({ at: both, extraData: { [key]: ['overal', { value: 'daar', siteId: there }] } });
    expect([(await seen(one))[key], (await seen(one, there))[key]]).toEqual([
      'overal',
      isSiteSpecific ? 'daar' : 'overal',
    ]);
  });

  test.each([
    ['an ordinary list', ['a', 'b'], ['a', 'b']],
    ['an empty list', [], []],
    ['a list with objects', [{ id: 1 }], [{ id: 1 }]],
    ['a plain null', null, undefined],
    ['a null of this site', ['overal', { value: null, siteId: here }], 'overal'],
    ['false', false, false],
    ['0', 0, 0],
    ['an empty text', '', ''],
    ['a value of another site only', [{ value: 'geheim', siteId: 1 }], undefined],
  ])('%s as it stands', async (_what, value, expected) => {
    const one = await s.person({ at: both, extraData: { own: value } });
    expect((await seen(one))['own']).toEqual(expected);
  });

  test('never the values of other sites, nor the five fields that live per site', async () => {
    const one = await s.person({
      at: both,
      extraData: {
        own: ['x', { value: 'geheim', siteId: there }],
        nickName: [{ value: 'geheim', siteId: here }],
        gender: 'geheim',
      },
    });
    for (const who of [one.at[here]!, 'admin'])
      expect(JSON.stringify((await s.get(who, at(one))).body.extraData)).not.toContain('geheim');
  });
});

describe('a write for a site', () => {
  let one: Somebody;
  beforeEach(async () => {
    one = await s.person({
      at: both,
      extraData: {
        own: ['plain', { value: 'daar', siteId: there }],
        shared: ['plain', { value: 'oud', siteId: there }],
      },
    });
  });

  test("sets that site's entry and touches no other", async () => {
    expect((await write(one, { own: 'hier' })).body.extraData.own).toBe('hier');
    expect(raw(one)?.['own']).toEqual(['plain', { value: 'daar', siteId: there }, { value: 'hier', siteId: here }]);
    expect((await seen(one, there))['own']).toBe('daar');
  });

  test('of null removes the entry, so that the plain value shows again; when nothing is left the key goes', async () => {
    await write(one, { own: 'hier', bio: 'alleen hier' });
    const { body } = await write(one, { own: null, bio: null });
    expect(body.extraData).toMatchObject({ own: 'plain' });
    expect([raw(one)?.['own'], 'bio' in raw(one)!, 'bio' in body.extraData]).toEqual([
      ['plain', { value: 'daar', siteId: there }],
      false,
      false,
    ]);
  });

  test.each(['', 0, false, [], ['a', 'b'], {}, { a: { b: 1 } }])('takes %j for a value', async (value) => {
    expect((await write(one, { own: value, shared: value })).body.extraData).toMatchObject({
      own: value,
      shared: value,
    });
    expect((await seen(one, there))['own']).toBe('daar');
  });

  test('replaces a key whole and leaves the keys that are not named', async () => {
    await write(one, { shared: { a: 1, b: 2 }, other: 'x' });
    expect((await write(one, { shared: { c: 3 } })).body.extraData).toEqual({
      own: 'plain',
      shared: { c: 3 },
      other: 'x',
    });
  });

  test('cannot change the plain value of a site-specific key, and replaces that of any other, every entry kept', async () => {
    await write(one, { own: 'hier', shared: 'nieuw' });
    expect(raw(one)).toMatchObject({ shared: ['nieuw', { value: 'oud', siteId: there }] });
    expect((raw(one)?.['own'] as unknown[])[0]).toBe('plain');
    await write(one, { shared: null });
    expect(raw(one)?.['shared']).toEqual([{ value: 'oud', siteId: there }]);
  });

  test('twice is once', async () => {
    await write(one, { own: 'hier', shared: 'nieuw' });
    const before = raw(one);
    const { writes } = await s.writesDuring(() => write(one, { own: 'hier', shared: 'nieuw' }));
    expect([writes, raw(one)]).toEqual([0, before]);
  });

  test('a plain value set at the OAuth server is the default of all sites', async () => {
    await writeThere(s.world, one.externalId, { extraData: { own: 'standaard' } });
    await s.get('admin', at(one), { 'cache-control': 'no-cache' });
    expect([await seen(one), await seen(one, there)]).toEqual([{ own: 'standaard' }, { own: 'standaard' }]);
  });

  test.each([
    [{ own: { siteId: here, value: 'x' } }, '/extraData/own'],
    [{ shared: ['x', { siteId: 1 }] }, '/extraData/shared'],
    [{ nickName: 'x' }, '/extraData/nickName'],
    [{ gender: 'male' }, '/extraData/gender'],
    [{ signedUpForNewsletter: true }, '/extraData/signedUpForNewsletter'],
    [{ listableByRole: 'all' }, '/extraData/listableByRole'],
    [{ detailsViewableByRole: null }, '/extraData/detailsViewableByRole'],
    [{ choice: 'c' }, '/extraData/choice'],
    [{ list: 'x' }, '/extraData/list'],
    [{ size: '7' }, '/extraData/size'],
  ])('is refused for %j: 422 naming it', async (extraData, pointer) => {
    for (const answer of [
      await write(one, extraData),
      await s.post('admin', users(here), { email: 'refused@example.org', extraData }),
    ]) {
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
    }
  });

  test.each(['{"__proto__":{"x":1}}', '{"constructor":1}', '{"a":{"prototype":1}}'])(
    'is refused for the key of its own meaning in %s: 422',
    async (extraData) => {
      const answer = await s.put('admin', at(one), `{"extraData":${extraData}}`);
      expect(answer.status).toBe(422);
    },
  );

  test('takes values and types that fit', async () => {
    expect((await write(one, { choice: 'a', list: [1], size: 7 })).body.extraData).toMatchObject({
      choice: 'a',
      list: [1],
      size: 7,
    });
    expect((await write(one, { choice: null, list: null })).status).toBe(200);
  });
});
