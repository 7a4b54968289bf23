import { once } from 'node:events';
import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { asking } from './support/asking.ts';
import { statementsAtRest } from './support/at-rest.ts';

/** What a site fills its rows with is held for nobody who does not read it. */
const [hostile, ordinary, first, many] = [11, 13, 700_000, 500] as const;
const boundless = 12;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({
    [hostile]: {},
    [ordinary]: {},
    [boundless]: { config: { anonymize: { maxListed: 1e9 } } },
  });
  const now = new Date();
  const large = Object.fromEntries(Array.from({ length: 38 }, (_none, at) => [`k${at}`, 'x"'.repeat(500)]));
  const rows = (siteId: number, from: number, count: number, extraData: object) =>
    Array.from({ length: count }, (_none, index) => ({
      ...{ id: from + index, siteId, role: 'member', complete: true, slot: 0, profileWithheld: false },
      ...{ extraData, listableByRole: 'all', lastLogin: now, createdAt: now, updatedAt: now },
      ...{ firstName: 'A', lastName: `B${String(index % 3)}` },
    }));
  for (let at = 0; at < many; at += 100)
    await s.world.container.database.rows.users.bulkCreate(rows(hostile, first + at, 100, large));
  await s.world.container.database.rows.users.bulkCreate(rows(ordinary, first + many, 200, {}));
});
afterAll(() => s.close());

const page = (query: string, site: number = hostile): string => `${users(site)}?${query}`;
const ids = Array.from({ length: many }, (_none, at) => first + at);
const idsOf = (body: { readonly records: readonly { readonly id: number }[] }): readonly number[] =>
  body.records.map(({ id }) => id);

test('a large page is what small ones are together', async () => {
  const whole = await s.get('admin', page('page=0&pageSize=1000'));
  expect([whole.status, idsOf(whole.body)]).toEqual([200, ids]);
  const [small, large] = [
    await s.get('admin', page('page=2&pageSize=50')),
    await s.get('admin', page('page=1&pageSize=100')),
  ];
  expect(idsOf(small.body)).toEqual(idsOf(large.body).slice(0, 50));
  expect(small.body.records[49]).toEqual(large.body.records[49]);
  expect(Object.keys(large.body)).toEqual(['metadata', 'records']);
  expect(Object.keys(large.body.metadata)).toEqual(Object.keys(small.body.metadata));
});

test.each(['sort=id_asc', 'sort=lastName_desc', 'filter={"lastName":"B3"}', 'sort=updatedAt_desc'])(
  'a walk in large pages gives everybody once, in order: %s',
  async (query) => {
    const everybody = (await s.get('admin', page(query, ordinary))).body as readonly { readonly id: number }[];
    const walked: number[] = [];
    for (let next: string | undefined = page(`page=0&pageSize=60&${query}`, ordinary); next !== undefined;) {
      const { body } = await s.get('admin', next);
      walked.push(...idsOf(body));
      next =
        body.metadata.cursor === undefined
          ? undefined
          : page(`cursor=${body.metadata.cursor}&pageSize=60&${query}`, ordinary);
    }
    expect(walked).toEqual(everybody.map(({ id }) => id));
  },
);

test('whoever does not read a large page has no more of it read from the database, and the rest when they do', async () => {
  const token = await s.world.token((await s.person({ at: { [hostile]: 'admin' } })).at[hostile] ?? 0);
  const before = s.world.statements();
  const socket = asking(s.world.url, page('page=0&pageSize=1000'), `X-Authorization: Bearer ${token}`);
  const held = await statementsAtRest(s.world, before);
  let size = 0;
  socket.on('data', (piece: Buffer) => (size += piece.length));
  socket.resume();
  await once(socket, 'close');
  expect(size).toBeGreaterThan(many * 38_000);
  expect(held).toBeLessThan(s.world.statements() - before);
});

test('a site raises no limit of how much an anonymization lists', async () => {
  const userId = (await s.person({ at: { [boundless]: 'member' } })).at[boundless] ?? 0;
  const ideaId = await s.idea({ siteId: boundless, userId });
  const at = new Date();
  for (let from = 0; from < 20_000; from += 2000)
    await s.world.container.database.rows.arguments.bulkCreate(
      Array.from({ length: 2000 }, (_none, index) => ({
        ...{ id: 900_000 + from + index, ideaId, userId, sentiment: 'for', description: 'x', parentId: null },
        ...{ createdAt: at, updatedAt: at, deletedAt: null },
      })),
    );
  const { status, body } = await s.put('admin', `${users(boundless)}/${userId}/will-anonymize`);
  expect([status, body.use]).toEqual([413, '?view=summary']);
});
