import type { Digest } from '../../ports/digest.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonAt } from '../../ports/user-store.ts';
import { plannedRows, withWhatNobodyKeeps } from '../anonymization/plan.ts';
import { mustBeAbleToAnonymize, refusalOf } from '../anonymization/rights.ts';
import type { AtSite } from '../commands.ts';
import { assertNoUndeclaredData } from '../anonymization/undeclared-data.ts';
import { statusAsAsked, rowStatusOf, type RowStatus } from '../row-status.ts';
import { contributionsOf } from '../anonymization/planned-contributions.ts';
import { removable } from '../anonymization/removable.ts';
import type { SiteSummary } from './commands.ts';
import { nothingYet, withBatch, type CountedRows, type Judged, type SiteCount } from './site-count.ts';

type Needs = Pick<
  Ports,
  'users' | 'activities' | 'sideTables' | 'sites' | 'settings' | 'clock' | 'startDigest' | 'identity'
>;
/** People a batch: each takes the same number of statements, and memory stays flat. */
const batchSize = 500;

/**
 * What anonymizing everybody at a site would do now, counted in batches; inside a snapshot. Each person is planned and judged by
 * the same rules as alone. Fault `conflict` (`incomplete`). Source: docs/adr/0007.
 */
export const planSite = async (ports: Needs, { actor, site }: AtSite): Promise<SiteSummary> => {
  await assertNoUndeclaredData(ports, [site]);
  const digest = ports.startDigest();
  let count: SiteCount = nothingYet;
  for (let after = 0; ;) {
    const people = await ports.users.peopleAt(site.id, after, batchSize);
    const rowStatus = await rowStatusOf(
      ports,
      people.flatMap(({ rows }) => rows),
    );
    const canRemove = await removable(ports);
    const judged = people.map((one) => judge(ports, { actor, site }, one, { rowStatus, canRemove }));
    count = withBatch(count, judged, await contributionsOfBatch(ports, judged, rowStatus, digest));
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
  }: { readonly rowStatus: RowStatus; readonly canRemove: Awaited<ReturnType<typeof removable>> },
): Judged => {
  const { rows, first } = person;
  const asked = rows.filter((row) => row.siteId === site.id && row.anonymizedAt === null);
  const asAsked = statusAsAsked(actor, asked, rowStatus);
  const chosen = withWhatNobodyKeeps(rows, asked, asAsked);
  const nobodyLeft = rows.every((row) => !asAsked.retainsPerson(row) || chosen.includes(row));
  const target = asked.find(({ id }) => id === first);
  try {
    const command = { actor, site, reach: 'this-site', wholeSite: true } as const;
    if (target !== undefined)
      mustBeAbleToAnonymize(command, target, { asked, chosen, all: rows }, rowStatus, settings.fixedTokenUserIds);
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
  ports: Needs,
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
