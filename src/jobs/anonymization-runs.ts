import { setTimeout as pause } from 'node:timers/promises';
import { isFault } from '../domain/fault.ts';
import type { Rest, WorkOnRuns } from '../use-cases/anonymization-runs/work-on-runs.ts';
import type { Job } from './runner.ts';

/** Anonymizes whole sites that somebody asked for, in the background. */
export const anonymizeSites = (work: WorkOnRuns, everySeconds: number): Job => ({
  name: 'anonymize-sites',
  everySeconds,
  run: async (stopping) => {
    try {
      await work(stopping);
    } catch (error) {
      // A database that is away for a while is told of where it is missed; the next turn goes on.
      if (!isFault(error, 'not-ready') && !isFault(error, 'busy')) throw error;
    }
  },
});

const maxMs = 250;

/** As long as was worked: a run never takes more than half of one connection's time. */
export const restAsLong: Rest = async (tookMs) => {
  await pause(Math.min(Math.max(tookMs, 1), maxMs));
};
