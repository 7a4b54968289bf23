import type { Log } from '../ports/log.ts';
import { RunAgain, type InOneSnapshot, type InOneTransaction } from '../ports/unit-of-work.ts';
import { ambient, inTransaction, type Ambient } from './ambient.ts';
import { transactionFault } from './database-fault.ts';
import type { Database } from './database.ts';
import { conflict, runAgain } from './run-again.ts';

interface UnitOfWork {
  readonly inOneTransaction: InOneTransaction;
  readonly inOneSnapshot: InOneSnapshot;
}
const maxRuns = 3;

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

const runs = <T>(
  { sequelize, dialect }: Database,
  log: Pick<Log, 'info' | 'warn'>,
  kind: Ambient['kind'],
  options: object,
  work: () => Promise<T>,
): Promise<T> =>
  runAgain(
    async () => {
      try {
        return await inTransaction(sequelize, kind, options, work);
      } catch (error) {
        throw error instanceof RunAgain ? error : transactionFault(error, dialect);
      }
    },
    {
      what: 'a unit of work',
      maxRuns,
      reasonOf: (error) => {
        if (error instanceof RunAgain) return error.message;
        return dialect.errorKind(error) === 'again' ? conflict : null;
      },
      log,
    },
  );
