import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Sequelize, type Options } from 'sequelize';
import { embedded, embeddedDriver } from './dialects/embedded.ts';
import type { Dialect } from './dialects/dialect.ts';
import { mysql } from './dialects/mysql.ts';

interface Connections {
  readonly sequelize: Sequelize;
  readonly dialect: Dialect;
}
type Shared = Pick<Options, 'logging' | 'pool'>;

/** How long a request waits for a connection before it is told `busy`. */
export const poolTimeoutMs = 5_000;

/** `mysql://user:password@host:port/name` or `sqlite:./file` (from the working directory). Throws for anything else. */
export const connectionsTo = (url: string, readOnly: boolean, shared: Shared): Connections => {
  if (url.startsWith('mysql:')) return { sequelize: toMysql(url, readOnly, shared), dialect: mysql };
  if (url.startsWith('sqlite:')) return { sequelize: toFile(url, readOnly, shared), dialect: embedded };
  throw new Error('a database address begins with mysql: or sqlite:');
};

const toMysql = (url: string, readOnly: boolean, shared: Shared): Sequelize => {
  const sequelize = new Sequelize(url, {
    ...shared,
    ...common,
    dialect: 'mysql',
    // FOUND_ROWS: an UPDATE answers how many rows it found, as SQLite does, not how many it changed.
    // dateStrings: of a date without a month or day (2020-00-00) and of one in the first century the driver makes another one.
    // typeCast: the driver reads values by itself; Sequelize's own look at each of them costs more than most queries do.
    // jsonStrings: MySQL's JSON comes as text, as MariaDB's does: read by the driver, its numbers lose digits.
    dialectOptions: {
      charset: 'utf8mb4',
      connectTimeout: 5_000,
      dateStrings: true,
      decimalNumbers: true,
      jsonStrings: true,
      flags: '+FOUND_ROWS',
      timezone: 'Z',
      // A server keeps so many for all its connections together (16,382 unless told otherwise).
      maxPreparedStatements: 300,
      typeCast: true,
    },
  });
  sequelize.addHook('afterConnect', async (connection: unknown) => {
    if (!isMysqlConnection(connection)) return;
    for (const setting of [...session, ...(readOnly ? ['SET SESSION TRANSACTION READ ONLY'] : [])])
      await promisify(connection.query.bind(connection))(setting);
  });
  return sequelize;
};

/**
 * One `sql_mode` on every server, whatever its own: strict, so that a text that is too long is an error and not a shorter text;
 * but dates that old rows hold (`0000-00-00`, `2023-02-31`) stop neither an ALTER, which copies them, nor an UPDATE beside them.
 * Modes that give SQL another meaning (ANSI_QUOTES, PIPES_AS_CONCAT, SIMULTANEOUS_ASSIGNMENT …) are off. Source: running.md, "Zero dates".
 */
const sqlMode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES';

/**
 * READ COMMITTED also outside units; no endless waits for a lock; room for the numbers that stores/activity-store.ts has put together (MySQL's
 * own limit is 1 kB).
 */
const session = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION innodb_lock_wait_timeout = 5, SESSION sql_mode = '${sqlMode}', SESSION group_concat_max_len = 1048576`,
];

const toFile = (url: string, readOnly: boolean, shared: Shared): Sequelize =>
  new Sequelize({
    ...shared,
    ...common,
    dialect: 'sqlite',
    dialectModule: embeddedDriver,
    dialectOptions: readOnly ? { mode: embeddedDriver.OPEN_READONLY } : {},
    storage: resolve(url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')),
  });

const common: Options = {
  timezone: '+00:00',
  // The unit of work runs again as a whole; a single statement never by itself.
  retry: { max: 0 },
  define: { freezeTableName: true },
};

interface MysqlConnection {
  query(text: string, done: (error: Error | null) => void): unknown;
}
const isMysqlConnection = (connection: unknown): connection is MysqlConnection =>
  typeof connection === 'object' &&
  connection !== null &&
  'query' in connection &&
  typeof connection.query === 'function';
