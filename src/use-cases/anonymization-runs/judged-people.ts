import type { Site } from '../../domain/sites/site.ts';
import type { EntryRow } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonAt } from '../../ports/user-store.ts';
import type { AnonymizeCommand, SiteTotals } from '../anonymization/commands.ts';
import { chooseRows, plannedRows, sitesLoggedInTo, type removalCheck } from '../anonymization/plan.ts';
import type { PlannedRow } from '../anonymization/planned-contributions.ts';
import { refusalOf } from '../anonymization/rights.ts';
import { totalsOf, type Contributed } from '../anonymization/view.ts';
import { isNobodyLeft, type RowStatus } from '../row-status.ts';
import { byActivity } from '../../activity-types/index.ts';
import type { PlanSummary } from './commands.ts';

/** Somebody of many, and what is to become of them. */
export interface Judged extends PersonAt {
  /** The rule that keeps them; null: they are anonymized. */
  readonly refusal: string | null;
  /** Rows that are anonymized. */
  readonly chosen: readonly EntryRow[];
  /** Of these: those that answers count. */
  readonly shown: readonly EntryRow[];
  /** The sites whose settings apply. */
  readonly sites: readonly (Site | null)[];
  /** Whether no row is left that keeps the person. */
  readonly nobodyLeft: boolean;
  /** Whether the person is then removed at the OAuth server. */
  readonly removesPerson: boolean;
}
export interface Judging {
  /** Of all rows of the batch. */
  readonly rowStatus: RowStatus;
  readonly canRemove: Awaited<ReturnType<typeof removalCheck>>;
}
type JudgedCommand = Pick<AnonymizeCommand, 'actor' | 'site' | 'extent' | 'wholeSite'>;

/**
 * What anonymizing this person would come to, by exactly what is asked when the run visits them. Rows at other sites that go along where
 * one site's are meant are in no number, as all admins of the site read the plan of a run, whoever began it; the digest binds them. See
 * docs/reference/neighbours.md.
 */
export const judgePerson = (
  ports: Pick<Ports, 'settings'>,
  command: JudgedCommand,
  person: PersonAt,
  { rowStatus, canRemove }: Judging,
): Judged => {
  const { rows, first } = person;
  const target = rows.find(({ id }) => id === first);
  if (target === undefined) return leftOut(person, 'gone');
  try {
    const { selected, chosen, statusForActor } = chooseRows(ports, command, target, rows, rowStatus);
    const nobodyLeft = isNobodyLeft(rows, chosen, statusForActor);
    const removesPerson = nobodyLeft && canRemove(person.person, chosen);
    const isShown = ({ siteId }: EntryRow): boolean => command.extent === 'all-sites' || siteId === command.site.id;
    const sites = sitesLoggedInTo([target, ...selected], rowStatus);
    return { ...person, refusal: null, chosen, shown: chosen.filter(isShown), sites, nobodyLeft, removesPerson };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return leftOut(person, refusal);
  }
};

export const leftOut = (person: PersonAt, refusal: string): Judged => ({
  ...{ first: person.first, person: person.person, rows: person.rows, refusal },
  ...{ chosen: [], shown: [], sites: [], nobodyLeft: false, removesPerson: false },
});

/** Everything that these people's anonymization would change, as `contributionsOf` wants it. */
export const rowsToCount = (
  ports: Pick<Ports, 'clock' | 'settings'>,
  judged: readonly Judged[],
  rowStatus: RowStatus,
): readonly PlannedRow[] =>
  judged.flatMap(({ rows, chosen, nobodyLeft }) => plannedRows(ports, rows, chosen, nobodyLeft, rowStatus));

/** What has been counted so far of the people of a plan. */
export type PlanCount = Omit<PlanSummary, 'digest'>;
export const nothingYet: PlanCount = {
  users: 0,
  persons: 0,
  leftOut: new Map(),
  sites: [],
  oauth: { removed: 0, kept: 0 },
};

/** A count with one more batch of people and what their rows contributed (null: nobody looked). */
export const withBatch = (count: PlanCount, judged: readonly Judged[], contributed: Contributed | null): PlanCount => {
  const taken = judged.filter(({ refusal }) => refusal === null);
  const known = taken.filter(({ person, chosen }) => person !== null && !chosen.some((row) => row.profileWithheld));
  const removed = known.filter(({ removesPerson }) => removesPerson).length;
  const shown = new Set(taken.flatMap((one) => one.shown.map(({ id }) => id)));
  return {
    users: count.users + shown.size,
    persons: count.persons + taken.length,
    leftOut: withRefusals(count.leftOut, judged),
    sites: contributed === null ? count.sites : withTotals(count.sites, shownTotalsOf(contributed, shown)),
    oauth: { removed: count.oauth.removed + removed, kept: count.oauth.kept + known.length - removed },
  };
};

const withRefusals = (before: PlanCount['leftOut'], judged: readonly Judged[]): PlanCount['leftOut'] => {
  const after = new Map(before);
  for (const { refusal } of judged) if (refusal !== null) after.set(refusal, (after.get(refusal) ?? 0) + 1);
  return after;
};

const shownTotalsOf = ({ rows, counts }: Contributed, shown: ReadonlySet<number>): readonly SiteTotals[] => {
  const bySite = new Map<number, { readonly site: Site; readonly rows: PlannedRow[] }>();
  for (const row of rows) {
    if (row.site === null || !shown.has(row.user.id)) continue;
    const there = bySite.get(row.site.id);
    if (there === undefined) bySite.set(row.site.id, { site: row.site, rows: [row] });
    else there.rows.push(row);
  }
  return [...bySite.values()].map((one) => totalsOf({ rows: one.rows, counts }, one.site));
};

/** In the order of ids. */
const withTotals = (before: readonly SiteTotals[], more: readonly SiteTotals[]): readonly SiteTotals[] => {
  const bySite = new Map(before.map((one) => [one.site.id, one] as const));
  for (const one of more) {
    const there = bySite.get(one.site.id);
    bySite.set(one.site.id, there === undefined ? one : sum(there, one));
  }
  return [...bySite.values()].sort((one, other) => one.site.id - other.site.id);
};

const sum = (one: SiteTotals, other: SiteTotals): SiteTotals => ({
  site: one.site,
  users: one.users + other.users,
  stays: byActivity(({ plural }) => one.stays[plural] + other.stays[plural]),
  goes: byActivity(({ plural }) => one.goes[plural] + other.goes[plural]),
  hidden: one.hidden + other.hidden,
});
