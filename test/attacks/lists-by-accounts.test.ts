import { backOfficeOf, type BackOffice } from '../journeys/sentences/support/back-office.ts';
import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** A large site with thirty accounts in one hand. People of another site, and its back office, ask for lists of their own. */
const [hostile, other, many, accounts] = [11, 12, 3000, 30] as const;
let s: SentenceWorld;
let theirs: number[];
let moderator: number;
let office: BackOffice;
beforeAll(async () => {
  s = await startSentences({ [hostile]: {}, [other]: {} });
  const now = Date.now();
  const rows = (siteId: number, from: number, count: number) =>
    Array.from({ length: count }, (_none, index) => ({
      ...{ id: from + index, siteId, role: 'member', complete: true, slot: 0, profileWithheld: false },
      ...{ extraData: {}, listableByRole: 'all', lastLogin: new Date(now), createdAt: new Date(now) },
      ...{ updatedAt: new Date(now - (((from + index) * 7919) % 1e9)), firstName: 'A', lastName: `B${index % 97}` },
    }));
  for (let at = 0; at < many; at += 500)
    await s.world.container.database.rows.users.bulkCreate(rows(hostile, 1_000_000 + at, 500));
  await s.world.container.database.rows.users.bulkCreate(rows(other, 2_000_000, 300));
  theirs = [];
  for (let at = 0; at < accounts; at += 1) {
    const id = (await s.person({ at: { [hostile]: 'member' } })).at[hostile] ?? 0;
    await s.world.token(id);
    theirs.push(id);
  }
  moderator = (await s.person({ at: { [other]: 'moderator' } })).at[other] ?? 0;
  await s.world.token(moderator);
  office = await backOfficeOf(s, [other]);
});
afterAll(() => s.close());

/** How many lists of the accounts are answered while this is, in each of some rounds; all of them ask again and again. */
const answeredDuring = async (ask: () => Promise<{ readonly status: number }>, at: number = hostile) => {
  let answered = 0;
  let isOver = false;
  const attack = theirs.flatMap((id) =>
    Array.from({ length: 2 }, async () => {
      while (!isOver) {
        await s.get(id, `${users(at)}?page=10&sort=updatedAt_desc`);
        answered += 1;
      }
    }),
  );
  const statuses: number[] = [];
  const meanwhile: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    // Each account has had its turn, and waits again.
    const from = answered;
    while (answered < from + accounts) await new Promise(setImmediate);
    const before = answered;
    statuses.push((await ask()).status);
    meanwhile.push(answered - before);
  }
  isOver = true;
  await Promise.all(attack);
  return { statuses, fewest: Math.min(...meanwhile) };
};
const all = Array<number>(5).fill(200);

test('thirty accounts of one site do not stand before a list of another', async () => {
  const { statuses, fewest } = await answeredDuring(() => s.get(moderator, `${users(other)}?page=0&sort=lastName_asc`));
  expect(statuses).toEqual(all);
  expect(fewest).toBeLessThan(accounts / 2);
});

test('nor where they ask for the lists of that very site', async () => {
  const { statuses, fewest } = await answeredDuring(
    () => s.get(moderator, `${users(other)}?page=0&sort=lastName_asc`),
    other,
  );
  expect(statuses).toEqual(all);
  expect(fewest).toBeLessThan(accounts / 2);
});

test('nor before the list of people of a back office', async () => {
  const { statuses, fewest } = await answeredDuring(() => office.call('admin', 'GET', '/api/v1/users?page=102'));
  expect(statuses).toEqual(all);
  expect(fewest).toBeLessThan(accounts / 2);
});
