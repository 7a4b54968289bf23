import { Fault } from '../../domain/fault.ts';
import { mustBeAdmin } from '../../domain/refusals.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import type { AtSite } from '../commands.ts';
import { removalCheck, assertNoUndeclaredData } from '../anonymization/plan.ts';
import { contributionsOf } from '../anonymization/planned-contributions.ts';
import { rowStatusOf } from '../row-status.ts';
import type { SiteSummary } from './commands.ts';
import { judgePerson, nothingYet, rowsToCount, withBatch, type PlanCount } from './judged-people.ts';

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
    return ports.inOneSnapshot(() => planSite(ports, { actor, site: now }), { hadTurn: true });
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

export type PlanNeeds = Pick<
  Ports,
  'users' | 'activities' | 'sideTables' | 'sites' | 'settings' | 'clock' | 'startDigest' | 'identity'
>;
/** People a batch: each takes the same number of statements, memory stays flat, and others have their turn after each. */
export const batchSize = 200;

/**
 * What anonymizing everybody at a site would do now, counted in batches; inside a snapshot. Each person is planned and judged by
 * the same rules as alone. Fault `conflict` (`incomplete`). Source: docs/adr/0007.
 */
export const planSite = async (ports: PlanNeeds, { actor, site }: AtSite): Promise<SiteSummary> => {
  await assertNoUndeclaredData(ports, [site]);
  const canRemove = await removalCheck(ports);
  const command = { actor, site, extent: 'this-site', wholeSite: true } as const;
  const digest = ports.startDigest();
  let count: PlanCount = nothingYet;
  for (let after = 0; ;) {
    const people = await ports.users.peopleAt(site.id, after, batchSize);
    const rowStatus = await rowStatusOf(
      ports,
      people.flatMap(({ rows }) => rows),
    );
    const judged = people.map((one) => judgePerson(ports, command, one, { rowStatus, canRemove }));
    const rows = rowsToCount(ports, judged, rowStatus);
    const contributed = await contributionsOf(ports, rows, 'plain', null);
    digest.add(`${contributed.digest}\n`);
    digest.add(judged.map(({ first, refusal }) => `${first} ${refusal ?? 'anonymize'}\n`).join(''));
    count = withBatch(count, judged, { rows, counts: contributed.counts });
    const last = people.at(-1);
    after = last?.first ?? after;
    if (people.length < batchSize) return { ...count, digest: digest.result(), lastUserId: after };
  }
};
