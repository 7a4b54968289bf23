import { setTimeout as pause } from 'node:timers/promises';
import { onBehalfOf } from '../../src/platform/turns.ts';
import { whileHeld } from './support/while-held.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Answer } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

/**
 * One caller has many changes wait for the same rows at once: a member who anonymizes themself with a plan that is none (412), an editor
 * who changes the title of their site. Each held a connection while it waited, and all others waited behind them, at every site.
 * Source: docs/reference/neighbours.md.
 */
const [ours, theirs] = [11, 12] as const;
const many = 40;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {} });
});
afterAll(() => s.close());

test.each([
  ['a member', 'member', (at: number) => s.put(at, `${user(ours, at)}/do-anonymize`, {}, { 'If-Match': '"none"' })],
  ['an editor', 'editor', (at: number) => s.put(at, `/api/site/${ours}`, { title: 'Bezig' })],
] as const)('%s who has many of them wait is in no visitor’s way at another site', async (_who, role, call) => {
  const busy = await s.person({ at: { [ours]: role } });
  const other = await s.person({ at: { [theirs]: 'member' } });
  const { ports } = s.world.container;
  const hold = async () => {
    await ports.users.person(busy.id, 'locked');
    await ports.sites.locked(ours);
  };
  // They are known, so that nothing is asked about them any more.
  await call(busy.at[ours]!);
  let calls: readonly Promise<Answer>[] = [];

  const seen = await whileHeld(s, hold, async () => {
    calls = Array.from({ length: many }, () => call(busy.at[ours]!));
    // They come to the lock one by one.
    const looks: number[] = [];
    for (let look = 0; look < 10; look += 1) {
      await pause(100);
      looks.push((await s.get(null, user(theirs, other.at[theirs]!))).status);
    }
    return looks;
  });

  await Promise.all(calls);
  expect(seen).toEqual(Array.from({ length: 10 }, () => 200));
});

test('whoever wants one change waits for few of somebody who wants many', async () => {
  const { ports } = s.world.container;
  const order: string[] = [];
  const wants = (site: string, caller: string): Promise<void> =>
    onBehalfOf({ site, caller, isVerified: true }, () =>
      ports.inOneTransaction(async () => {
        await ports.sites.locked(ours);
        order.push(caller);
      }),
    );
  const all = await whileHeld(
    s,
    () => ports.sites.locked(ours),
    async () => {
      const begun = Array.from({ length: many }, () => wants(String(ours), 'busy'));
      await pause(100);
      return [...begun, wants(String(theirs), 'other')];
    },
  );

  await Promise.all(all);
  expect(order.indexOf('other')).toBeLessThan(10);
});

test('the people of one site together leave turns to those of another', async () => {
  const { ports, database } = s.world.container;
  const order: string[] = [];
  // Of the embedded database one has the writer at a time.
  const together = database.dialect.name === 'mysql' ? 5 : 1;
  const wants = (site: number, caller: string): Promise<void> =>
    onBehalfOf({ site: String(site), caller, isVerified: true }, () =>
      ports.inOneTransaction(async () => {
        order.push(caller);
        await until('all that may have begun', () => order.length >= together);
      }),
    );
  const ofOne = ['member', 'editor', 'admin'].flatMap((caller) => [1, 2, 3].map(() => wants(ours, caller)));
  await Promise.all([...ofOne, wants(theirs, 'other')]);

  expect(order.indexOf('other')).toBeLessThan(5);
});
