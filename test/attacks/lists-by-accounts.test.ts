import { backOfficeOf, type BackOffice } from '../journeys/sentences/support/back-office.ts';
import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { servedDuring } from './support/served-during.ts';

/**
 * A large site with thirty accounts in one hand, and one person who has logged in at thirty sites. People of another site, its back
 * office, and the moderator of that very site ask for lists of their own.
 */
const [hostile, other, many, accounts] = [11, 12, 3000, 30] as const;
const sites = Array.from({ length: accounts }, (_none, at) => 100 + at);
let s: SentenceWorld;
let theirs: readonly number[];
let rowsOfOne: readonly number[];
let [moderator, ownModerator] = [0, 0];
let office: BackOffice;
const accountAt = async (site: number, role: 'member' | 'moderator'): Promise<number> => {
  const id = (await s.person({ at: { [site]: role } })).at[site] ?? 0;
  await s.world.token(id);
  return id;
};
beforeAll(async () => {
  s = await startSentences({
    ...{ [hostile]: {}, [other]: {} },
    ...Object.fromEntries(sites.map((id) => [id, { client: 13 }])),
  });
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
  const made: number[] = [];
  for (let at = 0; at < accounts; at += 1) made.push(await accountAt(hostile, 'member'));
  theirs = made;
  const one = await s.person({ at: Object.fromEntries(sites.map((id) => [id, 'member' as const])) });
  rowsOfOne = Object.values(one.at);
  for (const id of rowsOfOne) await s.world.token(id);
  moderator = await accountAt(other, 'moderator');
  ownModerator = await accountAt(hostile, 'moderator');
  office = await backOfficeOf(s, [other]);
});
afterAll(() => s.close());

interface Attack {
  readonly by?: readonly number[];
  /** Of which site they want lists. */
  readonly at?: number;
}
/** While the accounts want lists. */
const answeredDuring = (ask: () => Promise<{ readonly status: number }>, { by = theirs, at = hostile }: Attack = {}) =>
  servedDuring(
    by.map((id) => () => s.get(id, `${users(at)}?page=10&sort=updatedAt_desc`)),
    accounts,
    ask,
  );
const all = Array<number>(5).fill(200);

test('thirty accounts of one site do not stand before a list of another', async () => {
  const { statuses, fewest } = await answeredDuring(() => s.get(moderator, `${users(other)}?page=0&sort=lastName_asc`));
  expect(statuses).toEqual(all);
  expect(fewest).toBeLessThan(accounts / 2);
});

test('nor where they ask for the lists of that very site', async () => {
  const { statuses, fewest } = await answeredDuring(
    () => s.get(moderator, `${users(other)}?page=0&sort=lastName_asc`),
    { at: other },
  );
  expect(statuses).toEqual(all);
  expect(fewest).toBeLessThan(accounts / 2);
});

test('nor before the list of people of a back office', async () => {
  const { statuses, fewest } = await answeredDuring(() => office.call('admin', 'GET', '/api/v1/users?page=102'));
  expect(statuses).toEqual(all);
  expect(fewest).toBeLessThan(accounts / 2);
});

test('nor before the moderator of their own site', async () => {
  const { statuses, fewest } = await answeredDuring(() =>
    s.get(ownModerator, `${users(hostile)}?page=0&sort=lastName_asc`),
  );
  expect(statuses).toEqual(all);
  expect(fewest).toBeLessThan(accounts / 2);
});

test('one person who has logged in at thirty sites does not stand thirty times before a list of another', async () => {
  const { statuses, fewest } = await answeredDuring(
    () => s.get(moderator, `${users(other)}?page=0&sort=lastName_asc`),
    {
      by: rowsOfOne,
    },
  );
  expect(statuses).toEqual(all);
  expect(fewest).toBeLessThan(accounts / 2);
});
