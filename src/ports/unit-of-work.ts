/**
 * Runs work as one database transaction (READ COMMITTED, so that a read after a lock sees what was committed before it) and
 * joins a running one. The whole unit is run again on a deadlock or a lock time-out, for ten seconds, and on `RunAgain`, up to the
 * third run; then Fault `busy`. So nothing inside may talk to another machine or change memory.
 *
 * `patienceMs`: after Faults `busy` and `not-ready`, too, it is begun again for so long, for who has to write down what has happened
 * already. The work must find out by itself where an earlier commit, of which nothing was heard, was done.
 */
export type InOneTransaction = <T>(work: () => Promise<T>, options?: { readonly patienceMs?: number }) => Promise<T>;

/**
 * Runs reads against one consistent state of the database, without locks; writes inside are a bug. Of requests few run at a time, and
 * others wait before it begins (Fault `busy` after ten seconds): so rights are read inside, unless `hadTurn`, which is for what waited
 * for a turn of its own, with few beside it.
 */
export type InOneSnapshot = <T>(work: () => Promise<T>, options?: { readonly hadTurn?: boolean }) => Promise<T>;

/** Thrown inside a unit whose plan no longer fits what the database holds. */
export class RunAgain extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RunAgain';
  }
}

export interface Lease {
  /**
   * Throws Fault `busy` when the lease has run out and somebody else may hold it, else gives it its full time again; called
   * between steps, and in the transaction that writes.
   */
  assertHeld(): Promise<void>;
}

/**
 * Runs work while holding a named lease, across instances (conditional UPDATE, no GET_LOCK). The lease outlives two time limits
 * of the OAuth server, and is not given back early when a write there may still be under way (`mayHaveHappened`); who waits
 * longer than 10 s gets Fault `busy`. Source: user-api.md §3 "Update".
 */
export type WithLease = <T>(name: string, work: (lease: Lease) => Promise<T>) => Promise<T>;

/** What was answered to a call that may be repeated. `scope` and `body` are fingerprints; `summary` is sealed. */
export interface RememberedAnswer {
  readonly body: string;
  readonly summary: string;
}

/** The only writer of idempotency keys; kept 24 hours. Source: anonymization.md §4. */
export interface ReplayStore {
  /** The answer once given in this scope (actor, path and key), while it is kept. */
  find(scope: string): Promise<RememberedAnswer | null>;
  /** In the transaction of the operation, so that both or neither are there. A scope that is taken meanwhile: RunAgain. */
  remember(scope: string, answer: RememberedAnswer): Promise<void>;
  /** Remembers that something is over, which may be said more than once. In its transaction. One statement. */
  rememberEnding(scope: string): Promise<void>;
  /** Removes what was kept long enough. */
  forgetExpired(now: Date): Promise<void>;
}
