export interface Lease {
  /** Throws Fault `busy` when the lease has run out and somebody else may hold it, else gives it its full time again; called between steps, and in the transaction that writes. */
  assertHeld(): Promise<void>;
}

/**
 * Runs work while holding a named lease, across instances (conditional UPDATE, no GET_LOCK). The lease outlives two time limits
 * of the OAuth server, and is not given back early when a write there may still be under way (`mayHaveHappened`); who waits longer than 10 s gets Fault `busy`. Source: user-api.md §3 "Update".
 */
export type WithLease = <T>(name: string, work: (lease: Lease) => Promise<T>) => Promise<T>;
