import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Sequelize, type TransactionOptions } from 'sequelize';
import { Fault } from '../domain/fault.ts';
import { askerNow, isOurs, NoTurn, turns } from '../platform/turns.ts';
import type { Log } from '../ports/platform.ts';
import { RunAgain, type InOneSnapshot, type InOneTransaction } from '../ports/unit-of-work.ts';
import { transactionFault } from './database-fault.ts';
import type { Dialect } from './dialects/dialect.ts';

interface UnitOfWork {
  readonly inOneTransaction: InOneTransaction;
  readonly inOneSnapshot: InOneSnapshot;
}
/** An open database (database.ts), as far as transactions need it. */
interface Connected {
  readonly sequelize: Sequelize;
  readonly dialect: Dialect;
  readonly poolSize: number;
}
const maxRuns = 3;

/** Source: docs/adr/0002. Faults: `busy` after three runs in vain, and for who waited too long; `not-ready` without a connection. */
export const unitOfWork = (database: Connected, log: Pick<Log, 'info' | 'warn'>): UnitOfWork => {
  const { dialect } = database;
  const inTurn = turnsOfUnits(database);

  const inOneTransaction: InOneTransaction = (work) => {
    const around = ambient();
    if (around?.kind === 'snapshot') throw new Error('a snapshot only reads: it cannot hold a unit of work');
    return around === undefined ? inTurn(() => runs(database, log, 'unit', dialect.unit, work)) : work();
  };
  const inOneSnapshot: InOneSnapshot = (work) =>
    ambient() === undefined ? runs(database, log, 'snapshot', dialect.snapshot, work) : work();

  return { inOneTransaction, inOneSnapshot };
};

/**
 * A unit holds a connection while it waits for rows that another has locked: forty of one caller, for their own row, held all of them,
 * and everybody waited. So units of requests take turns, site by site and caller by caller; some connections are always left for what
 * is only read, and of those for units one caller has half. Jobs are few, and wait for nobody.
 */
const turnsOfUnits = ({ poolSize }: Connected): (<T>(work: () => Promise<T>) => Promise<T>) => {
  const places = Math.ceil(poolSize * 0.6);
  const { take, spare } = turns({ places, ofEach: Math.ceil(places / 2), maxOfCaller: 100, maxOfSite: 250 });
  return async (work) => {
    const asker = askerNow();
    if (isOurs(asker)) return work();
    const turn = async (): Promise<() => void> =>
      take(asker, maxWaitMs).catch((error: unknown) => {
        throw error instanceof NoTurn ? tooBusy(error) : error;
      });
    const giveBack = spare(asker) ?? (await turn());
    try {
      return await work();
    } finally {
      giveBack();
    }
  };
};
const maxWaitMs = 10_000;
const tooBusy = ({ isOwn }: NoTurn): Fault<'busy'> =>
  new Fault('busy', { retryAfterSeconds: 2 }, `${isOwn ? 'You are' : 'Others are'} changing too much at once.`);

const runs = <T>(
  { sequelize, dialect }: Connected,
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

/** The unit of work that is running around the present call. */
export interface Ambient {
  readonly kind: 'unit' | 'snapshot';
  /** On which it runs; its statements must go over no other. */
  readonly connection: object;
  /** The conflict that has ended the transaction at the database; whoever catches it must not go on as if nothing was. */
  spoiledBy: Error | undefined;
  /** Work that was not awaited must not believe that it still runs inside. */
  ended: boolean;
}
type Context = Map<string, unknown>;

const contexts = new AsyncLocalStorage<Context>();
const units = new AsyncLocalStorage<Ambient>();

/** The four calls that Sequelize 6 makes on a CLS namespace, answered by AsyncLocalStorage: migrations need not hand transactions on. */
Sequelize.useCLS({
  get: (key: string): unknown => contexts.getStore()?.get(key),
  set: (key: string, value: unknown): void => {
    contexts.getStore()?.set(key, value);
  },
  bind: <T>(work: T): T => work,
  run: (work: (context: Context) => unknown): Context => {
    const context: Context = new Map(contexts.getStore());
    contexts.run(context, () => work(context));
    return context;
  },
});

/** What runs around us now, or undefined. */
export const ambient = (): Ambient | undefined => {
  const unit = units.getStore();
  return unit?.ended === true ? undefined : unit;
};

/** Runs work as one database transaction of its own. */
const inTransaction = async <T>(
  sequelize: Sequelize,
  kind: Ambient['kind'],
  options: TransactionOptions,
  work: () => Promise<T>,
): Promise<T> => {
  let unit: Ambient | undefined;
  try {
    return await sequelize.transaction(options, (transaction) => {
      const running: Ambient = { kind, connection: connectionOf(transaction), spoiledBy: undefined, ended: false };
      unit = running;
      return units.run(running, async () => {
        const result = await work();
        if (running.spoiledBy !== undefined) throw running.spoiledBy;
        return result;
      });
    });
  } finally {
    if (unit !== undefined) unit.ended = true;
  }
};

/** Not in Sequelize's types, but where it runs its own statements. */
const connectionOf = (transaction: object): object => {
  if ('connection' in transaction && typeof transaction.connection === 'object' && transaction.connection !== null)
    return transaction.connection;
  throw new Error('a transaction of Sequelize without a connection');
};
