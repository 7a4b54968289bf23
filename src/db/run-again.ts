import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';
import type { Log } from '../ports/log.ts';

interface Terms {
  /** For the log: what is run. */
  readonly what: 'a unit of work' | 'a statement';
  readonly maxRuns: number;
  /** Why an error makes it worth another run; null: it does not. The error must mean that nothing of the run has stayed. */
  readonly reasonOf: (error: unknown) => string | null;
  readonly log?: Pick<Log, 'info' | 'warn'> | undefined;
}

/**
 * Runs work whole, and whole again when others were changing the same thing, after a pause that grows and differs, so that those
 * who collided do not meet again. Faults: `busy` after `maxRuns` in vain, else the work's own.
 */
export const runAgain = async <T>(work: () => Promise<T>, { what, maxRuns, reasonOf, log }: Terms): Promise<T> => {
  for (let run = 1; ; run += 1) {
    try {
      return await work();
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === null) throw error;
      if (run === maxRuns) {
        log?.warn({ run, reason }, `${what} was run in vain`);
        throw new Fault('busy', { retryAfterSeconds: 2 }, 'Others are changing the same thing.', { cause: error });
      }
      log?.info({ run, reason }, `${what} is run again`);
      await pause((10 + Math.random() * 90) * run);
    }
  }
};

export const conflict = 'conflict at the database';
