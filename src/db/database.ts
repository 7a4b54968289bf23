import DataLoader from 'dataloader';
import type { Sequelize } from 'sequelize';
import type { AroundStatement } from '../platform/tracing.ts';
import type { Log } from '../ports/platform.ts';
import { connectionsTo, poolTimeoutMs } from './connections.ts';
import { statementFault, driverCode } from './database-fault.ts';
import type { Dialect, ErrorKind, Outcome, Statement } from './dialects/dialect.ts';
import { defineRows, type RowModels } from './rows/models.ts';
import { rendered, type Sql, type Value } from './sql.ts';
import { ambient, conflict, isConflict, runAgain } from './unit-of-work.ts';
import type { AskBeside } from './watched-connections.ts';

/** A row as it comes from the driver: dates and JSON as text or as values, flags as numbers. rows/ reads it. */
export type RawRow = Readonly<Record<string, unknown>>;

/**
 * One open database. Connections, their pool and transactions are Sequelize's; statements go to the driver itself, as Sequelize's
 * own way with each costs more than most of them do. Every statement runs in the unit of work around it, if there is one
 * (unit-of-work.ts), which is run again as a whole on a conflict; outside a unit the statement itself is.
 */
export interface Database {
  readonly sequelize: Sequelize;
  readonly dialect: Dialect;
  /** See `Ports`. */
  readonly isOneOfSeveralNodes: () => boolean;
  /** Connections, at most. */
  readonly poolSize: number;
  /** The tables as Sequelize models. */
  readonly rows: RowModels;
  readonly select: (statement: Sql, reading?: Reading) => Promise<readonly RawRow[]>;
  /** Answers how many rows it found to change or remove. */
  readonly change: (statement: Sql) => Promise<number>;
  /** Like `change`, but never run again: null where a conflict with others undid it. */
  readonly changeOnce: (statement: Sql) => Promise<number | null>;
  /** Answers the new row's id; 0 where the row was there already and the statement leaves it. */
  readonly insert: (statement: Sql) => Promise<number>;
  /** After an error at BEGIN, COMMIT or ROLLBACK (connections.ts). */
  readonly leave: (connection: object | undefined, error: unknown) => void;
  /** Asks the server over a connection that no request waits for; null: the embedded database has but one. */
  readonly askBeside: AskBeside | null;
  readonly close: () => Promise<void>;
}

/** How long a SELECT may take, and whether it may be behind other nodes of a cluster. */
export type Reading = Pick<Statement, 'maxSeconds' | 'current'>;

export interface DatabaseOptions {
  readonly url: string;
  readonly log?: Pick<Log, 'info' | 'warn'>;
  /** Told each statement as it is sent, without values; BEGIN, COMMIT and session settings are left out. */
  readonly onStatement?: (statement: string) => void;
  /** Sends each of them, which stands in a span meanwhile. */
  readonly aroundStatement?: AroundStatement;
  /** Connections at most; MySQL only. */
  readonly poolSize?: number;
  /** The database itself refuses every change. */
  readonly readOnly?: boolean;
  /** How long a statement of a request may take; MySQL only. */
  readonly statementSeconds?: number;
}

/**
 * Opens a database; connects when first used. Faults of every statement: `busy` (waited too long for a connection or the
 * writer), `not-ready` (no connection).
 */
export const openDatabase = (options: DatabaseOptions): Database => {
  const { url, log, onStatement, poolSize = 15, readOnly = false, statementSeconds = 60 } = options;
  const { sequelize, dialect, leadsToNode, leave, askBeside, close } = connectionsTo(
    url,
    readOnly,
    {
      logging: onStatement === undefined ? false : told(onStatement),
      pool: { max: poolSize, acquire: poolTimeoutMs, idle: 60_000 },
    },
    { maxSilentMs: statementSeconds * 1000, log },
  );
  const { connectionManager } = sequelize;
  const { aroundStatement = asItIs } = options;

  const sendOnce = async (kind: Statement['kind'], statement: Sql, reading: Reading = {}): Promise<Outcome> => {
    const unit = ambient();
    if (unit?.spoiledBy !== undefined) throw unit.spoiledBy;
    const { text, values } = rendered(statement);
    const bound = values.map((value) => boundValue(value, dialect));
    let connection = unit?.connection;
    try {
      connection ??= await connectionManager.getConnection({ type: 'write' });
      try {
        if (onStatement !== undefined && !silent.test(text)) onStatement(text);
        const over = connection;
        const how = unit === undefined ? reading : within(reading);
        return await aroundStatement(dialect.name, text, () =>
          dialect.send(over, { kind, text, ...how, values: bound }),
        );
      } catch (error) {
        if (dialect.errorKind(error) === 'not-ready') leave(connection, error);
        throw error;
      } finally {
        if (unit === undefined) connectionManager.releaseConnection(connection);
      }
    } catch (error) {
      const fault = statementFault(error, dialect, text);
      if (unit !== undefined && isConflict(error, dialect)) unit.spoiledBy = fault;
      const told = failures[dialect.errorKind(error)];
      if (told !== undefined) log?.warn({ reason: driverCode(error).code, statement: text }, told);
      throw fault;
    }
  };

  // Only what the database says it has undone: a statement whose connection was lost may have been executed.
  const reasonOf = (error: unknown): string | null => (isConflict(error, dialect) ? conflict : null);
  const isLocked = (error: unknown): boolean => dialect.errorKind(error) === 'locked';
  const send = (kind: Statement['kind'], statement: Sql, reading?: Reading): Promise<Outcome> =>
    ambient() === undefined
      ? runAgain(() => sendOnce(kind, statement, reading), { what: 'a statement', reasonOf, isLocked, log })
      : sendOnce(kind, statement, reading);

  return {
    sequelize,
    dialect,
    isOneOfSeveralNodes: () => leadsToNode?.() ?? false,
    poolSize,
    rows: defineRows(sequelize),
    select: async (statement, reading) => (await send('select', statement, reading)).rows,
    change: async (statement) => (await send('change', statement)).found,
    changeOnce: async (statement) => {
      try {
        return (await sendOnce('change', statement)).found;
      } catch (error) {
        if (ambient() === undefined && isConflict(error, dialect)) return null;
        throw error;
      }
    },
    insert: async (statement) => (await send('change', statement)).insertedId,
    leave,
    askBeside,
    close,
  };
};

const asItIs: AroundStatement = (_dialect, _text, send) => send();

/** A unit waited as it began. */
const within = ({ maxSeconds }: Reading): Reading => (maxSeconds === undefined ? {} : { maxSeconds });

/** For whoever keeps the program running. */
const failures: Partial<Readonly<Record<ErrorKind, string>>> = {
  unreachable: 'the database does not answer',
  'not-ready': 'the database cannot serve',
};

/**
 * Other things than values come where types were passed over. The embedded database's driver takes undefined for NULL in a change, and for
 * an object it ends the whole process (its binding panics).
 */
const boundValue = (value: Value, dialect: Dialect): string | number | null => {
  if (value instanceof Date) return dialect.dateText(value);
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value !== 'boolean') throw new Error(`a statement cannot be given a value that is ${typeof value}`);
  return Number(value);
};

const silent = /^(START|BEGIN|COMMIT|ROLLBACK|SET|PRAGMA|SAVEPOINT|--)\b/i;

const told =
  (onStatement: (statement: string) => void) =>
  (line: string): void => {
    const statement = line.replace(/^Execut(?:ing|ed) \([^)]*\): /, '');
    if (!silent.test(statement)) onStatement(statement);
  };

const maxAtOnce = 64;

/**
 * Makes one statement of what several requests ask at the same moment (one turn of the event loop): under load a statement, a
 * round trip and its system calls serve many. Nothing is remembered: whoever asks is answered by a statement that is sent
 * afterwards. Inside a unit of work a question is asked by itself, over the unit's own connection. `askAll` answers in the order
 * of its questions.
 */
export const batched = <Q, A>(
  askAll: (questions: readonly Q[]) => Promise<readonly A[]>,
  atOnce = maxAtOnce,
): ((question: Q) => Promise<A>) => {
  const loader = new DataLoader<Q, A>(askAll, {
    cache: false,
    maxBatchSize: atOnce,
    batchScheduleFn: (ask) => setImmediate(ask),
  });
  return async (question) => {
    if (ambient() === undefined) return loader.load(question);
    const [answer] = await askAll([question]);
    return answer as A;
  };
};
