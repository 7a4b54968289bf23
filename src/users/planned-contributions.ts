import { activityTypes, eachActivity, type ByActivity } from '../activity-types/index.ts';
import { personalColumns, type ActivityRow, type ActivityType, type Fate } from '../activity-types/definition.ts';
import { Fault } from '../domain/fault.ts';
import type { Site } from '../domain/site.ts';
import type { User } from '../domain/user.ts';
import type { Footprint } from '../ports/activity-store.ts';
import type { Digest } from '../ports/digest.ts';
import type { Ports } from '../ports/index.ts';
import type { Reading } from '../ports/user-store.ts';
import { sideRowsOf, type PlannedSideRows } from './planned-side-rows.ts';

export interface PlannedRow {
  readonly user: User;
  /** null: the site is gone. */
  readonly site: Site | null;
  readonly votingIsActive: boolean;
  readonly fates: ByActivity<Fate>;
}
/** What becomes of what the planned rows contributed. */
export interface PlannedContributions {
  /** Per kind and user row, what will happen to how many. */
  readonly counts: ByActivity<ReadonlyMap<number, Counts>>;
  /** Every contribution, soft-deleted ones too; null when only counts were asked for. */
  readonly contributions: ByActivity<readonly ActivityRow[]> | null;
  /** What side tables of an OpenStad database hold. */
  readonly side: PlannedSideRows;
  /** SHA-256 over the sorted (table, id, fate) and each site's voting state. Source: anonymization.md §4. */
  readonly digest: string;
}

/** What will happen to one user row's contributions of one kind. */
export interface Counts {
  readonly stays: number;
  readonly goes: number;
  readonly hiddenStays: number;
  readonly hiddenGoes: number;
  /** Of those that stay: how many lose a personal value. */
  readonly stripped: number;
}
type Needs = Pick<Ports, 'activities' | 'sideTables' | 'startDigest'>;
const none: Counts = { stays: 0, goes: 0, hiddenStays: 0, hiddenGoes: 0, stripped: 0 };
/** Each batch sorts what is left by id: few large ones cost less than many small ones, and are still small in memory. */
const batchSize = 100_000;

/**
 * Reads what the rows contributed: whole, at most `limit` (Fault `too-much-to-list`), or with `limit` null only walked through,
 * batch by batch, in flat memory. Counts and digest are the same either way. `nobodyLeft`: no other row of the person stays.
 */
export const contributionsOf = async (
  ports: Needs,
  rows: readonly PlannedRow[],
  reading: Reading,
  limit: number | null,
  nobodyLeft: boolean,
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
      const walk = whole === undefined ? walked(ports, table, rows, reading) : batched(table, whole);
      counts.set(table.plural, await counted(table, rows, walk, digest));
    }
  }
  const side = await sideRowsOf(ports, rows, nobodyLeft, digest);
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

/** The fate of one contribution: what its author's row says, soft-deleted ones as their kind says. */
export const fateOf = (type: ActivityType, fate: Fate, isHidden: boolean): Fate =>
  isHidden && fate !== 'remove' ? type.whenHidden : fate;

const counted = async (
  type: (typeof activityTypes)[number],
  rows: readonly PlannedRow[],
  walk: AsyncIterable<readonly Footprint[]>,
  digest: Digest,
): Promise<ReadonlyMap<number, Counts>> => {
  const fates = new Map(rows.map(({ user, fates: its }) => [user.id, its[type.plural]]));
  const counts = new Map<number, Counts>();
  for await (const footprints of walk) {
    let lines = '';
    for (const one of footprints) {
      const fate = fateOf(type, fates.get(one.userId) ?? 'keep', one.isHidden);
      lines += `${type.table} ${one.id} ${fate}\n`;
      counts.set(one.userId, plus(counts.get(one.userId) ?? none, one, fate));
    }
    digest.add(lines);
  }
  return counts;
};

const plus = (counts: Counts, { isHidden, hasPersonal }: Footprint, fate: Fate): Counts => {
  if (fate === 'remove') {
    return isHidden ? { ...counts, hiddenGoes: counts.hiddenGoes + 1 } : { ...counts, goes: counts.goes + 1 };
  }
  const stripped = counts.stripped + (fate === 'strip' && hasPersonal ? 1 : 0);
  return isHidden
    ? { ...counts, stripped, hiddenStays: counts.hiddenStays + 1 }
    : { ...counts, stripped, stays: counts.stays + 1 };
};

const addSites = (digest: Digest, rows: readonly PlannedRow[]): void => {
  const states = new Map(
    rows.flatMap(({ site, votingIsActive }) => (site === null ? [] : [[site.id, votingIsActive] as const])),
  );
  for (const [id, isActive] of [...states].sort(([one], [other]) => one - other)) {
    digest.add(`sites ${id} ${isActive ? 'voting' : 'not-voting'}\n`);
  }
};

const addUsers = (digest: Digest, rows: readonly PlannedRow[]): void => {
  for (const id of rows.map(({ user }) => user.id).sort((one, other) => one - other))
    digest.add(`users ${id} anonymize\n`);
};

const wholeRows = async (
  { activities }: Needs,
  rows: readonly PlannedRow[],
  reading: Reading,
  limit: number,
): Promise<ByActivity<readonly ActivityRow[]>> => {
  const ids = rows.map(({ user }) => user.id);
  const found = await eachActivity((type) =>
    ids.length === 0 ? Promise.resolve([]) : activities.rows(type, ids, reading, limit + 1),
  );
  const total = Object.values(found).reduce((sum, some) => sum + some.length, 0);
  if (total <= limit) return found;
  throw new Fault(
    'too-much-to-list',
    { limit, found: total, use: '?view=summary' },
    `More than ${limit} contributions are concerned: ask for the summary (?view=summary).`,
  );
};

/** Rows that were read whole, as if walked through. */
async function* batched(type: ActivityType, rows: readonly ActivityRow[]): AsyncGenerator<readonly Footprint[]> {
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

async function* walked(
  { activities }: Needs,
  type: ActivityType,
  rows: readonly PlannedRow[],
  reading: Reading,
): AsyncGenerator<readonly Footprint[]> {
  const ids = rows.map(({ user }) => user.id);
  if (ids.length === 0) return;
  for (let after = 0; ;) {
    const batch = await activities.footprints(type, ids, reading, after, batchSize);
    yield batch;
    const last = batch.at(-1);
    if (last === undefined || batch.length < batchSize) return;
    after = last.id;
  }
}
