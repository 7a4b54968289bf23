import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Transaction } from 'sequelize';
import { driverCode, sequelizeErrorKind } from '../database-fault.ts';
import type { ColumnType, Dialect, Outcome, ErrorKind } from './dialect.ts';
import {
  waitedTooLong,
  type Driver,
  type DriverStatement,
  databaseFile,
  type DatabaseFile,
  writerIsBusy,
} from './embedded-file.ts';

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
  catchUp: () => Promise.resolve(),
  forUpdate: '',
  forShare: '',
  costlyAtOnce: 1,
  insertUnlessThere: 'INSERT OR IGNORE INTO',
  changesTables: false,
  unit: { type: Transaction.TYPES.IMMEDIATE },
  snapshot: { type: Transaction.TYPES.DEFERRED },
  tableOptions: '',
  noPrimaryKeyScan: '',
  part: ['SELECT * FROM (', ')'],
  onConflictUpdate: (keys) => `ON CONFLICT (${keys.map((key) => `\`${key}\``).join(', ')}) DO UPDATE SET`,
  brought: (column) => `excluded.\`${column}\``,
  caseInsensitive: (expression) => `(${expression}) COLLATE NOCASE`,
  byteLength: (expression) => `octet_length(${expression})`,
  forceIndex: (index) => ` INDEXED BY \`${index}\``,
  dateText: (date) => embeddedDateText(date),
  columnType: (type) => columnType(type),
  errorKind: (error) => sequelizeErrorKind(error) ?? codeErrorKind(error),
  isUndoneAtCommit: () => false,
  troubleOf: () => Promise.resolve(null),
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

/**
 * The one text form of a DATETIME in SQLite, UTC: `2024-01-31 12:00:00.000 +00:00`, what Sequelize's models write too, so that
 * comparing texts compares moments.
 */
export const embeddedDateText = (date: Date): string => `${date.toISOString().slice(0, 23).replace('T', ' ')} +00:00`;

type Callback = (this: unknown, error: Error | null, rows?: readonly unknown[]) => void;
type Method = 'run' | 'all';

/** What callbacks get as `this`; Sequelize looks for this very class name. */
class Statement {
  lastID: number | undefined;
  changes = 0;
}
interface Executed {
  readonly statement: Statement;
  readonly rows: readonly unknown[];
}

const maxPrepared = 200;
const maxKeptMs = 4096;
const timeoutMs = 5_000;

/** sqlite3's OPEN_READONLY. */
const readOnlyMode = 1;

/** As the driver would say it of a file that it must not make. */
class NoSuchFile extends Error {
  readonly code = 'SQLITE_CANTOPEN';
}

/** The part of sqlite3's `Database` that Sequelize uses, over libsql. Writers queue per file; nobody blocks the event loop. */
class Database {
  readonly filename: string;
  /** Set by Sequelize while a transaction owns this connection. */
  uuid?: string;
  readonly #file: DatabaseFile;
  readonly #driver: Driver;
  readonly #readsOnly: boolean;
  readonly #prepared = new Map<string, DriverStatement>();
  #inTransaction = false;
  #closed = false;

  constructor(filename: string, mode: number, opened: (error: Error | null) => void) {
    this.filename = filename;
    this.#readsOnly = mode === readOnlyMode;
    // Opening would make it.
    if (this.#readsOnly && !existsSync(filename)) throw new NoSuchFile();
    this.#file = databaseFile(filename);
    this.#driver = this.#file.take();
    if (this.#readsOnly) this.#driver.exec('PRAGMA query_only=ON');
    process.nextTick(opened, null);
  }

  serialize(work: () => unknown): void {
    work();
  }

  run(sql: string, parameters?: unknown, done?: Callback): this {
    return this.#submit('run', sql, parameters, done);
  }

  all(sql: string, parameters?: unknown, done?: Callback): this {
    return this.#submit('all', sql, parameters, done);
  }

  close(done?: (error: Error | null) => void): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#prepared.clear();
      this.#rollBack();
      // Others may be given it next.
      if (this.#readsOnly) this.#driver.exec('PRAGMA query_only=OFF');
      this.#file.writer.release(this);
      this.#file.giveBack(this.#driver);
    }
    done?.(null);
  }

  #rollBack(): void {
    if (!this.#inTransaction) return;
    this.#inTransaction = false;
    try {
      this.#driver.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself already (a full disk, for one): there is nothing left to undo.
    }
  }

  #submit(method: Method, sql: string, parameters: unknown, done?: Callback): this {
    const [values, callback] = isCallback(parameters) ? [undefined, parameters] : [parameters, done];
    this.execute(method, sql, values).then(
      ({ statement, rows }) => callback?.call(statement, null, rows),
      (error: unknown) => callback?.call(new Statement(), error instanceof Error ? error : new Error(String(error))),
    );
    return this;
  }

  /** What `run` and `all` do, as a promise. */
  async execute(method: Method, sql: string, parameters: unknown): Promise<Executed> {
    const kind = kindOf(sql);
    // Outside a transaction each statement holds the lock for itself: this connection is shared by all of them.
    const owner = kind.begins || this.#inTransaction ? this : {};
    if (kind.needsWriter) await this.#file.writer.acquire(owner, timeoutMs);
    try {
      const outcome = await this.#persist(() => this.#executeNow(method, sql, kind, parameters));
      if (kind.begins) this.#inTransaction = true;
      if (kind.ends) this.#inTransaction = false;
      return outcome;
    } finally {
      if (!this.#inTransaction) this.#file.writer.release(owner);
    }
  }

  /**
   * Asks again while another process writes, until the patience is over. Inside a transaction that is a conflict: the whole unit
   * has to run again.
   */
  async #persist(work: () => Executed): Promise<Executed> {
    const deadline = Date.now() + timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || this.#inTransaction) throw error;
        if (Date.now() > deadline) throw writerIsBusy();
        await new Promise((resolve) => setTimeout(resolve, Math.min(attempt, 20)));
      }
    }
  }

  #executeNow(method: Method, sql: string, kind: StatementKind, parameters: unknown): Executed {
    const known = kind.asksColumns ? this.#file.columnAnswers.get(sql) : undefined;
    if (known !== undefined) return { statement: new Statement(), rows: known };
    if (kind.changesSchema) this.#file.columnAnswers.clear();
    const prepared = this.#prepare(sql, kind);
    const values = boundArguments(parameters);
    const statement = new Statement();
    if (method === 'run') {
      const { changes, lastInsertRowid } = prepared.run(...values);
      statement.changes = changes;
      // The driver goes on telling of the last row that was made, also after a statement that made none.
      statement.lastID = changes === 0 ? 0 : Number(lastInsertRowid);
      return { statement, rows: [] };
    }
    const rows = prepared.all(...values);
    if (kind.asksColumns) this.#file.columnAnswers.set(sql, rows);
    return { statement, rows };
  }

  #prepare(sql: string, kind: StatementKind): DriverStatement {
    const kept = this.#prepared.get(sql);
    if (kept !== undefined) return kept;
    if (this.#prepared.size >= maxPrepared || kind.changesSchema) this.#prepared.clear();
    const prepared = this.#driver.prepare(sql);
    if (!kind.changesSchema && sql.length < maxKeptMs) this.#prepared.set(sql, prepared);
    return prepared;
  }
}

const isCallback = (value: unknown): value is Callback => typeof value === 'function';
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_BUSY');

/** Bind parameters as Sequelize hands them over (a list, or an object with `$name` keys) in the form libsql takes. */
const boundArguments = (parameters: unknown): readonly unknown[] => {
  if (Array.isArray(parameters)) return parameters.map(bindable);
  if (typeof parameters !== 'object' || parameters === null) return [];
  const named = Object.entries(parameters).map(
    ([name, value]) => [name.replace(/^[$:@]/, ''), bindable(value)] as const,
  );
  return named.length === 0 ? [] : [Object.fromEntries(named)];
};

const bindable = (value: unknown): unknown => {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Date ? embeddedDateText(value) : value;
};

/** What a statement is to the facade: which ones begin or end a transaction, need the writer lock, or change the schema. */
interface StatementKind {
  readonly begins: boolean;
  readonly ends: boolean;
  readonly needsWriter: boolean;
  readonly changesSchema: boolean;
  readonly asksColumns: boolean;
}

const begin = /^\s*BEGIN\b/i;
/** A snapshot: it only reads, and never waits for a writer. */
const beginDeferred = /^\s*BEGIN\s+DEFERRED\b/i;
const end = /^\s*(COMMIT|END|ROLLBACK(?!\s+TO))\b/i;
/** What begins with WITH only reads: no write of ours does. */
const read = /^\s*(SELECT|WITH|PRAGMA|EXPLAIN)\b/i;
const schema = /^\s*(CREATE|ALTER|DROP)\b/i;
const columns = /^PRAGMA table_info\(/i;

const kindOf = (sql: string): StatementKind => {
  const begins = begin.test(sql);
  const ends = !begins && end.test(sql);
  return {
    begins,
    ends,
    needsWriter: begins ? !beginDeferred.test(sql) : !ends && !read.test(sql),
    changesSchema: schema.test(sql),
    asksColumns: columns.test(sql),
  };
};

/**
 * libsql in the shape of the `sqlite3` package, as Sequelize's `dialectModule`: prebuilt, no compiler, no install script.
 * The three numbers are sqlite3's own.
 */
export const embeddedDriver = { Database, OPEN_READONLY: readOnlyMode, OPEN_READWRITE: 2, OPEN_CREATE: 4 };
