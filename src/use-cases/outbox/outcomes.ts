/** `X-OAuth-Removal`. Source: anonymization.md §3. */
export type RemovalOutcome =
  | 'done'
  | 'pending'
  | 'kept;reason=rows-elsewhere'
  | 'kept;reason=other-clients'
  | 'kept;reason=not-ours'
  | 'kept;reason=unsupported'
  | 'none';

/** `X-OAuth-Values`. */
export type ValuesOutcome = 'done' | 'pending' | 'none';

export interface OauthOutcome {
  readonly removal: RemovalOutcome;
  readonly values: ValuesOutcome;
}
