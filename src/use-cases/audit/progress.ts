import type { AuditCounts, AuditRow } from '../../ports/audit.ts';

/** One call as the audit tells of it, of rows that we wrote and nothing else. */
export interface ReadOperation {
  /** One per user row; what they have in common stands in each. */
  readonly touched: readonly [AuditRow, ...AuditRow[]];
  readonly outcomes: readonly AuditRow[];
}

/** How far an operation has come at the OAuth server. */
export interface OauthProgress {
  /** `removed`: the person is gone there, as the server itself has answered; never said before that. */
  readonly removal: 'none' | 'pending' | 'removed' | 'kept' | 'unknown';
  /** Why they were kept. */
  readonly reason: string | null;
  /** The person's values for these sites. */
  readonly values: 'none' | 'pending' | 'withdrawn' | 'unsupported';
}

/** What was to be done there for one operation, and what is known to have been done since. */
export const progressOf = ({ touched: [{ oauth: wish }], outcomes }: ReadOperation): OauthProgress => {
  // Each is written once. The first by its own moment, as ids can be changed.
  const outcomeOf = (call: string): string | null =>
    outcomes
      .filter((row) => row.call === call)
      .reduce<AuditRow | null>((first, row) => (first !== null && first.at <= row.at ? first : row), null)?.oauth ??
    null;
  const values = valuesFrom(outcomeOf('oauth-values'));
  if (wish === 'withdraw') return { removal: 'kept', reason: 'rows-elsewhere', values };
  if (wish !== 'remove') return { removal: 'none', reason: null, values: 'none' };
  const removal = outcomeOf('oauth-removal');
  if (removal === null) return { removal: 'pending', reason: null, values: 'none' };
  if (removal === 'done') return { removal: 'removed', reason: null, values: 'none' };
  const reason = /^kept;reason=(.+)$/.exec(removal)?.[1];
  return reason === undefined ? { removal: 'unknown', reason: null, values } : { removal: 'kept', reason, values };
};

const valuesFrom = (outcome: string | null): OauthProgress['values'] => {
  if (outcome === null) return 'pending';
  return outcome === 'done' ? 'withdrawn' : 'unsupported';
};

/** Whether a row tells of a user row, not of an outcome. */
export const isTouch = ({ disposition }: AuditRow): boolean => disposition !== null;

/** Of a row that we wrote. */
export const countsOf = ({ counts }: AuditRow): AuditCounts => JSON.parse(counts ?? '{}') as AuditCounts;

/** Fit for JSON, as receipts are signed over it. */
export type AskedBy = Readonly<{ kind: string | null; userId?: number | null; clientId?: number | null }>;

/** Who asked: a client's id is no user's. */
export const askedBy = ({ actorKind, actorId }: AuditRow): AskedBy =>
  actorKind === 'client' ? { kind: actorKind, clientId: actorId } : { kind: actorKind, userId: actorId };
