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
