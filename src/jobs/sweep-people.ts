import { isFault } from '../domain/fault.ts';
import type { SweepPeople } from '../use-cases/person-sync/sweep-people.ts';
import type { Job } from './runner.ts';

/** The slow walk over all people, so many a minute. */
export const sweepPeopleJob = (sweep: SweepPeople, perMinute: number): Job => ({
  name: 'sweep-people',
  everySeconds: Math.max(1, 60 / perMinute),
  run: async (stopping) => {
    try {
      await sweep(Math.ceil(perMinute / 60), stopping);
    } catch (error) {
      // A database that is away for a while is told of where it is missed; the next turn goes on.
      if (!isFault(error, 'not-ready') && !isFault(error, 'busy')) throw error;
    }
  },
});
