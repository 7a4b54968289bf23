import { leases } from '../../src/db/leases.ts';
import { onBehalfOf } from '../../src/platform/turns.ts';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { anId } from '../support/builders.ts';
import { openTestDatabase, quiet, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { until } from '../support/until.ts';

/** Several who want one lease in one process, on a real database. */
let test: TestDatabase;
let database: Database;
let statements = 0;
beforeAll(async () => {
  test = await openTestDatabase();
  database = openDatabase({ url: test.url, log: quiet, onStatement: () => (statements += 1) });
});
afterAll(async () => {
  await database.close();
  await test.close();
});

/** Works under one lease, for callers of sites, that end when they are told to; `order`: as they came to work. */
const stage = () => {
  const withLease = leases(database, { clock: fakeClock(), log: quiet, oauthTimeLimitMs: 3000 });
  const name = `lease-${anId()}`;
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const wants = (site: string, caller: string, patienceMs?: number): Promise<string> =>
    onBehalfOf({ site, caller, ...(patienceMs === undefined ? {} : { patienceMs }) }, () =>
      withLease(name, async () => {
        order.push(caller);
        await new Promise<void>((resolve) => ends.push(resolve));
        return caller;
      }),
    );
  const at = (count: number): Promise<void> => until('a work has begun', () => order.length === count);
  const endAll = async (count: number): Promise<void> => {
    for (let ended = 0; ended < count; ended += 1) {
      await at(ended + 1);
      ends[ended]?.();
    }
  };
  return { wants, order, at, endAll };
};

it('goes round by site and by caller: whoever comes to many waits for one of each', async () => {
  const { wants, order, at, endAll } = stage();
  const first = wants('11', 'moderator');
  await at(1);
  const others = [
    ...Array.from({ length: 10 }, () => wants('11', 'moderator')),
    ...Array.from({ length: 10 }, (_none, index) => wants('11', `friend ${index}`)),
    wants('12', 'victim'),
  ];
  await endAll(22);
  expect(await Promise.all([first, ...others])).toHaveLength(22);
  // The one at work, the one that is next already, and one of the other site.
  expect(order.indexOf('victim')).toBe(3);
  expect(order.indexOf('friend 0')).toBeLessThan(5);
});

it('takes so many of one caller, and so many of one site: whoever has most there is told to come back at once', async () => {
  const { wants, at, endAll, order } = stage();
  const first = wants('11', 'moderator');
  await at(1);
  const next = wants('11', 'moderator');
  const waiting = Array.from({ length: 20 }, () => wants('11', 'moderator'));
  await expect(wants('11', 'moderator')).rejects.toMatchObject({ code: 'busy', facts: { retryAfterSeconds: 2 } });
  const friends = Array.from({ length: 80 }, (_none, index) => wants('11', `friend ${index}`));
  // Whoever has most waiting loses what they asked for last.
  const oneMore = wants('11', 'one more');
  await expect(waiting.pop()).rejects.toMatchObject({ code: 'busy' });
  const victim = wants('12', 'victim');
  await endAll(103);
  expect(await Promise.all([first, next, ...waiting, ...friends, oneMore, victim])).toHaveLength(103);
  expect(order.indexOf('victim')).toBe(3);
});

it('is asked of the database by whoever is next only, and not while this process holds it', async () => {
  const { wants, at, endAll } = stage();
  const first = wants('11', 'moderator');
  await at(1);
  statements = 0;
  const others = Array.from({ length: 15 }, () => wants('11', 'moderator'));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(statements).toBe(0);
  await endAll(16);
  await Promise.all([first, ...others]);
  // To take it (two, where the row is gone) and to give it back.
  expect(statements).toBeLessThanOrEqual(16 * 3);
});

it('is waited for no longer than whoever comes again by themselves wants', async () => {
  const { wants, at, endAll } = stage();
  const first = wants('11', 'moderator');
  await at(1);
  await expect(wants('ourselves', 'outbox', 50)).rejects.toMatchObject({ code: 'busy' });
  await endAll(1);
  expect(await first).toBe('moderator');
});
