import { setTimeout as pause } from 'node:timers/promises';
import { whyDatabaseFails } from './cli/command-errors.ts';
import type { Config } from './config/index.ts';
import type { Container } from './container.ts';

const lookEveryMs = 5_000;
const tellEveryMs = 30_000;

/**
 * Looks whether the database is migrated, and ends the process where it is not: it is not ours to serve. One that does not answer is
 * waited for, as /health/ready does, and a line says so at once and each half minute. `looked`: the first look is over; `answered`: the
 * database has answered. Source: people.md §4.
 */
export const databaseAtStart = (
  { migrator, log }: Pick<Container, 'migrator' | 'log'>,
  config: Pick<Config, 'database'>,
): { readonly looked: Promise<void>; readonly answered: Promise<void> } => {
  let toldAt = -Infinity;
  const hasAnswered = async (): Promise<boolean> => {
    try {
      const pending = await migrator.pending();
      if (pending.length > 0) {
        log.fatal({ pending }, 'the database is not migrated: run `npm run migrate` first');
        process.exit(1);
      }
      return true;
    } catch (error) {
      const now = performance.now();
      if (now - toldAt >= tellEveryMs) {
        toldAt = now;
        const why = whyDatabaseFails(error, config) ?? 'The database cannot be used.';
        log.error({}, `${why} Waiting for it: until then /health/ready answers 503.`);
      }
      return false;
    }
  };
  const first = hasAnswered();
  const answered = first.then(async (isThere) => {
    for (let answers = isThere; !answers; answers = await hasAnswered())
      await pause(lookEveryMs, undefined, { ref: false });
    if (toldAt > -Infinity) log.info({}, 'the database answers');
  });
  return { looked: first.then(() => undefined), answered };
};
