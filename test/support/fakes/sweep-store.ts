import { isLive } from '../../../src/domain/users/user.ts';
import type { SweepStore } from '../../../src/ports/people.ts';
import type { FakeClock } from './clock.ts';
import type { FakeDatabase } from './state.ts';

const name = 'people';

export const fakeSweepStore = (database: FakeDatabase, clock: FakeClock): SweepStore => ({
  progress: async () => database.state.sweeps.get(name)?.sweep ?? null,
  hold: (holder, ms) =>
    database.write(({ sweeps }) => {
      const now = clock.now();
      const there = sweeps.get(name);
      if (there !== undefined && there.holder !== holder && there.heldUntil > now.getTime()) return null;
      const sweep = there?.sweep ?? { position: 0, checked: 0, beganAt: now, endedAt: null };
      sweeps.set(name, { sweep, holder, heldUntil: now.getTime() + ms });
      return sweep;
    }),
  next: async (after, notSince, limit) => {
    const { persons, users } = database.state;
    return [...persons.values()]
      .filter(
        ({ id, state, fetchedAt }) => id > after && state === 'active' && (fetchedAt === null || fetchedAt < notSince),
      )
      .filter(({ id }) => [...users.values()].some((row) => row.personId === id && isLive(row)))
      .sort((one, other) => one.id - other.id)
      .slice(0, limit);
  },
  moved: (holder, sweep) =>
    database.write(({ sweeps }) => {
      const there = sweeps.get(name);
      if (there?.holder !== holder) return false;
      sweeps.set(name, { ...there, sweep });
      return true;
    }),
});
