import type { ActivityRow, ActivityType } from '../activity-types/definition.ts';
import type { Anywhere } from '../domain/people/vouching.ts';
import type { Json } from '../domain/json.ts';
import type { SideTable } from '../side-tables/definition.ts';
import type { LockMode } from './user-store.ts';

/** What lists say of the idea that an argument or a vote belongs to. */
export interface IdeaSummary {
  readonly id: number;
  readonly title: string;
  readonly siteId: number | null;
  readonly status: string;
  readonly viewableByRole: string | null;
}
/** `row` holds what is shown or personal; `idea` is null for articles, and where the idea is soft-deleted. */
export interface Contribution {
  readonly row: ActivityRow;
  readonly idea: IdeaSummary | null;
}
/** A contribution by its title (null: its kind has none), or that of the idea under which it stands (null: none, or soft-deleted). */
export interface TitledContribution {
  readonly id: number;
  readonly userId: number;
  readonly title: string | null;
  readonly idea: Pick<IdeaSummary, 'id' | 'title'> | null;
}
/** How much is read at most: of more than `limit` rows some, and texts of so many only as take `bytes` together; the rest is without. */
export interface ReadingBounds {
  readonly limit: number;
  readonly bytes: number;
}
/** With the bytes that its texts take, whether they are there or not. */
export interface Measured<T> {
  readonly one: T;
  readonly bytes: number;
}
/** That there is a contribution, and how many bytes its texts take. */
export interface ContributionSize<T extends ActivityType = ActivityType> {
  readonly type: T;
  readonly id: number;
  readonly bytes: number;
}
/** What a plan has to know of a contribution; small, so that tens of thousands can be walked in flat memory. */
export interface ContributionRef {
  readonly id: number;
  readonly userId: number;
  /** Soft-deleted. */
  readonly isHidden: boolean;
  /** Holds a personal value that anonymizing would clear. */
  readonly hasPersonal: boolean;
}
/** Which user rows lose what: all contributions, only the soft-deleted ones, or only personal columns. */
export interface ChangeSet {
  readonly removeAllOf: readonly number[];
  readonly removeHiddenOf: readonly number[];
  readonly anonymizeOf: readonly number[];
  /** Of what is removed only what is no older; absent: all. */
  readonly since?: Date;
}

/** How many rows were removed, and how many lost a personal value. */
export interface Applied {
  readonly removed: number;
  readonly anonymized: number;
}

/** What is to be counted of one kind: what these user rows contributed of it. */
export interface Asked {
  readonly type: ActivityType;
  readonly userIds: readonly number[];
}

/** The only writer of the activity tables. One statement a call, whatever the number of users, where nothing else is said. */
export interface ActivityStore {
  /** Contributions that are not soft-deleted, newest first, with their ideas. */
  contributions(
    type: ActivityType,
    userIds: readonly number[],
    bounds: ReadingBounds,
  ): Promise<readonly Measured<Contribution>[]>;
  /** Those of these ids that still are there, whole, in no order. */
  contributionsOf(type: ActivityType, ids: readonly number[]): Promise<readonly Contribution[]>;
  /**
   * All of these kinds that are not soft-deleted, as one list, newest first, kinds and then ids deciding. One statement, which may be
   * long. Fault `busy` where it took the database more than `maxSeconds`.
   */
  inOrder<T extends ActivityType>(
    types: readonly T[],
    userIds: readonly number[],
    maxSeconds: number,
  ): Promise<readonly ContributionSize<T>[]>;
  /**
   * How many these user rows contributed, soft-deleted ones too, and how many bytes the texts take that `rows` reads; at most `limit`
   * of each kind are looked at. One statement.
   */
  size(userIds: readonly number[], limit: number): Promise<{ readonly count: number; readonly bytes: number }>;
  /**
   * How many that are not soft-deleted, per user row and kind's table. `public`: only what everybody sees by its idea's (or its own)
   * `viewableByRole`. One statement for all kinds.
   */
  counts(
    asked: readonly Asked[],
    seen: 'all' | 'public',
  ): Promise<readonly { readonly table: string; readonly userId: number; readonly n: number }[]>;
  /**
   * All rows of one kind with every column, soft-deleted ones too, in id order, from the one after `after`; at most `limit`, and as many
   * as take `bytes` together, but one. None: there are no more.
   */
  page(
    type: ActivityType,
    userIds: readonly number[],
    after: number,
    bounds: ReadingBounds,
  ): Promise<readonly ActivityRow[]>;
  /** The first by id that are not soft-deleted, at most `limit`, by their titles. */
  firstOf(type: ActivityType, userIds: readonly number[], limit: number): Promise<readonly TitledContribution[]>;
  /**
   * What is shown or personal of all rows, soft-deleted ones too, newest first. One statement for each 500 rows and 256 kB; others get the
   * loop in between.
   */
  rows(
    type: ActivityType,
    userIds: readonly number[],
    lockMode: LockMode,
    bounds: ReadingBounds,
  ): Promise<readonly Measured<ActivityRow>[]>;
  /**
   * All, soft-deleted ones too, in id order, some thousands at a time; others get the loop in between. One statement for each
   * 100,000.
   */
  references(
    type: ActivityType,
    userIds: readonly number[],
    lockMode: LockMode,
  ): AsyncIterable<readonly ContributionRef[]>;
  /**
   * Whose contributions hold something that an anonymization would change, if it came now: a personal value, whatever its age, or that they
   * were made since then and would go. One statement.
   */
  changeable(userIds: readonly number[], since: Date): Promise<readonly number[]>;
  /** Answers how many rows were removed and how many anonymized (two statements at most). */
  applyChangeSet(type: ActivityType, changeSet: ChangeSet): Promise<Applied>;
  /** Removes all that these user rows contributed, with what hangs on their ideas; replies by others stay and lose `parentId`. */
  removeAllOf(userIds: readonly number[]): Promise<void>;
}

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
/** Rows of a side table, and the ids of those that were too many bytes for it. */
export interface SideSlice {
  readonly rows: readonly Readonly<Record<string, Json | Date>>[];
  readonly left: readonly number[];
}
/** Where a walk over all side tables stands. */
export interface SidePosition {
  readonly table: SideTable;
  readonly id: number;
  /** From here on this table is gone through row by row: no index leads to few. */
  readonly isRowByRow?: true;
}
/** What a walk found, and where it goes on; null: at its end. */
export interface SideBatch {
  readonly found: readonly SideReference[];
  readonly next: SidePosition | null;
}

/** The only writer of OpenStad's side tables and of columns that nobody declared. What exists is looked up once. See docs/adr/0005. */
export interface SideTableStore {
  /** What looks personal, is declared nowhere, and would be left by an anonymization; as `table.column`. */
  gaps(): Promise<readonly string[]>;
  /**
   * Sorted by table and id, at most `limit`, behind `after` (null: from the beginning); also where there are more, it may be none.
   * No statement looks at more than some thousands of rows. No statement where no side table could name them; one for all tables
   * where indexes lead to few rows; of any other table two for each ten thousand rows that it has, whosever they are.
   */
  references(subjects: SideSubjects, after: SidePosition | null, limit: number): Promise<SideBatch>;
  /**
   * Rows of one table by their keys, with every declared column that it has here but secrets: the first that take `bytes` together, but
   * one, and the keys of those that are left. One statement.
   */
  read(table: SideTable, ids: readonly number[], bytes: number): Promise<SideSlice>;
  /** Two statements at most; answers how many rows were removed and how many anonymized. */
  applyChangeSet(table: SideTable, subjects: SideSubjects, changeSet: ChangeSet): Promise<Applied>;
  /** Columns of `users` that somebody added and that may be null. No statement where there is none. */
  clearUndeclared(userIds: readonly number[]): Promise<void>;
  /** What each table does when these users are deleted, so that no row refers to them any more. One statement a table. */
  release(subjects: SideSubjects): Promise<void>;
}
