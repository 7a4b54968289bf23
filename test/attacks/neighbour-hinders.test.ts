import { sql, type Sql } from '../../src/db/sql.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';

/**
 * Staff of one site, who add people of another by their address: what they write, and what their site wants, is in the way of
 * nobody elsewhere. Source: oauth-server.md §1, anonymization.md §4 and §5.
 */
const [hostile, theirs, allOrNothing, afterPreview] = [11, 12, 16, 17] as const;
const manyKeys = (count: number, value: unknown): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_none, at) => [`k${at}`, value])) as JsonObject;
let s: SentenceWorld;
let neighbour: Somebody;
beforeAll(async () => {
  s = await startSentences({
    [hostile]: { config: { users: { extraData: manyKeys(250, { sitespecific: true }) } } },
    [theirs]: { config: { users: { allowUseOfNicknames: true } } },
    [allOrNothing]: { config: { anonymize: { requireComplete: true } } },
    [afterPreview]: { config: { anonymize: { requirePreview: true } } },
  });
  const at = { [hostile]: 'moderator', [allOrNothing]: 'moderator', [afterPreview]: 'moderator' } as const;
  neighbour = await s.person({ at });
});
afterAll(() => s.close());

const add = (siteId: number, email: string, extraData?: JsonObject) =>
  s.post(neighbour.at[siteId]!, users(siteId), { email, ...(extraData === undefined ? {} : { extraData }) });
const added = async (siteId: number, { email }: Somebody, extraData?: JsonObject): Promise<number> => {
  const { status, body, text } = await add(siteId, email, extraData);
  if (status !== 201) throw new Error(text);
  return body.id as number;
};
const keysThere = ({ externalId }: Somebody): number => Object.keys(s.there(externalId)?.extraData ?? {}).length;

describe('used up the keys that all sites have of a person', () => {
  const own: readonly (readonly [string, JsonObject])[] = [
    ['a nick name', { nickName: 'Noortje' }],
    ['who sees their details', { detailsViewableByRole: 'admin' }],
    ['who finds them in lists', { listableByRole: 'all' }],
    ['a value for all sites', { extraData: { hobby: 'Korfbal' } }],
    ['a value of their site', { extraData: { bio: 'Bio' } }],
  ];
  test.each([
    ['as they were added', true],
    ['once they were added', false],
  ])('%s: they and their site write as ever', async (_when, isByPost) => {
    const victim = await s.person({ at: { [theirs]: 'member' } });
    const values = manyKeys(200, 1);
    const id = await added(hostile, victim, isByPost ? values : undefined);
    if (!isByPost)
      expect((await s.put(neighbour.at[hostile]!, user(hostile, id), { extraData: values })).status).toBe(200);
    expect(keysThere(victim)).toBe(200);

    for (const [what, change] of own) {
      const answer = await s.put(victim.at[theirs]!, user(theirs, victim.at[theirs]!), change);
      expect([what, answer.status]).toEqual([what, 200]);
      expect(answer.body).toMatchObject(change);
    }
  });

  test('and has no more than its share: 200 of its own, beside 200 that all sites share', async () => {
    const one = await s.person({
      at: { [hostile]: 'member' },
      extraData: manyKeys(200, [{ value: 1, siteId: hostile }]),
    });
    const path = user(hostile, one.at[hostile]!);
    const put = (extraData: JsonObject) => s.put(neighbour.at[hostile]!, path, { extraData });
    const shared = Object.fromEntries(Array.from({ length: 200 }, (_none, at) => [`all${at}`, 1]));

    const answers = [await put({ k200: 1 }), await put(shared), await put({ more: 1 }), await put({ k0: 2, all0: 2 })];

    expect(answers.map(({ status, body }): unknown[] => [status, body.errors?.[0].detail])).toEqual([
      [422, 'would hold over 200 keys of this site'],
      [200, undefined],
      [422, 'would hold over 200 keys that all sites share'],
      [200, undefined],
    ]);
    // The fields of a user that each site has of its own are never in the way, nor hindered.
    expect((await s.put(one.at[hostile]!, path, { listableByRole: 'all', gender: 'female' })).status).toBe(200);
  });
});

describe('filled a record that was nearly full', () => {
  /** Of sites that are not the neighbour's. */
  const fullBy = (bytes: number): JsonObject =>
    Object.fromEntries(
      Array.from({ length: 12 }, (_none, at) => [`z${at}`, [{ siteId: theirs, value: 'x'.repeat(bytes) }]]),
    );
  const bio = { bio: 'y'.repeat(7900) };
  test.each([
    ['90 kB', 7600],
    ['what the OAuth server takes', 7960],
    ['all that it takes by now', 8500],
  ])('to over %s, and learned of it: it is as somebody new, and their record as it was', async (_what, bytes) => {
    const victim = await s.person({ at: { [theirs]: 'member' }, extraData: {} });
    s.world.oauth.server.overwrite(victim.externalId, { extraData: JSON.stringify(fullBy(bytes)) });
    const before = s.there(victim.externalId)?.extraData;

    const [known, fresh] = [
      await add(hostile, victim.email, bio),
      await add(hostile, `nieuw${bytes}@example.org`, bio),
    ];

    expect([known.status, fresh.status]).toEqual([201, 201]);
    expect([known.body.extraData, fresh.body.extraData]).toEqual([bio, bio]);
    expect(s.there(victim.externalId)?.extraData).toEqual(before);
    for (const change of [{ extraData: { bio: 'z'.repeat(7900) } }, { gender: 'male' }, { extraData: { bio: null } }]) {
      const answers: Answer[] = [];
      for (const { body } of [known, fresh])
        answers.push(await s.put(neighbour.at[hostile]!, user(hostile, body.id as number), change));
      const [ofKnown, ofFresh] = answers.map(({ status, body }): unknown[] => [status, body.gender, body.extraData]);
      expect(ofKnown).toEqual([200, ...ofFresh!.slice(1)]);
    }
  });

  test('also where an earlier row of the neighbour left something: that goes', async () => {
    const left = { bio: [{ siteId: hostile, value: 'Van vroeger' }] };
    const victim = await s.person({ at: { [theirs]: 'member' }, extraData: { ...fullBy(7600), ...left } });

    await added(hostile, victim, bio);

    expect(s.there(victim.externalId)?.extraData).toEqual(fullBy(7600));
  });
});

describe('made a record that is within all bytes and keys, and too many parts to be read', () => {
  const items = (count: number): readonly number[] => Array.from({ length: count }, () => 1);
  const anew = { 'cache-control': 'no-cache' };

  test('it is refused naming the key, so they are shown and write as ever', async () => {
    const victim = await s.person({ at: { [hostile]: 'member', [theirs]: 'member' } });
    const put = (extraData: JsonObject) =>
      s.put(neighbour.at[hostile]!, user(hostile, victim.at[hostile]!), { extraData });
    const wishes = [{ a: items(9900) }, { b: items(6400) }, { k0: items(4070) }, { k1: { deep: items(599) } }];
    const answers: Answer[] = [];
    for (const wish of wishes) answers.push(await put(wish));

    const path = user(theirs, victim.at[theirs]!);
    expect((await s.get('admin', path, anew)).status).toBe(200);
    expect((await s.put(victim.at[theirs]!, path, { extraData: { hobby: 'Korfbal' } })).status).toBe(200);
    expect(answers.map(({ status, body }): unknown[] => [status, body.errors?.[0]])).toEqual([
      [422, { pointer: '/extraData/a', detail: 'would hold over 4000 keys and list items that all sites share' }],
      [422, { pointer: '/extraData/b', detail: 'would hold over 4000 keys and list items that all sites share' }],
      [422, { pointer: '/extraData/k0', detail: 'would hold over 600 keys and list items of this site' }],
      [422, { pointer: '/extraData/k1', detail: 'would hold over 600 keys and list items of this site' }],
    ]);
  });

  test('what has more already may only become less', async () => {
    const one = await s.person({
      at: { [hostile]: 'member' },
      extraData: { a: items(9000), k0: [{ value: items(700), siteId: hostile }] },
    });
    const put = (extraData: JsonObject) =>
      s.put(neighbour.at[hostile]!, user(hostile, one.at[hostile]!), { extraData });
    const wishes = [{ more: 1 }, { k1: 1 }, { a: items(8000) }, { k0: items(650) }, { a: items(3999), k0: items(599) }];
    const answers: Answer[] = [];
    for (const wish of wishes) answers.push(await put(wish));

    expect(answers.map(({ status, body }): unknown[] => [status, body.errors?.[0].pointer])).toEqual([
      [422, '/extraData/more'],
      [422, '/extraData/k1'],
      ...[200, 200, 200].map((status) => [status, undefined]),
    ]);
  });

  test('nor of somebody who was added: what fits no more stays in the row, and nothing is told of it', async () => {
    const fullBy = (count: number): JsonObject =>
      Object.fromEntries(
        Array.from({ length: 12 }, (_none, at) => [`z${at}`, [{ siteId: theirs, value: items(count) }]]),
      );
    const victim = await s.person({ at: { [theirs]: 'member' }, extraData: fullBy(990) });
    const bio = { bio: items(590) };

    const [known, fresh] = [await add(hostile, victim.email, bio), await add(hostile, 'delen@example.org', bio)];

    expect([known, fresh].map(({ status, body }): unknown[] => [status, body.extraData])).toEqual([
      [201, bio],
      [201, bio],
    ]);
    expect(s.there(victim.externalId)?.extraData).toEqual(fullBy(990));
    for (const { body } of [known, fresh]) {
      const answer = await s.put(neighbour.at[hostile]!, user(hostile, body.id as number), {
        extraData: { bio: items(601) },
      });
      expect([answer.status, answer.body.errors?.[0].pointer]).toEqual([422, '/extraData/bio']);
    }
  });
});

describe('kept somebody from being forgotten', () => {
  const change = (statement: Sql) => s.world.container.database.change(statement);
  beforeAll(() => change(sql`CREATE TABLE enquete (id INTEGER PRIMARY KEY, userId INTEGER, email VARCHAR(255))`));
  afterAll(() => change(sql`DROP TABLE enquete`));

  test.each([allOrNothing, afterPreview])('by a wish of site %i, where they never came', async (siteId) => {
    for (const who of ['themselves', 'admin'] as const) {
      const victim = await s.person({ at: { [theirs]: 'member' } });
      const id = await added(siteId, victim);
      // What is undeclared is looked for once.
      await s.beside({}, async (url) => {
        const call = s.world.at(url);
        const caller = who === 'admin' ? who : victim.at[theirs]!;
        const path = user(theirs, victim.at[theirs]!);
        const plan = await call(caller, 'GET', `${path}/will-anonymizeall?view=summary`);
        const done = await call(caller, 'PUT', `${path}/do-anonymizeall?view=summary`);
        expect([who, plan.status, refusal(done)]).toEqual([who, 200, [200]]);
      });
      expect((await s.row(id))?.anonymizedAt).toEqual(expect.any(Date));
    }
  });

  test.each([allOrNothing, afterPreview])(
    'by a wish of site %i, where they were deleted and nobody asks',
    async (siteId) => {
      const moderator = await s.person({ at: { [theirs]: 'moderator' } });
      for (const isOwner of [false, true]) {
        const victim = await s.person({ at: { [theirs]: 'member', [siteId]: 'member' } });
        await s.touch('users', victim.at[siteId]!, { deletedAt: new Date('2024-01-01T00:00:00Z') });
        const caller = (isOwner ? victim : moderator).at[theirs]!;
        await s.beside({}, async (url) => {
          const call = s.world.at(url);
          const path = user(theirs, victim.at[theirs]!);
          const plan = await call(caller, 'GET', `${path}/will-anonymize?view=summary`);
          const done = await call(caller, 'PUT', `${path}/do-anonymize?view=summary`);
          expect([isOwner, plan.status, refusal(done)]).toEqual([isOwner, 200, [200]]);
        });
        expect((await s.row(victim.at[siteId]!))?.anonymizedAt).toEqual(expect.any(Date));
      }
    },
  );

  test.each([
    [allOrNothing, [409, 'incomplete']],
    [afterPreview, [428]],
  ])('by a wish of site %i, where they have been: that counts', async (siteId, refused) => {
    const one = await s.person({ at: { [theirs]: 'member', [siteId]: 'member' } });
    await s.beside({}, async (url) => {
      const path = user(theirs, one.at[theirs]!);
      const done = await s.world.at(url)('admin', 'PUT', `${path}/do-anonymizeall?view=summary`);
      expect(refusal(done)).toEqual(refused);
    });
  });
});
