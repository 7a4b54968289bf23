import { byActivity } from '../../activity-types/index.ts';
import { Fault } from '../../domain/fault.ts';
import { mustBeAdmin } from '../../domain/refusals.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Digest } from '../../ports/platform.ts';
import type { PersonAt } from '../../ports/user-store.ts';
import { actorNow } from '../actor-now.ts';
import type { AtSite } from '../commands.ts';
import type { SiteTotals } from '../anonymization/commands.ts';
import {
  plannedRows,
  withOrphanedRows,
  removalCheck,
  assertNoUndeclaredData,
  type AnonymizationPlan,
} from '../anonymization/plan.ts';
import { contributionsOf } from '../anonymization/planned-contributions.ts';
import { mustBeAbleToAnonymize, refusalOf } from '../anonymization/rights.ts';
import { totalsOf } from '../anonymization/view.ts';
import { rowStatusForActor, rowStatusOf, type RowStatus } from '../row-status.ts';
import type { SiteSummary } from './commands.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'clients'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'settings'
  | 'clock'
  | 'startDigest'
  | 'identity'
  | 'inOneSnapshot'
>;

/** What anonymizing everybody at an ended site would do, as of one moment. Changes nothing. Faults: `forbidden`, `conflict`. */
export const previewSite =
  (ports: Needs) =>
  async (command: AtSite): Promise<SiteSummary> => {
    // A body may have come slowly: what its sender might when it began proves nothing.
    const actor = await actorNow(ports, command.actor);
    mustBeAdmin(actor, command.site.id);
    const now = await mustHaveEnded(ports, command.site.id);
    return ports.inOneSnapshot(() => planSite(ports, { actor, site: now }));
  };

/**
 * The site as it stands now, past the cache. Faults: `conflict` (rule `site-has-not-ended`), `site-not-found`. Source:
 * user-api.md §3 "Around it".
 */
export const mustHaveEnded = async ({ sites }: Pick<Ports, 'sites'>, siteId: number): Promise<Site> =>
  endedSite((await sites.readNow([siteId]))[0] ?? null);

/** A site that was read just now, if its project has ended; null: it is gone. Faults as `mustHaveEnded`. */
export const endedSite = (site: Site | null): Site => {
  if (site === null) throw new Fault('site-not-found', {});
  if (site.config.projectHasEnded) return site;
  throw new Fault(
    'conflict',
    { rule: 'site-has-not-ended', setting: 'project.projectHasEnded' },
    'Only the people of a site that has ended can be anonymized all together.',
  );
};

type PlanNeeds = Pick<
  Ports,
  'users' | 'activities' | 'sideTables' | 'sites' | 'settings' | 'clock' | 'startDigest' | 'identity'
>;
/** People a batch: each takes the same number of statements, memory stays flat, and others have their turn after each. */
const batchSize = 200;

/**
 * What anonymizing everybody at a site would do now, counted in batches; inside a snapshot. Each person is planned and judged by
 * the same rules as alone. Fault `conflict` (`incomplete`). Source: docs/adr/0007.
 */
export const planSite = async (ports: PlanNeeds, { actor, site }: AtSite): Promise<SiteSummary> => {
  await assertNoUndeclaredData(ports, [site]);
  const canRemove = await removalCheck(ports);
  const digest = ports.startDigest();
  let count: SiteCount = nothingYet;
  for (let after = 0; ;) {
    const people = await ports.users.peopleAt(site.id, after, batchSize);
    const rowStatus = await rowStatusOf(
      ports,
      people.flatMap(({ rows }) => rows),
    );
    const judged = people.map((one) => judge(ports, { actor, site }, one, { rowStatus, canRemove }));
    count = withBatch(count, site, judged, await contributionsOfBatch(ports, judged, rowStatus, digest));
    const last = people.at(-1);
    if (last === undefined || people.length < batchSize) return { ...count, digest: digest.result() };
    after = last.first;
  }
};

/** Exactly what the run asks when it comes to this person. */
const judge = (
  { settings }: Pick<Ports, 'settings'>,
  { actor, site }: AtSite,
  person: PersonAt,
  {
    rowStatus,
    canRemove,
  }: { readonly rowStatus: RowStatus; readonly canRemove: Awaited<ReturnType<typeof removalCheck>> },
): Judged => {
  const { rows, first } = person;
  const selected = rows.filter((row) => row.siteId === site.id && row.anonymizedAt === null);
  const statusForActor = rowStatusForActor(actor, selected, rowStatus);
  const chosen = withOrphanedRows(rows, selected, statusForActor);
  const nobodyLeft = rows.every((row) => !statusForActor.retainsPerson(row) || chosen.includes(row));
  const target = selected.find(({ id }) => id === first);
  try {
    const command = { actor, site, extent: 'this-site', wholeSite: true } as const;
    if (target !== undefined)
      mustBeAbleToAnonymize(command, target, { selected, chosen, all: rows }, rowStatus, settings.fixedTokenUserIds);
    const removesPerson = nobodyLeft && canRemove(person.person, chosen);
    return { ...person, refusal: null, chosen, nobodyLeft, removesPerson };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return { ...person, refusal, chosen: [], nobodyLeft: false, removesPerson: false };
  }
};

/** What some people's rows contributed. */
const contributionsOfBatch = async (
  ports: PlanNeeds,
  judged: readonly Judged[],
  rowStatus: RowStatus,
  digest: Digest,
): Promise<CountedRows> => {
  const planned = judged.flatMap(({ rows, chosen, nobodyLeft }) =>
    plannedRows(ports, rows, chosen, nobodyLeft, rowStatus),
  );
  const found = await contributionsOf(ports, planned, 'plain', null);
  digest.add(`${found.digest}\n`);
  digest.add(judged.map(({ first, refusal }) => `${first} ${refusal ?? 'anonymize'}\n`).join(''));
  return { rows: planned, counts: found.counts };
};

/** Somebody of the site, and what is to become of them. */
interface Judged extends PersonAt {
  /** The rule that keeps them; null: they are anonymized. */
  readonly refusal: string | null;
  /** Rows that are anonymized. */
  readonly chosen: readonly User[];
  /** Whether no row is left that keeps the person. */
  readonly nobodyLeft: boolean;
  /** Whether the person is then removed at the OAuth server. */
  readonly removesPerson: boolean;
}

type CountedRows = Pick<AnonymizationPlan, 'rows' | 'counts'>;
type SiteCount = Omit<SiteSummary, 'digest'>;

const nothingYet: SiteCount = {
  users: 0,
  persons: 0,
  leftOut: new Map(),
  sites: [],
  oauth: { removed: 0, kept: 0 },
  lastUserId: 0,
};

/**
 * A count with one more batch of people and what their rows contributed. Rows at other sites that go along are in no number, as all
 * admins of the site read the plan of a run, whoever began it; the digest binds them. See docs/reference/neighbours.md.
 */
const withBatch = (count: SiteCount, site: Site, judged: readonly Judged[], contributed: CountedRows): SiteCount => {
  const taken = judged.filter(({ refusal }) => refusal === null);
  const known = taken.filter(({ person, chosen }) => person !== null && !chosen.some((row) => row.profileWithheld));
  const chosen = taken.flatMap((one) => one.chosen);
  const removed = known.filter(({ removesPerson }) => removesPerson).length;
  return {
    users: count.users + chosen.filter(({ siteId }) => siteId === site.id).length,
    persons: count.persons + taken.length,
    leftOut: withRefusals(count.leftOut, judged),
    sites: withTotals(count.sites, totalsOf(contributed, site)),
    oauth: { removed: count.oauth.removed + removed, kept: count.oauth.kept + known.length - removed },
    lastUserId: judged.at(-1)?.first ?? count.lastUserId,
  };
};

const withRefusals = (before: SiteCount['leftOut'], judged: readonly Judged[]): SiteCount['leftOut'] => {
  const after = new Map(before);
  for (const { refusal } of judged) if (refusal !== null) after.set(refusal, (after.get(refusal) ?? 0) + 1);
  return after;
};

const withTotals = ([before]: readonly SiteTotals[], more: SiteTotals): readonly SiteTotals[] => {
  if (before === undefined) return more.users === 0 ? [] : [more];
  return [sum(before, more)];
};

const sum = (one: SiteTotals, other: SiteTotals): SiteTotals => ({
  site: one.site,
  users: one.users + other.users,
  stays: byActivity((type) => one.stays[type.plural] + other.stays[type.plural]),
  goes: byActivity((type) => one.goes[type.plural] + other.goes[type.plural]),
  hidden: one.hidden + other.hidden,
});
