import { numberOf } from '../../src/db/rows/values.ts';
import { raw } from '../../src/db/sql.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeCast } from './city/cast.ts';
import { fillCity } from './city/fill.ts';
import { shapeOf } from './city/shape.ts';
import type { Progress } from './progress.ts';

const shape = shapeOf({ users: 2500, sites: 5, big: 1200, votes: 3000, seed: 7 });
const silent: Progress = { say: () => undefined, share: () => undefined, clear: () => undefined };

const opened: TestDatabase[] = [];
const open = async (): Promise<TestDatabase> => {
  const one = await openTestDatabase();
  opened.push(one);
  return one;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
const count = async ({ database }: TestDatabase, what: string): Promise<number | null> =>
  numberOf((await database.select(raw(`SELECT COUNT(*) AS n FROM ${what}`)))[0]?.['n']);

test('a city that was interrupted is finished by the next run, and is left as it is by the one after', async () => {
  const whole = await open();
  await fillCity(whole.database, shape, silent);
  const broken = await open();
  let steps = 0;
  const interrupted: Progress = {
    ...silent,
    share: () => {
      steps += 1;
      if (steps === 5) throw new Error('interrupted');
    },
  };

  await expect(fillCity(broken.database, shape, interrupted)).rejects.toThrow('interrupted');
  expect(await count(broken, 'votes')).toBe(0);
  await fillCity(broken.database, shape, silent);
  await fillCity(broken.database, shape, silent);

  for (const table of ['users', 'civitas_persons', 'ideas', 'votes'] as const)
    expect(await count(broken, table)).toBe(await count(whole, table));
  expect(await count(broken, 'users')).toBe(shape.users);
  // The counters that lists are told by.
  expect(await count(broken, 'civitas_user_counts')).toBeGreaterThan(5);
});

test('who belongs to a run comes after the city, with all that was asked for', async () => {
  const city = await open();
  await fillCity(city.database, shape, silent);
  const items = { ideas: 2, articles: 1, arguments: 3, votes: 40 };

  const { players, people } = await makeCast(city.database, shape, [
    { role: 'admin', sites: [1] },
    { sites: [2, 3], items },
  ]);

  expect(players.map(({ rows }) => rows.map(({ siteId }) => siteId))).toEqual([[1], [2, 3]]);
  expect(people.map(({ id }) => id)).toEqual(players.map(({ externalId }) => externalId));
  const ids = players[1]?.rows.map(({ id }) => id).join() ?? '';
  expect(await count(city, `votes WHERE userId IN (${ids})`)).toBe(80);
  expect(await count(city, `arguments WHERE userId IN (${ids})`)).toBe(6);
  expect(await count(city, `users WHERE role = 'admin' AND siteId = 1`)).toBe(1);
});
