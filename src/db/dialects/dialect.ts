import type { TransactionOptions } from 'sequelize';

/**
 * Why a statement failed, as far as it matters to callers. `again`: a deadlock or conflict, worth another run of the unit; `locked`: so too,
 * after a long wait. `not-ready`: the server answers, and cannot serve now; its connection is used no more.
 */
export type ErrorKind =
  'again' | 'locked' | 'duplicate' | 'referred-to' | 'busy' | 'too-slow' | 'not-ready' | 'unreachable' | 'other';

/** A column's type in words of our own; each database has its translation. */
export type ColumnType =
  | 'key'
  | 'int'
  | 'flag'
  | 'json'
  | 'point'
  | 'text'
  | 'long-text'
  /** To the second, as in OpenStad's tables. */
  | 'date'
  /** To the millisecond. */
  | 'moment'
  | { readonly text: number }
  /** Compared byte by byte: ids and keys. */
  | { readonly exact: number }
  | { readonly oneOf: readonly string[] };

/** As the driver takes it: a question mark in the text for each value. */
export interface Statement {
  readonly kind: 'select' | 'change';
  readonly text: string;
  readonly values: readonly (string | number | null)[];
  /** Of a SELECT that may read through a whole site: how long it may take, so that it takes nothing from everybody else. */
  readonly maxSeconds?: number;
  /** Of a SELECT outside a unit: it waits until all is there that other nodes of a cluster have committed. */
  readonly current?: true;
}
/** What became of a statement: rows of a SELECT, else how many rows were found, and the id of a new one. */
export interface Outcome {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly found: number;
  readonly insertedId: number;
}

/** Why a server that answers cannot serve. `not-in-sync`: a node that its cluster has left behind. */
export interface ServerTrouble {
  readonly state: 'read-only' | 'not-in-sync';
  /** By which of its own words we know. */
  readonly says: string;
}

/** What differs between the databases, and only that. */
export interface Dialect {
  readonly name: 'mysql' | 'embedded';
  /** Sends a statement over one of this database's connections, prepared where it has values. Rejects with the driver's error. */
  send(connection: object, statement: Statement): Promise<Outcome>;
  /** Waits until all is there that other nodes of a cluster have committed; before a unit of work, which cannot wait any more. */
  catchUp(connection: object): Promise<void>;
  /** Ends a locking read; empty where a unit of work holds the whole file. */
  readonly forUpdate: string;
  /** Ends a read that others may make as well, and that keeps writers waiting. */
  readonly forShare: string;
  readonly insertUnlessThere: string;
  /** One UPDATE may change rows of two tables, or of neither. */
  readonly changesTables: boolean;
  /** How many statements that may read through a whole site are sent at a time; each keeps a connection, or all of the process, from others. */
  readonly costlyAtOnce: number;
  readonly unit: TransactionOptions;
  readonly snapshot: TransactionOptions;
  /** Ends a table's definition. */
  readonly tableOptions: string;
  /**
   * Stands behind a table whose rows are found by another index and wanted by id: MySQL and MariaDB would else walk the whole
   * table in the hope of meeting enough of them early.
   */
  readonly noPrimaryKeyScan: string;
  /** What stands before and behind one SELECT of a UNION that has an order and a limit of its own. */
  readonly part: readonly [before: string, after: string];
  /** Begins the part of an INSERT that says what happens when `keys` (unique together) are there already. */
  onConflictUpdate(keys: readonly string[]): string;
  /** The value that the INSERT brought, inside that part. */
  brought(column: string): string;
  /** An expression compared and sorted as people do: case does not count. */
  caseInsensitive(expression: string): string;
  /** How many bytes a text takes, where the database can without reading it. */
  byteLength(expression: string): string;
  /** Stands behind a table's name: it is read by this index, whatever the database takes for cheaper. */
  forceIndex(index: string): string;
  dateText(date: Date): string;
  columnType(type: ColumnType): string;
  errorKind(error: unknown): ErrorKind;
  /** Asked of the server itself, with statements that it answers also when it serves nobody. */
  troubleOf(ask: (text: string) => Promise<unknown>): Promise<ServerTrouble | null>;
  /** Whether a COMMIT that ended with this has done nothing. Of other errors nobody knows. */
  isUndoneAtCommit(error: unknown): boolean;
}
