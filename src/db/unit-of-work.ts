import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Sequelize, type Transaction, type TransactionOptions } from 'sequelize';
import { Fault, isFault } from '../domain/fault.ts';
import { askerNow, isOurs, NoTurn, turns, type TurnSettings } from '../platform/turns.ts';
import type { Log } from '../ports/platform.ts';
import { RunAgain, type InOneSnapshot, type InOneTransaction } from '../ports/unit-of-work.ts';
import { transactionFault } from './database-fault.ts';
import type { Dialect } from './dialects/dialect.ts';
import { mysql } from './dialects/mysql.ts';

interface UnitOfWork {
  readonly inOneTransaction: InOneTransaction;
  readonly inOneSnapshot: InOneSnapshot;
}
/** An open database (database.ts), as far as transactions need it. */
interface Connected {
  readonly sequelize: Sequelize;
  readonly dialect: Dialect;
  readonly poolSize: number;
  readonly leave: (connection: object | undefined, error: unknown) => void;
}
/** Source: docs/adr/0002. Faults: `busy` after runs in vain, and for who waited too long; `not-ready` without a connection. */
export const unitOfWork = (database: Connected, log: Pick<Log, 'info' | 'warn'>): UnitOfWork => {
  const { dialect } = database;
  const { ofUnits, ofSnapshots } = turnsOfRequests(database);

  const inOneTransaction: InOneTransaction = (work, { patienceMs = 0 } = {}) => {
    const around = ambient();
    if (around?.kind === 'snapshot') throw new Error('a snapshot only reads: it cannot hold a unit of work');
    if (around !== undefined) return work();
    return patiently(patienceMs, () => ofUnits(() => runs(database, log, 'unit', dialect.unit, work)));
  };
  const inOneSnapshot: InOneSnapshot = (work, { hadTurn = false } = {}) => {
    if (ambient() !== undefined) return work();
    const run = () => runs(database, log, 'snapshot', dialect.snapshot, work);
    return hadTurn ? run() : ofSnapshots(run);
  };

  return { inOneTransaction, inOneSnapshot };
};

const patiently = async <T>(patienceMs: number, run: () => Promise<T>): Promise<T> => {
  for (const begun = performance.now(); ;) {
    try {
      return await run();
    } catch (error) {
      const mayPass = isFault(error, 'busy') || isFault(error, 'not-ready');
      if (!mayPass || performance.now() - begun >= patienceMs) throw error;
      await pause(100 + Math.random() * 400);
    }
  }
};

type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A unit holds a connection while it waits for rows that another has locked, a snapshot until all is read that somebody contributed: forty
 * of one caller held all of them, and everybody waited. So those of requests take turns, site by site and caller by caller, each kind its
 * own, so that neither keeps the other waiting. What had a turn elsewhere (costly lists, plans of many people: `costlyAtOnce` of each) is
 * counted first, and two are always left for what is read by itself: all kinds together are fewer than there are connections. Of the rest
 * units have two thirds, and snapshots one. Of units, which wait for each other, one caller has half, and one site two thirds. Jobs are few,
 * and wait for nobody. Each kind has one at least: below nine connections fewer than two are left, and none below seven. The embedded
 * database has no pool, and counts as if it had.
 */
const turnsOfRequests = ({ poolSize }: Connected): { readonly ofUnits: InTurn; readonly ofSnapshots: InTurn } => {
  const left = Math.max(0, poolSize - 2 * mysql.costlyAtOnce - leftForReads);
  const [units, snapshots] = [Math.max(1, Math.ceil((left * 2) / 3)), Math.max(1, Math.floor(left / 3))];
  return {
    ofUnits: inTurnOf({ places: units, ofEach: Math.ceil(units / 2), ofSite: Math.ceil((units * 2) / 3) }, 'changing'),
    ofSnapshots: inTurnOf({ places: snapshots, ofEach: Math.ceil(snapshots / 2) }, 'previewing'),
  };
};

const leftForReads = 2;

const inTurnOf = (places: Pick<TurnSettings, 'places' | 'ofEach' | 'ofSite'>, doing: string): InTurn => {
  const { take, spare } = turns({ ...places, maxOfCaller: 100, maxOfSite: 250 });
  return async (work) => {
    const asker = askerNow();
    if (isOurs(asker)) return work();
    const turn = async (): Promise<() => void> =>
      take(asker, maxWaitMs).catch((error: unknown) => {
        throw error instanceof NoTurn ? tooBusy(error, doing) : error;
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
const tooBusy = ({ isOwn }: NoTurn, doing: string): Fault<'busy'> =>
  new Fault('busy', { retryAfterSeconds: 2 }, `${isOwn ? 'You are' : 'Others are'} ${doing} too much at once.`);

const runs = <T>(
  database: Connected,
  log: Pick<Log, 'info' | 'warn'>,
  kind: Ambient['kind'],
  options: object,
  work: () => Promise<T>,
): Promise<T> =>
  runAgain(
    async () => {
      try {
        return await inTransaction(database, kind, options, work);
      } catch (error) {
        if (error instanceof RunAgain) throw error;
        // At BEGIN; what a statement or a COMMIT met has left its connection already.
        if (database.dialect.errorKind(error) === 'not-ready') database.leave(undefined, error);
        throw transactionFault(error, database.dialect);
      }
    },
    {
      what: 'a unit of work',
      reasonOf: (error) => {
        if (error instanceof RunAgain) return error.message;
        return isConflict(error, database.dialect) ? conflict : null;
      },
      isLocked: (error) => database.dialect.errorKind(error) === 'locked',
      log,
    },
  );

interface Terms {
  /** For the log: what is run. */
  readonly what: 'a unit of work' | 'a statement';
  /** Why an error makes it worth another run; null: it does not. The error must mean that nothing of the run has stayed. */
  readonly reasonOf: (error: unknown) => string | null;
  /** It waited for what somebody else holds, and in vain. */
  readonly isLocked: (error: unknown) => boolean;
  readonly log?: Pick<Log, 'info' | 'warn'> | undefined;
}

/** Where several nodes of a cluster write the same rows, one of them goes on each time, and the last one after many. */
const conflictsForMs = 10_000;
/** A request that waits for what somebody holds: a run that begins later than that would not end within five seconds. */
const locksForMs = 2_800;
/** Of a unit whose plan no longer fits: it fits the next time, or hardly ever. */
const maxPlans = 3;

/**
 * Runs work whole, and whole again when others were changing the same thing, after a pause that grows and differs, so that those
 * who collided do not meet again. Faults: `busy` after ten seconds of that (of a request that waits for locks: five), or three plans that did
 * not fit, else the work's own.
 */
export const runAgain = async <T>(work: () => Promise<T>, { what, reasonOf, isLocked, log }: Terms): Promise<T> => {
  const begun = performance.now();
  let misfits = 0;
  for (let run = 1; ; run += 1) {
    try {
      return await work();
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === null) throw error;
      if (error instanceof RunAgain) misfits += 1;
      const forMs = isLocked(error) && !isOurs(askerNow()) ? locksForMs : conflictsForMs;
      const isOver = misfits >= maxPlans || performance.now() - begun > forMs;
      if (isOver) {
        log?.warn({ run, reason }, `${what} was run in vain`);
        throw new Fault('busy', { retryAfterSeconds: 2 }, 'Others are changing the same thing.', { cause: error });
      }
      log?.info({ run, reason }, `${what} is run again`);
      await pause(10 + Math.random() * Math.min(90 * run, 500));
    }
  }
};

export const conflict = 'conflict at the database';
/** The database has undone it, because others were changing the same thing. */
export const isConflict = (error: unknown, dialect: Dialect): boolean =>
  ['again', 'locked'].includes(dialect.errorKind(error));

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
  database: Connected,
  kind: Ambient['kind'],
  options: TransactionOptions,
  work: () => Promise<T>,
): Promise<T> => {
  const lostAtCommit = failuresAtCommit(database);
  let running: (Ambient & { readonly transaction: Transaction }) | undefined;
  try {
    const result = await database.sequelize.transaction(options, (transaction) => {
      const connection = connectionOf(transaction);
      const unit = { kind, connection, transaction, spoiledBy: undefined as Error | undefined, ended: false };
      running = unit;
      return units.run(unit, async () => {
        const found = await work();
        if (unit.spoiledBy !== undefined) throw unit.spoiledBy;
        return found;
      });
    });
    const lost = running && lostAtCommit.get(running.transaction);
    if (lost !== undefined) throw lost;
    return result;
  } finally {
    if (running !== undefined) running.ended = true;
  }
};

/**
/**
 * Where Sequelize begins and ends by itself. Before it begins, a node of a cluster catches up with the others: inside none waits any more.
 * What a server said at COMMIT, where it was not that all is well, Sequelize would write to the console; so it is told that all went well,
 * here as where a ROLLBACK failed, and we look, and leave the connection. But a conflict over which the commit was undone, as a node of a
 * cluster does where another was quicker, leaves it as good as before. After anything else nobody knows what was committed: it is no conflict.
 */
const failuresAtCommit = (database: Connected): WeakMap<Transaction, Error> => {
  const { sequelize, dialect, leave } = database;
  const known = lostCommits.get(sequelize);
  if (known !== undefined) return known;
  const lost = new WeakMap<Transaction, Error>();
  lostCommits.set(sequelize, lost);
  if (dialect.name !== 'mysql') return lost;
  const queries: Record<'startTransaction' | 'commitTransaction' | 'rollbackTransaction', SendOfTransaction> =
    sequelize.getQueryInterface();
  const [start, commit, rollback] = [
    queries.startTransaction.bind(queries),
    queries.commitTransaction.bind(queries),
    queries.rollbackTransaction.bind(queries),
  ];
  queries.startTransaction = async (transaction, given) => {
    await dialect.catchUp(connectionOf(transaction));
    await start(transaction, given);
  };
  queries.commitTransaction = async (transaction, given) => {
    try {
      await commit(transaction, given);
    } catch (error) {
      const isUndone = dialect.isUndoneAtCommit(error);
      if (!isUndone) leave(connectionOf(transaction), error);
      lost.set(transaction, isUndone || !isConflict(error, dialect) ? (error as Error) : commitUnknown(error));
    }
  };
  queries.rollbackTransaction = async (transaction, given) => {
    try {
      await rollback(transaction, given);
    } catch (error) {
      leave(connectionOf(transaction), error);
    }
  };
  return lost;
};
type SendOfTransaction = (transaction: Transaction, options?: object) => Promise<void>;
const lostCommits = new WeakMap<Sequelize, WeakMap<Transaction, Error>>();
const commitUnknown = (cause: unknown): Fault<'not-ready'> =>
  new Fault('not-ready', { retryAfterSeconds: 5 }, 'The database did not say what became of this.', { cause });

/** Not in Sequelize's types, but where it runs its own statements. */
const connectionOf = (transaction: object): object => {
  if ('connection' in transaction && typeof transaction.connection === 'object' && transaction.connection !== null)
    return transaction.connection;
  throw new Error('a transaction of Sequelize without a connection');
};
