import { QueryTypes, type Sequelize } from 'sequelize';
import type { Log } from '../ports/log.ts';
import { ambient } from './ambient.ts';
import { connectionsTo, poolPatienceMs } from './connections.ts';
import { databaseFault } from './database-fault.ts';
import type { Dialect } from './dialects/dialect.ts';
import { defineRows, type Rows } from './rows/index.ts';
import { rendered, type Sql, type Value } from './sql.ts';

/** A row as it comes from the driver: dates and JSON as text or as values, flags as numbers. rows/decode.ts reads it. */
export type RawRow = Readonly<Record<string, unknown>>;

/** One open database. Every statement runs in the unit of work around it, if there is one (unit-of-work.ts). */
export interface Database {
  readonly sequelize: Sequelize;
  readonly dialect: Dialect;
  /** The tables as Sequelize models. */
  readonly rows: Rows;
  readonly select: (statement: Sql) => Promise<readonly RawRow[]>;
  /** Answers how many rows it found to change or remove. */
  readonly change: (statement: Sql) => Promise<number>;
  /** Answers the new row's id. */
  readonly insert: (statement: Sql) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log?: Pick<Log, 'warn'>;
  /** Told each statement as it is sent, without values; BEGIN, COMMIT and session settings are left out. */
  readonly onStatement?: (statement: string) => void;
  /** Connections at most; MySQL only. */
  readonly poolSize?: number;
}

/**
 * Opens a database; connects when first used. Faults of every statement: `busy` (waited too long for a connection or the
 * writer), `not-ready` (no connection).
 */
export const openDatabase = ({ url, log, onStatement, poolSize = 10 }: DatabaseOptions): Database => {
  const { sequelize, dialect } = connectionsTo(url, {
    logging: onStatement === undefined ? false : told(onStatement),
    pool: { max: poolSize, acquire: poolPatienceMs, idle: 60_000 },
  });

  const send = async (statement: Sql, type: QueryTypes): Promise<unknown> => {
    const unit = ambient();
    if (unit?.spoiledBy !== undefined) throw unit.spoiledBy;
    const { text, values } = rendered(statement);
    const bind = values.map((value) => boundValue(value, dialect));
    try {
      return await sequelize.query(text, { type, raw: true, ...(bind.length === 0 ? {} : { bind }) });
    } catch (error) {
      const fault = databaseFault(error, dialect, text);
      const trouble = dialect.trouble(error);
      if (unit !== undefined && trouble === 'again') unit.spoiledBy = fault;
      if (trouble === 'unreachable') log?.warn({ statement: text }, 'the database does not answer');
      throw fault;
    }
  };

  return {
    sequelize,
    dialect,
    rows: defineRows(sequelize),
    select: async (statement) => (await send(statement, QueryTypes.SELECT)) as readonly RawRow[],
    // BULKUPDATE is Sequelize's word for "answer how many", and holds for DELETE too.
    change: async (statement) => (await send(statement, QueryTypes.BULKUPDATE)) as number,
    insert: async (statement) => ((await send(statement, QueryTypes.INSERT)) as readonly [number, number])[0],
    close: () => sequelize.close(),
  };
};

const boundValue = (value: Value, dialect: Dialect): string | number | null => {
  if (value instanceof Date) return dialect.dateText(value);
  return typeof value === 'boolean' ? Number(value) : value;
};

const silent = /^(START|BEGIN|COMMIT|ROLLBACK|SET|PRAGMA|SAVEPOINT|--)\b/i;

const told =
  (onStatement: (statement: string) => void) =>
  (line: string): void => {
    const statement = line.replace(/^Execut(?:ing|ed) \([^)]*\): /, '');
    if (!silent.test(statement)) onStatement(statement);
  };
