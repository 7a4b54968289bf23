import { byActivity } from '../../activity-types/index.ts';
import type { User } from '../../domain/user.ts';
import type { PersonAt } from '../../ports/user-store.ts';
import type { SiteTotals } from '../anonymization/commands.ts';
import type { AnonymizationPlan } from '../anonymization/plan.ts';
import { sitesOf, totalsOf } from '../anonymization/view.ts';
import type { SiteSummary } from './commands.ts';

/** Somebody of the site, and what is to become of them. */
export interface Judged extends PersonAt {
  /** The rule that keeps them; null: they are anonymized. */
  readonly refusal: string | null;
  /** Rows that are anonymized. */
  readonly chosen: readonly User[];
  /** Whether no row is left that keeps the person. */
  readonly nobodyLeft: boolean;
  /** Whether the person is then removed at the OAuth server. */
  readonly removesPerson: boolean;
}

export type CountedRows = Pick<AnonymizationPlan, 'rows' | 'counts'>;
export type SiteCount = Omit<SiteSummary, 'digest'>;

export const nothingYet: SiteCount = {
  users: 0,
  persons: 0,
  leftOut: new Map(),
  sites: [],
  oauth: { removed: 0, kept: 0 },
  lastUserId: 0,
};

/** A count with one more batch of people and what their rows contributed. */
export const withBatch = (count: SiteCount, judged: readonly Judged[], contributed: CountedRows): SiteCount => {
  const taken = judged.filter(({ refusal }) => refusal === null);
  const known = taken.filter(({ person, chosen }) => person !== null && !chosen.some((row) => row.profileWithheld));
  const removed = known.filter(({ removesPerson }) => removesPerson).length;
  return {
    users: count.users + taken.reduce((sum, { chosen }) => sum + chosen.length, 0),
    persons: count.persons + taken.length,
    leftOut: withRefusals(count.leftOut, judged),
    sites: withTotals(count.sites, contributed),
    oauth: { removed: count.oauth.removed + removed, kept: count.oauth.kept + known.length - removed },
    lastUserId: judged.at(-1)?.first ?? count.lastUserId,
  };
};

const withRefusals = (before: SiteCount['leftOut'], judged: readonly Judged[]): SiteCount['leftOut'] => {
  const after = new Map(before);
  for (const { refusal } of judged) if (refusal !== null) after.set(refusal, (after.get(refusal) ?? 0) + 1);
  return after;
};

const withTotals = (before: readonly SiteTotals[], rows: CountedRows): readonly SiteTotals[] => {
  const after = new Map(before.map((totals) => [totals.site.id, totals]));
  for (const site of sitesOf(rows)) {
    const [more, there] = [totalsOf(rows, site), after.get(site.id)];
    after.set(site.id, there === undefined ? more : sum(there, more));
  }
  return [...after.values()];
};

const sum = (one: SiteTotals, other: SiteTotals): SiteTotals => ({
  site: one.site,
  users: one.users + other.users,
  stays: byActivity((type) => one.stays[type.plural] + other.stays[type.plural]),
  goes: byActivity((type) => one.goes[type.plural] + other.goes[type.plural]),
  hidden: one.hidden + other.hidden,
});
