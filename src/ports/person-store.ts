import type { Person } from '../domain/users/user.ts';

/** The only writer of `civitas_persons` and tombstones. */
export interface PersonStore {
  find(id: number): Promise<Person | null>;
  byExternalId(issuer: string, externalId: string): Promise<Person | null>;
  /** Finds or makes, and locks (asking `isEntombed` comes after it, as a removal may have been settled while this waited); two at once make one. `ours` only ever goes from false to true. Inside a transaction. */
  ensure(issuer: string, externalId: string, createdByUs: boolean): Promise<Person>;
  setState(id: number, state: Person['state']): Promise<void>;
  /** Made by a POST; or no more, as somebody logged in. The person is locked. */
  setUnclaimed(id: number, isUnclaimed: boolean): Promise<void>;
  /** Who vouches for by what they log in; see `Person`. The person is locked. */
  setLoginSetAt(id: number, siteIds: Person['loginSetAt']): Promise<void>;
  /**
   * Remembers, without keeping who it was (an HMAC), that somebody whom the OAuth server keeps when their last row here goes had by
   * what they log in set here: whoever `ensure` makes of them again, and `loginSetAt` tells of, is vouched for by nobody.
   */
  rememberLoginSet(issuer: string, externalId: string): Promise<void>;
  /** As of the person's row, or what is remembered without one. */
  loginSetAt(issuer: string, externalId: string): Promise<Person['loginSetAt']>;
  /** All that rows of an adopted database held is known at the issuer by now: absent means absent. */
  setSaid(id: number): Promise<void>;
  setFetchedAt(id: number, fetchedAt: Date): Promise<void>;
  /**
   * Unlinks whatever row still points here (the caller saw, under the lock, that none keeps the person), and removes the person
   * row. `hasRows` false: the caller saw that none points here, and none can have come since; one that has makes this fail.
   */
  remove(id: number, hasRows?: boolean): Promise<void>;
  /** Remembers for 30 days that this person was removed at the OAuth server, without keeping who it was (an HMAC). */
  addTombstone(issuer: string, externalId: string): Promise<void>;
  hasTombstone(issuer: string, externalId: string): Promise<boolean>;
  /** Removes tombstones and leases that ran out before this moment. */
  forgetExpired(now: Date): Promise<void>;
}

/** What an OpenStad API beside us writes into `users` without telling. Source: docs/adr/0017. */
export interface WrittenPastUs {
  /** Ids of people of whom a row was anonymized or given to somebody else, as far as SQL can tell; at most `limit`. */
  touchedPeople(limit: number): Promise<readonly number[]>;
  /** Ids of people without a live row at a site that is there, not noted yet and not on their way out, behind `after` in order. */
  leftBehind(after: number, limit: number): Promise<readonly number[]>;
  /** Gives rows with an external id and no person theirs, as adoption does; answers how many. */
  link(globalIssuer: string | null, now: Date): Promise<number>;
  /** Puts totals of lists right; answers how many were wrong. */
  putCountsRight(): Promise<number>;
  /** Compares the search words of rows behind `after` with their names; answers the last row looked at, null after the last of all. */
  putWordsRight(after: number, limit: number): Promise<number | null>;
}
