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
  /** Removes what was kept long enough. */
  forgetExpired(now: Date): Promise<void>;
}
