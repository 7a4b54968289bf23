import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';
import type { Log } from '../ports/log.ts';
import { RunAgain, type InOneSnapshot, type InOneTransaction } from '../ports/unit-of-work.ts';
import { ambient, inTransaction, type Ambient } from './ambient.ts';
import { transactionFault } from './database-fault.ts';
import type { Database } from './database.ts';

interface UnitOfWork {
  readonly inOneTransaction: InOneTransaction;
  readonly inOneSnapshot: InOneSnapshot;
}
const mostRuns = 3;

/** Source: docs/adr/0002. Faults: `busy` after three runs in vain, `not-ready` without a connection. */
export const unitOfWork = (database: Database, log: Pick<Log, 'info' | 'warn'>): UnitOfWork => {
  const { dialect } = database;

  const inOneTransaction: InOneTransaction = (work) => {
    const around = ambient();
    if (around?.kind === 'snapshot') throw new Error('a snapshot only reads: it cannot hold a unit of work');
    return around === undefined ? runs(database, log, 'unit', dialect.unit, work) : work();
  };
  const inOneSnapshot: InOneSnapshot = (work) =>
    ambient() === undefined ? runs(database, log, 'snapshot', dialect.snapshot, work) : work();

  return { inOneTransaction, inOneSnapshot };
};

const runs = async <T>(
  { sequelize, dialect }: Database,
  log: Pick<Log, 'info' | 'warn'>,
  kind: Ambient['kind'],
  options: object,
  work: () => Promise<T>,
): Promise<T> => {
  for (let run = 1; ; run += 1) {
    try {
      return await inTransaction(sequelize, kind, options, work);
    } catch (error) {
      const again = error instanceof RunAgain || dialect.trouble(error) === 'again';
      if (!again) throw transactionFault(error, dialect);
      const reason = error instanceof RunAgain ? error.message : 'conflict at the database';
      if (run === mostRuns) {
        log.warn({ run, reason }, 'a unit of work was run in vain');
        throw new Fault('busy', { retryAfterSeconds: 2 }, 'Others are changing the same thing.', { cause: error });
      }
      log.info({ run, reason }, 'a unit of work is run again');
      await pause((10 + Math.random() * 90) * run);
    }
  }
};
