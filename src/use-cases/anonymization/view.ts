import { dispositionOf } from '../../activity-types/definition.ts';
import { byActivity, summaryTotals, type ByActivity } from '../../activity-types/index.ts';
import type { Actor } from '../../domain/actor.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';
import { mayHearOfPerson } from '../../domain/people/vouching.ts';
import type { Ports } from '../../ports/index.ts';
import { changesOf } from './changes.ts';
import type {
  AnonymizationLists,
  AnonymizationSummary,
  AnonymizationView,
  AnonymizeCommand,
  SiteTotals,
} from './commands.ts';
import type { Counts, PlannedRow } from './planned-contributions.ts';
import type { AnonymizationPlan } from './plan.ts';
import { mayHearOfRow } from './rights.ts';

/**
 * What answers show of a plan. A row that goes along because nobody is left may be of a site where the actor has no right: neither it
 * nor what it contributed is told, though the digest binds it. See docs/reference/neighbours.md.
 */
export const viewOf = async (
  ports: Pick<Ports, 'activities' | 'settings' | 'clock'>,
  { actor, view }: Pick<AnonymizeCommand, 'actor' | 'view'>,
  plan: AnonymizationPlan,
): Promise<AnonymizationView> => {
  const shown = { ...plan, rows: plan.rows.filter(({ user, site }) => mayHearOfRow(actor, user, site)) };
  return {
    actor,
    summary: summaryOf(actor, plan, shown),
    lists: listsOf(shown),
    changes: view === 'changes' ? await changesOf(ports, actor, shown) : null,
  };
};

/** A summary as answers show it. Source: anonymization.md §1. */
export const shownSummary = ({ digest, users, sites, oauth, late }: AnonymizationSummary): JsonObject => ({
  digest,
  users,
  sites: shownTotals(sites),
  ...(oauth === null ? {} : { oauth }),
  ...(late === undefined ? {} : { late }),
});

export const shownTotals = (sites: readonly SiteTotals[]): readonly JsonObject[] =>
  sites.map(({ site, users: rows, stays, goes, hidden }) => ({
    id: site.id,
    title: site.title,
    users: rows,
    ...Object.fromEntries(summaryTotals.map(({ name, plural, of }) => [name, { stays, goes }[of][plural]])),
    hidden,
  }));

/** The six lists: rows as they were, their sites, and of each kind what its type lists (what stays, or what goes). */
const listsOf = ({ rows, contributions }: AnonymizationPlan): AnonymizationLists | null => {
  if (contributions === null) return null;
  const planned = new Map(rows.map((row) => [row.user.id, row]));
  return {
    users: rows.map(({ user, site }) => ({ user, site })),
    sites: sitesOf({ rows }),
    ...byActivity((type) =>
      contributions[type.plural].filter((row) => {
        const of = planned.get(row.userId);
        if (of === undefined || row.deletedAt !== null) return false;
        return (dispositionOf(type, of, false) === 'remove') === (type.listed === 'what-goes');
      }),
    ),
  };
};

const summaryOf = (actor: Actor, plan: AnonymizationPlan, shown: AnonymizationPlan): AnonymizationSummary => ({
  digest: plan.digest,
  users: shown.rows.length,
  sites: sitesOf(shown).map((site) => totalsOf(shown, site)),
  oauth: !mayHearOfPerson(actor, usersOf(plan)) ? null : plan.removesPerson ? 'removed' : 'kept',
});

const usersOf = ({ rows }: Pick<AnonymizationPlan, 'rows'>): readonly User[] => rows.map(({ user }) => user);

/** Planned rows, and how much they contributed. */
export interface Contributed extends Pick<AnonymizationPlan, 'counts'> {
  readonly rows: readonly PlannedRow[];
}

/** What some planned rows come to at one site. */
export const totalsOf = ({ rows, counts }: Contributed, site: Site): SiteTotals => {
  const ids = rows.filter((row) => row.site?.id === site.id).map(({ user }) => user.id);
  const sum = (of: (counts: Counts) => number): ByActivity<number> =>
    byActivity((type) => ids.reduce((total, id) => total + countOf(counts[type.plural].get(id), of), 0));
  const hidden = sum((one) => one.hiddenStays + one.hiddenGoes);
  return {
    site,
    users: ids.length,
    stays: sum((one) => one.stays),
    goes: sum((one) => one.goes),
    hidden: Object.values(hidden).reduce((total, some) => total + some, 0),
  };
};

const countOf = (counts: Counts | undefined, of: (counts: Counts) => number): number =>
  counts === undefined ? 0 : of(counts);

const sitesOf = ({ rows }: Pick<AnonymizationPlan, 'rows'>): readonly Site[] => [
  ...new Map(rows.flatMap(({ site }) => (site === null ? [] : [[site.id, site] as const]))).values(),
];
