import type { Json } from '../domain/json.ts';
import type { Anywhere } from '../domain/address-proof.ts';
import type { SideTable } from '../side-tables/definition.ts';

/** Rows of one person that are anonymized or deleted, as far as side tables name them. */
export interface SideSubjects {
  readonly users: readonly {
    readonly userId: number;
    readonly siteId: number | null;
    readonly email: string | null;
    readonly externalId: number | null;
    /** By what rows that have no site name them, too. */
    readonly anywhere: Anywhere;
  }[];
}
export interface SideReference {
  readonly table: SideTable;
  readonly id: number;
  /** null where the row names no user by id. */
  readonly userId: number | null;
  readonly isHidden: boolean;
  /** Holds a personal value that anonymizing would empty. */
  readonly hasPersonal: boolean;
}
/** Where a walk over all side tables stands. */
export interface SidePosition {
  readonly table: SideTable;
  readonly id: number;
}
export interface SideChangeSet {
  readonly remove: SideSubjects;
  readonly removeHidden: SideSubjects;
  readonly anonymize: SideSubjects;
}

/** The only writer of OpenStad's side tables and of columns that nobody declared. What exists is looked up once. See docs/adr/0005. */
export interface SideTableStore {
  /** What looks personal, is declared nowhere, and would be left by an anonymization; as `table.column`. */
  gaps(): Promise<readonly string[]>;
  /** Sorted by table and id, at most `limit`, behind `after`. No statement where no side table exists, else one. */
  references(subjects: SideSubjects, after: SidePosition | null, limit: number): Promise<readonly SideReference[]>;
  /** Rows of one table by their keys, with every declared column that it has here but secrets. One statement. */
  read(table: SideTable, ids: readonly number[]): Promise<readonly Readonly<Record<string, Json | Date>>[]>;
  /** Two statements at most; answers how many rows were removed and how many anonymized. */
  settle(
    table: SideTable,
    changeSet: SideChangeSet,
  ): Promise<{ readonly removed: number; readonly anonymized: number }>;
  /** Columns of `users` that somebody added and that may be null. No statement where there is none. */
  clearUndeclared(userIds: readonly number[]): Promise<void>;
  /** What each table does when these users are deleted, so that no row refers to them any more. One statement a table. */
  release(subjects: SideSubjects): Promise<void>;
}
