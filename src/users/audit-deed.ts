import { byActivity } from '../activity-types/index.ts';
import type { Fate } from '../activity-types/definition.ts';
import { owns, type Actor } from '../domain/actor.ts';
import type { User } from '../domain/user.ts';
import { mayHearOfPerson } from '../domain/withheld.ts';
import type { ActorKind, AuditCounts, DeedCall, DeedEntry } from '../ports/audit.ts';
import type { Ports } from '../ports/index.ts';
import type { AnonymizationPlan } from './anonymization-plan.ts';
import { authenticated } from './audit-mac.ts';
import type { Parting } from './parting.ts';
import type { Counts } from './counted-contributions.ts';
import type { PlannedContributions } from './planned-contributions.ts';

/** What became of one user row. */
export interface TouchedRow extends Pick<DeedEntry, 'fate' | 'counts' | 'digest'> {
  readonly user: User;
}

interface RecordedCall {
  readonly call: DeedCall;
  /** null: an OpenStad API beside us. */
  readonly actor: Actor | null;
  readonly parting: Parting;
  readonly reason?: string | undefined;
}

/** Writes one row per user row into the audit, in the transaction of the deed; one statement. Source: anonymization.md §5. */
export const recordDeed = (
  { audit, clock, secrets }: Pick<Ports, 'audit' | 'clock' | 'secrets'>,
  deed: string,
  { call, actor, parting, reason }: RecordedCall,
  touched: readonly TouchedRow[],
): Promise<void> => {
  const at = clock.now();
  const entries = touched.map(({ user, ...what }, index): DeedEntry => ({
    ...what,
    at,
    call,
    deed,
    actorId: actor?.client?.id ?? actor?.userId ?? null,
    actorKind: kindOf(actor, user),
    siteId: user.siteId,
    userId: user.id,
    oauth: parting.kind,
    reason: reason ?? null,
    withheld: user.profileWithheld,
    told: actor !== null && mayHearOfPerson(actor, [user]),
    place: index + 1,
    places: touched.length,
  }));
  return audit.append(authenticated(secrets, entries));
};

const kindOf = (actor: Actor | null, user: User): ActorKind => {
  if (actor === null) return 'openstad-api';
  if (actor.client !== undefined) return 'client';
  if (owns(actor, user)) return 'owner';
  return actor.reach.kind === 'everywhere' ? 'fixed-token' : 'staff';
};

/** The rows of a plan that was carried out. */
export const anonymizedRows = (plan: AnonymizationPlan): readonly TouchedRow[] =>
  plan.rows.map(({ user }) => ({
    user,
    fate: 'anonymized',
    digest: plan.digest,
    counts: plannedCounts(plan, user.id),
  }));

/** How many contributions of a planned row meet which fate. */
const plannedCounts = (plan: Pick<PlannedContributions, 'counts'>, userId: number): AuditCounts =>
  byActivity((type) => fates(plan.counts[type.plural].get(userId)));

/** How many there are, where all of them go. */
export const removedCounts = (plan: Pick<PlannedContributions, 'counts'>, userId: number): AuditCounts =>
  byActivity((type) => {
    const { keep, strip, remove } = fates(plan.counts[type.plural].get(userId));
    return { keep: 0, strip: 0, remove: keep + strip + remove };
  });

const fates = (counts: Counts | undefined): Readonly<Record<Fate, number>> =>
  counts === undefined
    ? { keep: 0, strip: 0, remove: 0 }
    : {
        keep: counts.stays + counts.hiddenStays - counts.stripped,
        strip: counts.stripped,
        remove: counts.goes + counts.hiddenGoes,
      };
