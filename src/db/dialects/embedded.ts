import { setTimeout as pause } from 'node:timers/promises';
import { Transaction } from 'sequelize';
import type { Database } from '../embedded/connection.ts';
import { embeddedDateText } from '../embedded/date-text.ts';
import { waitedTooLong } from '../embedded/writer-lock.ts';
import type { ColumnType, Dialect, Outcome, ErrorKind } from './dialect.ts';
import { driverCode, sequelizeErrorKind } from './error-kind.ts';

/** SQLite in this process. A unit of work is BEGIN IMMEDIATE: it holds the file from its first moment, so reads need no lock. */
export const embedded: Dialect = {
  name: 'embedded',
  // The pool holds what the facade over libsql made.
  send: async (connection, { kind, text, values, maxSeconds }) => {
    const begun = performance.now();
    const { rows, statement } = await (connection as Database).execute(kind === 'select' ? 'all' : 'run', text, values);
    if (maxSeconds !== undefined) await restFor(performance.now() - begun);
    return { rows: rows as Outcome['rows'], found: statement.changes, insertedId: statement.lastID ?? 0 };
  },
  forUpdate: '',
  forShare: '',
  costlyAtOnce: 1,
  insertUnlessThere: 'INSERT OR IGNORE INTO',
  unit: { type: Transaction.TYPES.IMMEDIATE },
  snapshot: { type: Transaction.TYPES.DEFERRED },
  tableOptions: '',
  noPrimaryKeyScan: '',
  part: ['SELECT * FROM (', ')'],
  onConflictUpdate: (keys) => `ON CONFLICT (${keys.map((key) => `\`${key}\``).join(', ')}) DO UPDATE SET`,
  brought: (column) => `excluded.\`${column}\``,
  caseInsensitive: (expression) => `(${expression}) COLLATE NOCASE`,
  forceIndex: (index) => ` INDEXED BY \`${index}\``,
  dateText: embeddedDateText,
  columnType: (type) => columnType(type),
  errorKind: (error) => sequelizeErrorKind(error) ?? codeErrorKind(error),
};

/**
 * A statement holds the event loop from its beginning to its end, and nothing stops it. So whoever sends one that may be long lets
 * everybody else go on for as long as it took before they may send another.
 */
const restFor = (ms: number): Promise<void> => pause(Math.min(ms, maxRestMs));
const maxRestMs = 1000;

/** AUTOINCREMENT, so that the id of somebody who was removed is never given to another. */
const plainTypes = {
  key: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  int: 'INTEGER',
  flag: 'TINYINT(1)',
  json: 'JSON',
  // GeoJSON: this database knows no geometry, and nothing here computes with it.
  point: 'JSON',
  text: 'TEXT COLLATE NOCASE',
  'long-text': 'TEXT',
  date: 'DATETIME',
  moment: 'DATETIME',
} as const satisfies Record<Extract<ColumnType, string>, string>;

const columnType = (type: ColumnType): string => {
  if (typeof type === 'string') return plainTypes[type];
  if ('text' in type) return `VARCHAR(${type.text}) COLLATE NOCASE`;
  if ('exact' in type) return `VARCHAR(${type.exact})`;
  return 'VARCHAR(32)';
};

const codeErrorKind = (error: unknown): ErrorKind => {
  const { code } = driverCode(error);
  if (code === waitedTooLong) return 'busy';
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return 'duplicate';
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') return 'referred-to';
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED') ? 'again' : 'other';
};
