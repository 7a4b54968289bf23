import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { asking, hangUp, statusAlone } from './support/asking.ts';
import { statementsAtRest } from './support/at-rest.ts';

/** One fixed token serves the frontends of two sites. That of the first asks for all that it can. */
const [busy, other, many] = [11, 12, 3000] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [busy]: {}, [other]: {} });
  const now = Date.now();
  const rows = (siteId: number, from: number, count: number) =>
    Array.from({ length: count }, (_none, index) => ({
      ...{ id: from + index, siteId, role: 'member', complete: true, slot: 0, profileWithheld: false },
      ...{ extraData: { bio: 'x'.repeat(2000) }, listableByRole: 'all', lastLogin: new Date(now) },
      ...{ createdAt: new Date(now), updatedAt: new Date(now - (((from + index) * 7919) % 1e9)) },
      ...{ firstName: 'A', lastName: `B${index % 97}` },
    }));
  for (let at = 0; at < many; at += 500)
    await s.world.container.database.rows.users.bulkCreate(rows(busy, 1_000_000 + at, 500));
  await s.world.container.database.rows.users.bulkCreate(rows(other, 2_000_000, 300));
});
afterAll(() => s.close());

test('a site whose program asks for sorted lists without end keeps the frontend of another from none', async () => {
  let [answered, isOver] = [0, false];
  const attack = Array.from({ length: 40 }, async () => {
    while (!isOver) {
      await s.get('moderator', `${users(busy)}?page=10&sort=updatedAt_desc`);
      answered += 1;
    }
  });
  const statuses: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const from = answered;
    while (answered < from + 40) await new Promise(setImmediate);
    statuses.push((await s.get('moderator', `${users(other)}?page=0&sort=lastName_asc`)).status);
  }
  isOver = true;
  await Promise.all(attack);
  expect(statuses).toEqual(Array<number>(5).fill(200));
});

afterEach(hangUp);

test('nor do lists that it reads no further', async () => {
  const before = s.world.statements();
  const asks = () => asking(s.world.url, users(busy), 'X-Authorization: fixed-moderator');
  for (let at = 0; at < 20; at += 1) asks();
  await statementsAtRest(s.world, before);
  expect(await statusAlone(asks())).toBe('429');
  expect((await s.get('moderator', `${users(other)}?page=0&pageSize=200`)).status).toBe(200);
});
