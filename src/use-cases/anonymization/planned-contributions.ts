import { activityTypes, eachActivity, type ByActivity } from '../../activity-types/index.ts';
import { personalColumns, type ActivityRow, type ActivityType } from '../../activity-types/definition.ts';
import { Fault } from '../../domain/fault.ts';
import type { ContributionRef } from '../../ports/activity-store.ts';
import type { Ports } from '../../ports/index.ts';
import type { Reading } from '../../ports/user-store.ts';
import { addSites, addUsers, counted, type Counts } from './counted-contributions.ts';
import type { PlannedRow } from './planned-row.ts';
import { sideRowsOf, type PlannedSideRows } from './planned-side-rows.ts';

/** What becomes of what the planned rows contributed. */
export interface PlannedContributions {
  /** Per kind and user row, what will happen to how many. */
  readonly counts: ByActivity<ReadonlyMap<number, Counts>>;
  /** Every contribution, soft-deleted ones too; null when only counts were asked for. */
  readonly contributions: ByActivity<readonly ActivityRow[]> | null;
  /** What side tables of an OpenStad database hold. */
  readonly side: PlannedSideRows;
  /** Fingerprint of the sorted (table, id, disposition) and each site's voting state. Source: anonymization.md §4. */
  readonly digest: string;
}

type Needs = Pick<Ports, 'activities' | 'sideTables' | 'startDigest'>;

/**
 * Reads what the rows contributed: whole, at most `limit` (Fault `result-too-large`), or with `limit` null only walked through,
 * batch by batch, in flat memory. Counts and digest are the same either way.
 */
export const contributionsOf = async (
  ports: Needs,
  rows: readonly PlannedRow[],
  reading: Reading,
  limit: number | null,
): Promise<PlannedContributions> => {
  const contributions = limit === null ? null : await wholeRows(ports, rows, reading, limit);
  const digest = ports.startDigest();
  const counts = new Map<string, ReadonlyMap<number, Counts>>();
  // Sorted by table, and by id within each: the order of the digest.
  for (const table of tables) {
    if (table === 'sites') addSites(digest, rows);
    else if (table === 'users') addUsers(digest, rows);
    else {
      const whole = contributions?.[table.plural];
      const walk =
        whole === undefined ? ports.activities.references(table, idsOf(rows), reading) : batched(table, whole);
      counts.set(table.plural, await counted(table, rows, walk, digest));
    }
  }
  const side = await sideRowsOf(ports, rows, digest);
  return {
    contributions,
    side,
    counts: Object.fromEntries(counts) as unknown as PlannedContributions['counts'],
    digest: digest.result(),
  };
};

type Table = (typeof activityTypes)[number] | 'sites' | 'users';
const nameOf = (table: Table): string => (typeof table === 'string' ? table : table.table);
const tables: readonly Table[] = [...activityTypes, 'sites' as const, 'users' as const].sort((one, other) =>
  nameOf(one) < nameOf(other) ? -1 : 1,
);

const wholeRows = async (
  { activities }: Needs,
  rows: readonly PlannedRow[],
  reading: Reading,
  limit: number,
): Promise<ByActivity<readonly ActivityRow[]>> => {
  const ids = idsOf(rows);
  const found = await eachActivity((type) =>
    ids.length === 0 ? Promise.resolve([]) : activities.rows(type, ids, reading, limit + 1),
  );
  const total = Object.values(found).reduce((sum, some) => sum + some.length, 0);
  if (total <= limit) return found;
  throw new Fault(
    'result-too-large',
    { limit, found: total, use: '?view=summary' },
    `More than ${limit} contributions are concerned: ask for the summary (?view=summary).`,
  );
};

const idsOf = (rows: readonly PlannedRow[]): readonly number[] => rows.map(({ user }) => user.id);

/** Rows that were read whole, as if walked through. */
async function* batched(type: ActivityType, rows: readonly ActivityRow[]): AsyncGenerator<readonly ContributionRef[]> {
  const columns = personalColumns(type);
  yield await Promise.resolve(
    [...rows]
      .sort((one, other) => one.id - other.id)
      .map((row) => ({
        id: row.id,
        userId: row.userId,
        isHidden: row.deletedAt !== null,
        hasPersonal: columns.some((column) => row[column] !== null),
      })),
  );
}
