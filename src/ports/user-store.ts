import type { Actor, Role } from '../domain/actor.ts';
import { isJsonObject, type Json } from '../domain/json.ts';
import type { EntryRow, Person, User, UserRow } from '../domain/users/user.ts';
import type { UserField } from '../domain/users/user-fields.ts';
import type { Lease } from './unit-of-work.ts';
import type { Naming } from '../domain/users/user-visibility.ts';

/** All rows of one person, soft-deleted ones included, in id order. A row without a person stands alone. */
export interface PersonRows {
  readonly person: Person | null;
  readonly rows: readonly User[];
  /** Whether a client keeps points or flags of them; undefined: nobody looked. Behind the person's lock it stays so. */
  readonly hasFacts?: boolean;
  /** Whether something that a check found of them is noted, but that rows differed once; undefined: nobody looked. */
  readonly hasFindings?: boolean;
}
/** Somebody as they are named at a site, or on a list: their rows, of which nothing is read that a site fills them with. */
export interface PersonAt extends Pick<PersonRows, 'person'> {
  readonly rows: readonly EntryRow[];
  /** The id of the row that names them: at a site their first one there that is not anonymized. */
  readonly first: number;
}
/** What has to be known of whoever asks. */
export interface ActorRows {
  readonly person: Person | null;
  /**
   * The live row whose id was asked for, then all other live rows of the same person by id; empty when there is no such live row,
   * or when a session was asked for that is not its own, has ended or run out.
   */
  readonly rows: readonly Pick<
    UserRow,
    'id' | 'siteId' | 'personId' | 'role' | 'profileWithheld' | 'anonymizedAt' | 'externalUserId' | 'lastLogin'
  >[];
  /**
   * Null when none was asked for, or it is not there. `login`: of one at the console, through whose OAuth settings it came (null: the
   * global ones).
   */
  readonly session: {
    readonly checkedAt: Date;
    readonly login?: { readonly siteId: number | null; readonly provider: string };
  } | null;
}
/** Of a row what tells where its person is, and as what. */
export type PlaceRow = Pick<UserRow, 'id' | 'siteId' | 'role' | 'profileWithheld' | 'deletedAt'>;
/**
 * `locked`: in the order person, then rows by id; only inside `inOneTransaction`. The person row is locked by writing it (its
 * `version`), so that a cluster, where FOR UPDATE is local to a node, sees two units of one person collide.
 */
export type LockMode = 'plain' | 'locked';

/** Beside locking a person: what is written by the statement that locks. */
export interface Locking {
  /** Asserted first; it is the person's, or that of who makes them. */
  readonly lease?: Lease;
  /** The moment as of which they are read at the OAuth server. */
  readonly fetchedAt?: Date;
}

/** Dates are ISO texts in UTC; a whole day is a `Day`, which every moment in it equals. */
export interface Condition {
  readonly field: UserField;
  readonly is: 'equal' | 'different' | 'containing' | 'one-of';
  readonly values: readonly Json[];
}
export type Day = Readonly<Record<'from' | 'before', string>>;
export const isDay = (value: Json): value is Day =>
  isJsonObject(value) && typeof value['from'] === 'string' && typeof value['before'] === 'string';

export interface Sort {
  readonly field: UserField;
  readonly direction: 'ASC' | 'DESC';
}
/**
 * Each word (as `askedWords` gives them; at least one) must begin a word of the display name, or of first name, last name or e-mail
 * address where the actor sees the row's details. Anonymized rows are not found.
 */
export interface Search {
  readonly words: readonly string[];
  readonly naming: Naming;
  /** The word whose bearers are looked at one by one; absent: the longest. */
  readonly lead?: string;
}
/** Where a walk stands: the sort value and id of the last row. */
export interface Position {
  readonly value: Json;
  readonly id: number;
}
export interface ListQuery {
  readonly siteId: number;
  readonly actor: Actor;
  /** The actor's role at the site. Rows are listed by `listableByRole` (null: moderators and above), and oneself always. */
  readonly role: Role;
  /** The site hides its people from the actor: only their own rows are listed. */
  readonly onlyOwn?: boolean;
  readonly conditions: readonly Condition[];
  readonly search?: Search;
  readonly sort: Sort;
  readonly limit: number;
  readonly after?: Position;
  readonly offset?: number;
  /** What may read through a whole site is ended after so long (Fault `busy`), where the database can. */
  readonly maxSeconds?: number;
}

/**
 * The only writer of `users`, its counters and the words to search by. Answers hold live rows only, unless said otherwise.
 * Rows whose details the actor may not see count as null wherever `conditions` or `sort` name a detail.
 */
export interface UserStore {
  /** The live row of this site, or null. One statement. */
  find(siteId: number, id: number): Promise<User | null>;
  /** Who a token speaks for, and whether the session that it names (`jti`; null: it names none) still is there. One statement. */
  actorRows(userId: number, jti: string | null): Promise<ActorRows>;
  /** Where a person is: all their rows, soft-deleted ones too, by id. One statement, together with `actorRows` of the same turn. */
  placeRows(personId: number): Promise<readonly PlaceRow[]>;
  /** The live rows of this person, by id, where this session at the console is theirs, and has not ended. One statement. */
  rowsOfConsole(personId: number, jti: string): Promise<ActorRows>;
  /**
   * The person of a live row of this site (`hidden`: of a soft-deleted one too) with all rows, or null when there is no such row.
   * Throws RunAgain when the row changes hands.
   */
  personOf(siteId: number, id: number, lockMode: LockMode, rows?: 'live' | 'hidden'): Promise<PersonRows | null>;
  /**
   * Who is not anonymized at this site, with all their rows everywhere: in the order of `first`, behind `after`, at most `limit`.
   * Two statements at most.
   */
  peopleAt(siteId: number, after: number, limit: number): Promise<readonly PersonAt[]>;
  /** The people of these rows, each named by the row (`first`) and with all their rows everywhere; nobody for a row that is not there. Two statements at most. */
  peopleOf(ids: readonly number[]): Promise<readonly PersonAt[]>;
  /** Which of these are live rows, and at which site; in the order of ids. One statement. */
  liveAmong(ids: readonly number[]): Promise<readonly { readonly id: number; readonly siteId: number }[]>;
  /** Where these people are: their live rows at sites, by id. One statement. */
  liveOf(
    personIds: readonly number[],
  ): Promise<readonly { readonly id: number; readonly siteId: number; readonly personId: number }[]>;
  /** Of a person by id; null where there is none. Fault `busy` where a lease that is to be asserted is lost. */
  person(personId: number, lockMode: LockMode, locking?: Locking): Promise<PersonRows | null>;
  /**
   * Who has this address at one of these sites, soft-deleted rows too, as the database compares; null: it lets an address stand
   * there as often as it comes. `locked`: the rows, not their people.
   */
  addressHolders(address: string, siteIds: readonly number[], lockMode: LockMode): Promise<readonly User[] | null>;
  list(query: ListQuery): Promise<readonly User[]>;
  /** Who is in such a list, in its order, and where each stands in it: nothing else of them is read. */
  positionsIn(query: ListQuery): Promise<readonly Position[]>;
  /** Where a walk goes on after this row. */
  positionOf(user: User, query: ListQuery): Position;
  /** How many entries of a site's words begin with each of these words, shown to anybody or not, counted up to `most`. One statement. */
  countWords(siteId: number, words: readonly string[], most: number): Promise<readonly number[]>;
  /** How many a query finds, counted. */
  count(query: ListQuery): Promise<number>;
  /** How many are listed without conditions and search, from the counters. One statement. */
  countListed(query: ListQuery): Promise<number>;
  /**
   * Fault `conflict` (rule `already-at-this-site`) when the person has a row in that slot, `site-not-found` when the site is
   * gone: it cannot go while this unit runs.
   */
  insert(row: Omit<UserRow, 'id'>): Promise<number>;
  /**
   * Writes what differs, in one statement whatever the number of rows, and where names changed their words: one more to clear them,
   * one for each hundred new. The rows must be locked. A row that is gone: RunAgain.
   */
  save(changes: readonly { readonly before: UserRow; readonly after: UserRow }[]): Promise<void>;
  /** Really removes; the rows must be locked. A row that is gone: RunAgain. */
  remove(rows: readonly UserRow[]): Promise<void>;
}
