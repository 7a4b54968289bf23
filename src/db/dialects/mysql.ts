import type { Connection, ResultSetHeader } from 'mysql2';
import { Transaction } from 'sequelize';
import { driverCode, sequelizeErrorKind } from '../database-fault.ts';
import { asked, caughtUp, isNode, withinWait } from './cluster.ts';
import type { ColumnType, Dialect, Outcome, ErrorKind, ServerTrouble, Statement } from './dialect.ts';
import { serverErrorOf } from './mysql-errors.ts';

/** MySQL 8, MariaDB 10.6 and what speaks their protocol. Sessions are READ COMMITTED (connections.ts), so units need not say it. */
export const mysql: Dialect = {
  name: 'mysql',
  send: (connection, statement) => {
    // The pool holds what mysql2 made.
    const server = connection as Connection;
    const { text: whole, maxSeconds, current } = statement;
    const text = maxSeconds === undefined ? whole : endedAfter(maxSeconds, whole);
    if (current !== true || !isNode(server)) return sent(server, { ...statement, text });
    return withinWait(server, () => sent(server, { ...statement, text: caughtUp(text) }));
  },
  catchUp: async (connection) => {
    const server = connection as Connection;
    if (isNode(server)) await withinWait(server, () => asked(server, caughtUp('SELECT 1')));
  },
  forUpdate: ' FOR UPDATE',
  // As MariaDB spells it; MySQL 8 knows it, too.
  forShare: ' LOCK IN SHARE MODE',
  costlyAtOnce: 2,
  insertUnlessThere: 'INSERT IGNORE INTO',
  changesTables: true,
  unit: {},
  snapshot: { isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ },
  tableOptions: ' ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci',
  noPrimaryKeyScan: ' IGNORE INDEX FOR ORDER BY (PRIMARY)',
  part: ['(', ')'],
  onConflictUpdate: () => 'ON DUPLICATE KEY UPDATE',
  brought: (column) => `VALUES(\`${column}\`)`,
  caseInsensitive: (expression) => expression,
  byteLength: (expression) => `LENGTH(${expression})`,
  forceIndex: (index) => ` FORCE INDEX (\`${index}\`)`,
  dateText: (date) => date.toISOString().slice(0, 23).replace('T', ' '),
  columnType: (type) => columnType(type),
  errorKind: (error) => sequelizeErrorKind(error) ?? codeErrorKind(error),
  troubleOf: async (ask) => {
    const set = namedValues(await ask(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${quoted(variables)})`));
    const trouble =
      set('wsrep_on') === 'ON' ? nodeTrouble(namedValues(await ask("SHOW GLOBAL STATUS LIKE 'wsrep_%'"))) : null;
    if (trouble !== null) return trouble;
    const readOnly = variables.find((name) => name !== 'wsrep_on' && !['OFF', '0', undefined].includes(set(name)));
    return readOnly === undefined ? null : { state: 'read-only', says: `${readOnly} is ${set(readOnly) ?? ''}` };
  },
  isUndoneAtCommit: (error) => serverErrorOf(driverCode(error).number)?.note === 'undoes-commit',
};

/** What is without values is sent as text: DDL cannot always be prepared. */
const sent = (server: Connection, { text, values }: Pick<Statement, 'text' | 'values'>): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null, result: unknown): void => {
      if (error === null) resolve(outcomeOf(result));
      else reject(error);
    };
    if (values.length === 0) server.query(text, done);
    else server.execute(text, values as (string | number | null)[], done);
  });

/**
 * MariaDB reads what stands in the first comment, and MySQL what stands in the second: each takes the other's for nothing but a comment.
 */
const endedAfter = (seconds: number, text: string): string =>
  text.replace(
    /^\s*SELECT\b/,
    `/*M! SET STATEMENT max_statement_time=${seconds} FOR */ SELECT /*+ MAX_EXECUTION_TIME(${seconds * 1000}) */`,
  );

const outcomeOf = (result: unknown): Outcome => {
  if (Array.isArray(result)) return { rows: result as Outcome['rows'], found: 0, insertedId: 0 };
  const { affectedRows, insertId } = result as ResultSetHeader;
  return { rows: [], found: affectedRows, insertedId: insertId };
};

const plainTypes = {
  key: 'INT NOT NULL AUTO_INCREMENT PRIMARY KEY',
  int: 'INT',
  flag: 'TINYINT(1)',
  json: 'JSON',
  point: 'POINT',
  text: 'TEXT',
  'long-text': 'LONGTEXT',
  date: 'DATETIME',
  moment: 'DATETIME(3)',
} as const satisfies Record<Extract<ColumnType, string>, string>;

const columnType = (type: ColumnType): string => {
  if (typeof type === 'string') return plainTypes[type];
  if ('text' in type) return `VARCHAR(${type.text})`;
  if ('exact' in type) return `VARCHAR(${type.exact}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
  return `ENUM(${type.oneOf.map((word) => `'${word}'`).join(', ')})`;
};

const variables = ['super_read_only', 'read_only', 'innodb_read_only', 'wsrep_on'] as const;
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** Of SHOW VARIABLES and SHOW STATUS. */
const namedValues = (rows: unknown): ((name: string) => string | undefined) => {
  const found = Array.isArray(rows) ? (rows as Readonly<Record<string, unknown>>[]) : [];
  return (name) => found.filter((row) => row['Variable_name'] === name).map((row) => String(row['Value']))[0];
};

/** Galera: one that is not in the primary part, or applies nothing (a donor, one that joins or lags behind on purpose), shows old rows or none. */
const nodeTrouble = (status: (name: string) => string | undefined): ServerTrouble | null => {
  const well = { wsrep_cluster_status: 'Primary', wsrep_ready: 'ON', wsrep_local_state: '4' };
  const [name] = Object.entries(well).find(([one, value]) => status(one) !== value) ?? [];
  if (name === undefined) return null;
  const comment = name === 'wsrep_local_state' ? ` (${status('wsrep_local_state_comment') ?? ''})` : '';
  return { state: 'not-in-sync', says: `${name} is ${status(name) ?? 'not told'}${comment}` };
};

/** A connection that is no more, or was not made. */
const lost = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);

const codeErrorKind = (error: unknown): ErrorKind => {
  const { code, number, isFatal } = driverCode(error);
  const known = serverErrorOf(number);
  if (known !== null) return known.kind;
  // Fatal: the connection is of no use any more, which mysql2 says with or without a code.
  return lost.has(code) || isFatal ? 'unreachable' : 'other';
};
