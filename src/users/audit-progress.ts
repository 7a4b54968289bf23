import type { JsonObject } from '../domain/json.ts';
import type { AuditCounts, AuditRow } from '../ports/audit.ts';

/** How far a deed has come at the OAuth server. */
export interface OauthProgress {
  /** `removed`: the person is gone there, as the server itself has answered; never said before that. */
  readonly removal: 'none' | 'pending' | 'removed' | 'kept' | 'unknown';
  /** Why they were kept. */
  readonly reason: string | null;
  /** The person's values for these sites. */
  readonly values: 'none' | 'pending' | 'withdrawn' | 'unsupported';
}

/** From all rows of one deed: what was to be done there, and what is known to have been done since. */
export const progressOf = (rows: readonly AuditRow[]): OauthProgress => {
  const wish = rows.find(isTouch)?.oauth;
  const last = (call: string): string | null => rows.filter((row) => row.call === call).at(-1)?.oauth ?? null;
  const values = valuesFrom(last('oauth-values'));
  if (wish === 'withdraw') return { removal: 'kept', reason: 'rows-elsewhere', values };
  if (wish !== 'remove') return { removal: 'none', reason: null, values: 'none' };
  const removal = last('oauth-removal');
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
export const isTouch = ({ fate }: AuditRow): boolean => fate !== null;

/** Only `append` writes them; a text that was spoiled by hand counts as nothing, and is found by verifying. */
export const countsOf = ({ counts }: AuditRow): AuditCounts => {
  try {
    return JSON.parse(counts ?? '{}') as AuditCounts;
  } catch {
    return {};
  }
};

/** Who asked: a client's id is no user's. */
export const askedBy = ({ actorKind, actorId }: AuditRow): JsonObject =>
  actorKind === 'client' ? { kind: actorKind, clientId: actorId } : { kind: actorKind, userId: actorId };
