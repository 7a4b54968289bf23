import { activityTypes, byActivity, eachActivity, type ByActivity } from '../../activity-types/index.ts';
import {
  dispositionOf,
  personalColumns,
  type ActivityRow,
  type ActivityType,
  type Disposition,
} from '../../activity-types/definition.ts';
import { Fault } from '../../domain/fault.ts';
import type { Anywhere } from '../../domain/people/vouching.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { EntryRow } from '../../domain/users/user.ts';
import type { ContributionRef } from '../../ports/activity-store.ts';
import type { Ports } from '../../ports/index.ts';
import type { LockMode } from '../../ports/user-store.ts';
import type { Digest } from '../../ports/platform.ts';
import { sideRowsOf, type PlannedSideRows } from './planned-side-rows.ts';
import type { AnonymizeCommand } from './commands.ts';

/** A user row that will be anonymized, with what its site says about that. */
export interface PlannedRow<R extends EntryRow = EntryRow> {
  readonly user: R;
  /** null: the site is gone. */
  readonly site: Site | null;
  readonly votingIsActive: boolean;
  /** Address and external id by which rows of side tables without a site are found. */
  readonly anywhere: Anywhere;
}

/** What will happen to one user row's contributions of one kind. */
export interface Counts {
  readonly stays: number;
  readonly goes: number;
  readonly hiddenStays: number;
  readonly hiddenGoes: number;
  /** Of those that stay: how many lose a personal value. */
  readonly anonymized: number;
}
/** What becomes of what the planned rows contributed. */
export interface PlannedContributions {
  /** Per kind and user row, what will happen to how many. */
  readonly counts: ByActivity<ReadonlyMap<number, Counts>>;
  /** Every contribution of rows that answers show, soft-deleted ones too; null when only counts were asked for. */
  readonly contributions: ByActivity<readonly ActivityRow[]> | null;
  /** What side tables of an OpenStad database hold. */
  readonly side: PlannedSideRows;
  /** Fingerprint of the sorted (table, id, disposition) and each site's voting state. Source: anonymization.md §4. */
  readonly digest: string;
}

type Needs = Pick<Ports, 'activities' | 'sideTables' | 'startDigest'>;

/** What may be held at once of what the rows contributed. */
export interface Bounds {
  /** Whether answers show what this row contributed. What is not shown is only counted: neither a refusal nor a wait may tell of it. */
  readonly isShown: (row: PlannedRow) => boolean;
  readonly maxItems: number;
  /** What is much is not read, as it has not waited for its turn. */
  readonly waits: boolean;
}

/** What is little is read as it is found; and to find that out, no more is read of each kind. */
const little = { count: 300, bytes: 128_000 };
/** What these texts take is held several times over: as rows, as an answer, and until whoever asked has read it. */
const maxBytes = 8_000_000;
/** What is more than this is read in turn; each item counts as so many bytes beside its texts. */
const [bytesAtOnce, bytesOfItem] = [1_000_000, 500] as const;

/**
 * Reads what the rows contributed: whole where it is shown, within bounds (Faults: `result-too-large`, before much is read; `WaitsForTurn`), or with
 * `bounds` null only walked through, batch by batch, in flat memory. Counts and digest are the same either way.
 */
export const contributionsOf = async (
  ports: Needs,
  rows: readonly PlannedRow[],
  lockMode: LockMode,
  bounds: Bounds | null,
): Promise<PlannedContributions> => {
  const shown = bounds === null ? [] : rows.filter(bounds.isShown);
  const contributions = bounds === null ? null : await wholeRows(ports, shown, lockMode, bounds);
  const others = idsOf(rows.filter((row) => !shown.includes(row)));
  const digest = ports.startDigest();
  const counts = new Map<string, ReadonlyMap<number, Counts>>();
  // Sorted by table, and by id within each: the order of the digest.
  for (const table of tables) {
    if (table === 'sites') addSites(digest, rows);
    else if (table === 'users') addUsers(digest, rows);
    else {
      const whole = referencesTo(table, contributions?.[table.plural] ?? []);
      const walk = others.length === 0 ? [whole] : inOrder(whole, ports.activities.references(table, others, lockMode));
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
  lockMode: LockMode,
  { maxItems, waits }: Bounds,
): Promise<ByActivity<readonly ActivityRow[]>> => {
  const ids = idsOf(rows);
  if (ids.length === 0) return byActivity(() => []);
  const read = async (limit: number, bytes: number) => {
    const kinds = await eachActivity((type) => activities.rows(type, ids, lockMode, { limit: limit + 1, bytes }));
    const sizes = Object.values(kinds).flatMap((some) => some.map((one) => one.bytes));
    return { rows: byActivity(({ plural }) => kinds[plural].map(({ one }) => one)), sizes };
  };
  const first = await read(Math.min(little.count, maxItems), little.bytes);
  if (first.sizes.length <= maxItems && isLittle(first.sizes)) return first.rows;

  const { count, bytes } = await activities.size(ids, maxItems + 1);
  mustBeWithin(maxItems, { count, bytes });
  const held = bytes + bytesOfItem * count;
  if (waits && held > bytesAtOnce) throw new WaitsForTurn(held);
  const { rows: whole, sizes } = await read(maxItems, maxBytes);
  // What came, or grew, while this waited for the locks.
  mustBeWithin(maxItems, { count: sizes.length, bytes: sumOf(sizes) });
  return whole;
};

const isLittle = (sizes: readonly number[]): boolean => sizes.length <= little.count && sumOf(sizes) <= little.bytes;

const sumOf = (sizes: readonly number[]): number => sizes.reduce((sum, bytes) => sum + bytes, 0);

const mustBeWithin = (maxItems: number, { count, bytes }: { readonly count: number; readonly bytes: number }): void => {
  if (count > maxItems) throw tooMuch(maxItems, count, 'contributions');
  if (bytes > maxBytes) throw tooMuch(maxBytes, bytes, 'bytes of text');
};

const tooMuch = (limit: number, found: number, what: string): Fault<'result-too-large'> =>
  new Fault(
    'result-too-large',
    { limit, found, use: '?view=summary' },
    `More than ${limit} ${what} are concerned: ask for the summary (?view=summary).`,
  );

const idsOf = (rows: readonly PlannedRow[]): readonly number[] => rows.map(({ user }) => user.id);

/** Rows that were read whole, as if walked through. */
const referencesTo = (type: ActivityType, rows: readonly ActivityRow[]): readonly ContributionRef[] => {
  const columns = personalColumns(type);
  return [...rows].sort(byId).map((row) => ({
    id: row.id,
    userId: row.userId,
    isHidden: row.deletedAt !== null,
    hasPersonal: columns.some((column) => row[column] !== null),
  }));
};

/** Some that are there, and others that are walked through: one walk, in id order. */
async function* inOrder(
  some: readonly ContributionRef[],
  walk: AsyncIterable<readonly ContributionRef[]>,
): AsyncGenerator<readonly ContributionRef[]> {
  let from = 0;
  for await (const batch of walk) {
    const last = batch.at(-1)?.id ?? 0;
    const until = some.findIndex(({ id }, at) => at >= from && id > last);
    const to = until === -1 ? some.length : until;
    yield from === to ? batch : [...some.slice(from, to), ...batch].sort(byId);
    from = to;
  }
  yield some.slice(from);
}

const byId = (one: { readonly id: number }, other: { readonly id: number }): number => one.id - other.id;

const none: Counts = { stays: 0, goes: 0, hiddenStays: 0, hiddenGoes: 0, anonymized: 0 };

/** Counts what a walk over one kind finds, per user row, and adds each disposition to the digest. */
const counted = async (
  type: (typeof activityTypes)[number],
  rows: readonly PlannedRow[],
  walk: AsyncIterable<readonly ContributionRef[]> | Iterable<readonly ContributionRef[]>,
  digest: Digest,
): Promise<ReadonlyMap<number, Counts>> => {
  const dispositions = new Map(
    rows.map((row) => [row.user.id, { seen: dispositionOf(type, row, false), hidden: dispositionOf(type, row, true) }]),
  );
  const counts = new Map<number, Tally>();
  for await (const references of walk) {
    let lines = '';
    for (const one of references) {
      const disposition = dispositions.get(one.userId)?.[one.isHidden ? 'hidden' : 'seen'] ?? 'keep';
      lines += `${type.table} ${one.id} ${disposition}\n`;
      let tally = counts.get(one.userId);
      if (tally === undefined) counts.set(one.userId, (tally = { ...none }));
      tallyUp(tally, one, disposition);
    }
    digest.add(lines);
  }
  return counts;
};

/** In place: of tens of thousands, a new value for each would be what takes longest. */
const tallyUp = (tally: Tally, { isHidden, hasPersonal }: ContributionRef, disposition: Disposition): void => {
  if (disposition === 'remove') tally[isHidden ? 'hiddenGoes' : 'goes'] += 1;
  else tally[isHidden ? 'hiddenStays' : 'stays'] += 1;
  if (disposition === 'anonymize' && hasPersonal) tally.anonymized += 1;
};
type Tally = { -readonly [Field in keyof Counts]: Counts[Field] };

/** The voting state of each planned row's site, in id order. */
const addSites = (digest: Digest, rows: readonly PlannedRow[]): void => {
  const states = new Map(
    rows.flatMap(({ site, votingIsActive }) => (site === null ? [] : [[site.id, votingIsActive] as const])),
  );
  for (const [id, isActive] of [...states].sort(([one], [other]) => one - other)) {
    digest.add(`sites ${id} ${isActive ? 'voting' : 'not-voting'}\n`);
  }
};

/** The planned rows themselves, in id order. */
const addUsers = (digest: Digest, rows: readonly PlannedRow[]): void => {
  for (const id of rows.map(({ user }) => user.id).sort((one, other) => one - other))
    digest.add(`users ${id} anonymize\n`);
};

/** Much is to be read: thrown before any of it is, and before anything is written, by what has not waited for its turn. */
class WaitsForTurn extends Error {
  readonly bytes: number;
  constructor(bytes: number) {
    super('much is to be read: in turn');
    this.name = 'WaitsForTurn';
    this.bytes = bytes;
  }
}

/**
 * At once, as nearly everything is little; what turns out to be much (`WaitsForTurn`) is left and done from the beginning when it is
 * the actor's turn. So nothing waits while it holds a connection, a lock or rows. Faults: those of `whenMuch`.
 */
export const muchInTurn = async <T>(
  command: AnonymizeCommand,
  work: (command: AnonymizeCommand) => Promise<T>,
): Promise<T> => {
  const { whenMuch, ...whenItIsTime } = command;
  try {
    return await work(command);
  } catch (error) {
    if (whenMuch === undefined || !(error instanceof WaitsForTurn)) throw error;
    return whenMuch(() => work(whenItIsTime), error.bytes);
  }
};
