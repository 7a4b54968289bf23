import { resolve } from 'node:path';
import { Sequelize, type Options } from 'sequelize';
import { driverCode } from './database-fault.ts';
import { embedded, embeddedDriver } from './dialects/embedded.ts';
import { asked, noteNode } from './dialects/cluster.ts';
import type { Dialect } from './dialects/dialect.ts';
import { mysql } from './dialects/mysql.ts';
import { serverErrorOf } from './dialects/mysql-errors.ts';
import { type AskBeside, type ServerConnection, watchOver, type WatchSettings } from './watched-connections.ts';

interface Connections {
  /** Whether the last connection was to a node of a cluster, which others may write to at another; null: it never is. */
  readonly leadsToNode: (() => boolean) | null;
  readonly sequelize: Sequelize;
  readonly dialect: Dialect;
  /** After an error of the kind `not-ready`: does not give the connection back to the pool, nor others where the server is to blame. */
  readonly leave: (connection: object | undefined, error: unknown) => void;
  /** Asks the server over a connection that no request waits for; null: of the embedded database there is but one. */
  readonly askBeside: AskBeside | null;
  readonly close: () => Promise<void>;
}
type Shared = Pick<Options, 'logging' | 'pool'>;

/** How long a request waits for a connection before it is told `busy`. With what else it may wait for it is told within five seconds. */
export const poolTimeoutMs = 4_000;
const connectTimeoutMs = 2_000;

/** `mysql://user:password@host:port/name` or `sqlite:./file` (from the working directory). Throws for anything else. */
export const connectionsTo = (url: string, readOnly: boolean, shared: Shared, watch: WatchSettings): Connections => {
  if (url.startsWith('mysql:')) return toMysql(url, readOnly, shared, watch);
  if (url.startsWith('sqlite:')) return toFile(url, readOnly, shared);
  throw new Error('a database address begins with mysql: or sqlite:');
};

const toMysql = (url: string, readOnly: boolean, shared: Shared, watch: WatchSettings): Connections => {
  const sequelize = new Sequelize(url, {
    ...shared,
    pool: { ...shared.pool, validate: (connection: ServerConnection) => watched.isGood(connection) },
    ...common,
    dialect: 'mysql',
    ...unknownToTypes,
    // FOUND_ROWS: an UPDATE answers how many rows it found, as SQLite does, not how many it changed.
    // dateStrings: of a date without a month or day (2020-00-00) and of one in the first century the driver makes another one.
    // typeCast: the driver reads values by itself; Sequelize's own look at each of them costs more than most queries do.
    // jsonStrings: MySQL's JSON comes as text, as MariaDB's does: read by the driver, its numbers lose digits.
    dialectOptions: {
      charset: 'utf8mb4',
      connectTimeout: connectTimeoutMs,
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
  const watched = watchOver(sequelize, watch);
  let isToNode = false;
  sequelize.addHook('afterConnect', async (connection: unknown) => {
    if (!isMysqlConnection(connection)) return;
    await watched.welcome(connection, async () => {
      for (const setting of [...session, ...(readOnly ? ['SET SESSION TRANSACTION READ ONLY'] : [])])
        await asked(connection, setting);
      isToNode = await noteNode(connection);
    });
  });
  return {
    sequelize,
    dialect: readOnly ? refusingChanges : mysql,
    leadsToNode: () => isToNode,
    leave: (connection, error) => {
      watched.leave(connection, serverErrorOf(driverCode(error).number)?.note === 'leaves-server');
    },
    askBeside: watched.askBeside,
    close: async () => {
      await sequelize.close();
      watched.stop();
    },
  };
};

/** Where we made the session read-only ourselves, who changes something is wrong, and not the server. */
const refusingChanges: Dialect = {
  ...mysql,
  errorKind: (error) => (driverCode(error).number === 1792 ? 'other' : mysql.errorKind(error)),
};

/**
 * The time zone is said with the rest of the session. The version, of which nothing depends, Sequelize would ask for over a connection of its
 * own, which nobody watches over.
 */
const unknownToTypes = { keepDefaultTimezone: true, databaseVersion: '8.0.0' };

/**
 * One `sql_mode` on every server, whatever its own: strict, so that a text that is too long is an error and not a shorter text;
 * but dates that old rows hold (`0000-00-00`, `2023-02-31`) stop neither an ALTER, which copies them, nor an UPDATE beside them.
 * Modes that give SQL another meaning (ANSI_QUOTES, PIPES_AS_CONCAT, SIMULTANEOUS_ASSIGNMENT …) are off. Source: running.md, "Zero dates".
 */
const sqlMode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES';

/**
 * READ COMMITTED also outside units; no endless waits for a row or a table that somebody holds: a second run begins before three seconds are
 * over (unit-of-work.ts), and ends with the fourth; room for the numbers that stores/activity-store.ts has put together (MySQL's own
 * limit is 1 kB).
 */
const session = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  [
    "SET SESSION time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 2, SESSION lock_wait_timeout = 2",
    `SESSION sql_mode = '${sqlMode}', SESSION group_concat_max_len = 1048576`,
  ].join(', '),
];

const toFile = (url: string, readOnly: boolean, shared: Shared): Connections => {
  const sequelize = new Sequelize({
    ...shared,
    ...common,
    dialect: 'sqlite',
    dialectModule: embeddedDriver,
    dialectOptions: readOnly ? { mode: embeddedDriver.OPEN_READONLY } : {},
    storage: resolve(url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')),
  });
  return {
    sequelize,
    dialect: embedded,
    leave: () => undefined,
    leadsToNode: null,
    askBeside: null,
    close: () => sequelize.close(),
  };
};

const common: Options = {
  timezone: '+00:00',
  // The unit of work runs again as a whole; a single statement never by itself.
  retry: { max: 0 },
  define: { freezeTableName: true },
};

const isMysqlConnection = (connection: unknown): connection is ServerConnection =>
  typeof connection === 'object' &&
  connection !== null &&
  'query' in connection &&
  typeof connection.query === 'function';
