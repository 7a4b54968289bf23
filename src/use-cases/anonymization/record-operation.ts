import { byActivity } from '../../activity-types/index.ts';
import type { Disposition } from '../../activity-types/definition.ts';
import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';
import { mayHearOfPerson } from '../../domain/people/vouching.ts';
import type { AuditCounts, OperationCall, OperationEntry } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { withMac, writtenActor } from '../audit/entries.ts';
import type { IdentityCleanup } from '../outbox/identity-cleanup.ts';
import type { AnonymizationPlan } from './plan.ts';
import type { Counts, PlannedContributions } from './planned-contributions.ts';
import { mayHearOfRow } from './rights.ts';

/** What became of one user row. */
export interface TouchedRow extends Pick<OperationEntry, 'disposition' | 'counts' | 'digest'> {
  readonly user: User;
  /** null: it is gone. */
  readonly site: Site | null;
}

interface RecordedCall {
  readonly call: OperationCall;
  /** null: an OpenStad API beside us. */
  readonly actor: Actor | null;
  readonly cleanup: IdentityCleanup;
  readonly reason?: string | undefined;
}

/** Writes one row per user row into the audit, in the transaction of the operation; one statement. Source: anonymization.md §5. */
export const recordOperation = (
  { audit, clock, secrets }: Pick<Ports, 'audit' | 'clock' | 'secrets'>,
  operation: string,
  { call, actor, cleanup, reason }: RecordedCall,
  touched: readonly TouchedRow[],
): Promise<void> => {
  const at = clock.now();
  const entries = touched.map(({ user, site, ...what }, index): OperationEntry => ({
    ...what,
    at,
    call,
    operation,
    ...(actor === null ? openstadApi : writtenActor(actor, user)),
    siteId: user.siteId,
    userId: user.id,
    oauth: cleanup.kind,
    reason: reason ?? null,
    withheld: user.profileWithheld,
    told: actor !== null && mayHearOfPerson(actor, [user]),
    shown: actor === null || mayHearOfRow(actor, user, site),
    rank: index + 1,
    rowCount: touched.length,
  }));
  return audit.append(withMac(secrets, entries));
};

const openstadApi = { actorId: null, actorKind: 'openstad-api' } as const;

/** The rows of a plan that was executed. */
export const anonymizedRows = (plan: AnonymizationPlan): readonly TouchedRow[] =>
  plan.rows.map(({ user, site }) => ({
    user,
    site,
    disposition: 'anonymized',
    digest: plan.digest,
    counts: plannedCounts(plan, user.id),
  }));

/** How many contributions of a planned row meet which disposition. */
const plannedCounts = (plan: Pick<PlannedContributions, 'counts'>, userId: number): AuditCounts =>
  byActivity((type) => dispositions(plan.counts[type.plural].get(userId)));

/** How many there are, where all of them go. */
export const removedCounts = (plan: Pick<PlannedContributions, 'counts'>, userId: number): AuditCounts =>
  byActivity((type) => {
    const { keep, anonymize, remove } = dispositions(plan.counts[type.plural].get(userId));
    return { keep: 0, anonymize: 0, remove: keep + anonymize + remove };
  });

const dispositions = (counts: Counts | undefined): Readonly<Record<Disposition, number>> =>
  counts === undefined
    ? { keep: 0, anonymize: 0, remove: 0 }
    : {
        keep: counts.stays + counts.hiddenStays - counts.anonymized,
        anonymize: counts.anonymized,
        remove: counts.goes + counts.hiddenGoes,
      };
