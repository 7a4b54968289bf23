import { activityTypes } from '../../activity-types/index.ts';
import { namesAnywhere } from '../../domain/people/vouching.ts';
import type { Json } from '../../domain/json.ts';
import { externalIdOf, shownFields } from '../../domain/users/user-visibility.ts';
import type { User } from '../../domain/users/user.ts';
import type { ListedSession, SessionPosition } from '../../ports/credentials.ts';
import type { Ports } from '../../ports/index.ts';
import type { SideBatch, SidePosition, SideSlice, SideSubjects } from '../../ports/activity-store.ts';
import { subjectsOf } from '../anonymization/planned-side-rows.ts';
import { atOnce, type InTurn } from '../commands.ts';
import type { ExportPart } from './commands.ts';

export type ExportNeeds = Pick<Ports, 'sessions' | 'activities' | 'sideTables'>;
/** So many are walked at a time, and of their rows so many bytes held: a site may fill each. */
const [batchSize, bytesAtOnce] = [500, 256_000] as const;

export interface Exporting {
  /** Reads whom it is of, when it is the actor's turn. */
  readonly find: () => Promise<Exported>;
  /** Asked where each part is read: an export waits until it may begin, and for each part. */
  readonly stillCounts: () => Promise<void>;
  /** Absent: at once. */
  readonly inTurn?: InTurn | undefined;
}
export interface Exported {
  readonly rows: readonly User[];
  /** Every row of the person, at whatever site. */
  readonly all: readonly User[];
  /** Whose rows of side tables are told, where they say a site. */
  readonly siteIds: readonly number[] | 'any';
  /** Holds no row, as it is asked for later. */
  readonly facts: () => Promise<ExportPart['rows']>;
  /** Writes down who looks, before anything is told. */
  readonly recorded: () => Promise<void>;
}

/**
 * Everything that is kept of these rows, part by part in flat memory, from the tables that anonymizing goes by: rows (soft-deleted ones
 * too) with every field that somebody may see, what clients keep of the person, contributions with every column, logins, and what side
 * tables hold. No secret, and nothing of another site. Each part is read when it is the actor's turn, as a slice of an activity is; what side tables
 * hold is looked for in turns of what is costly.
 * Faults before the first part: those of `inTurn`, `find` and `stillCounts`.
 */
export async function* exportRows(
  ports: ExportNeeds,
  { find, stillCounts, inTurn = atOnce }: Exporting,
): AsyncGenerator<ExportPart> {
  const isLarge = (): boolean => true;
  const read = <T>(part: () => Promise<T>, patient = true): Promise<T> =>
    inTurn(part, { isCheap: true, patient, isLarge });
  const counting =
    <T>(part: () => Promise<T>) =>
    async (): Promise<T> => {
      await stillCounts();
      return part();
    };
  const next: Next = (part) => read(counting(part));
  const lookNext: Next = (part) => inTurn(counting(part), { patient: true, isLarge });
  const begin = async () => {
    const found = await find();
    await stillCounts();
    await found.recorded();
    return begunWith(found);
  };
  // Once it is let in, it is not refused in the middle of an answer.
  const { userIds, subjects, siteIds, facts } = yield* beginning(await read(begin, false));
  yield { of: 'facts', rows: await next(facts) };
  for (const type of activityTypes) {
    yield { of: type.plural, rows: [] };
    for (let after = 0; ;) {
      const bounds = { limit: batchSize, bytes: bytesAtOnce };
      const page = await next(() => ports.activities.page(type, userIds, after, bounds));
      const last = page.at(-1);
      if (last === undefined) break;
      yield { of: type.plural, rows: page as ExportPart['rows'] };
      after = last.id;
    }
  }
  yield* sessionsOf(ports, userIds, next);
  yield* sideRows(ports, subjects, siteIds, { next, lookNext });
}

/** What the rest goes by: no row, as a site may have filled each, and they would be held for as long as the reader takes. */
interface Begun extends Pick<Exported, 'siteIds' | 'facts'> {
  readonly userIds: readonly number[];
  readonly subjects: SideSubjects;
}

const begunWith = ({ rows, all, siteIds, facts }: Exported): { readonly first: ExportPart; readonly begun: Begun } => {
  // What belongs to no site may be any site's that knows the person, or knew them.
  const isNowhereElse = all.every((row) => row.siteId === null || rows.includes(row));
  const named = rows.map((user) => ({ user, anywhere: namesAnywhere(user, all, isNowhereElse) }));
  return {
    first: { of: 'users', rows: rows.map(exported) },
    begun: { userIds: rows.map(({ id }) => id), subjects: subjectsOf(named), siteIds, facts },
  };
};

/** By itself: what it tells is held until that is read, and no longer. */
function* beginning({ first, begun }: ReturnType<typeof begunWith>): Generator<ExportPart, Begun, undefined> {
  yield first;
  return begun;
}

async function* sessionsOf(
  { sessions }: ExportNeeds,
  userIds: readonly number[],
  next: Next,
): AsyncGenerator<ExportPart> {
  for (let after: SessionPosition | null = null; ;) {
    const from: SessionPosition | null = after;
    const page: readonly ListedSession[] = await next(() =>
      sessions.ofUsers(userIds, { after: from, limit: batchSize }),
    );
    yield {
      of: 'sessions',
      rows: page.map(({ userId, provider, createdAt, expiresAt }) => ({ userId, provider, createdAt, expiresAt })),
    };
    const last = page.at(-1);
    if (last === undefined || page.length < batchSize) return;
    after = last;
  }
}

/** What is read of the next part, when it is the actor's turn, of an actor who still counts. */
type Next = <T>(part: () => Promise<T>) => Promise<T>;

/** The columns that are in nobody's answer are either secrets (an access token) or only about our own books. */
const exported = (user: User): ExportPart['rows'][number] => ({
  ...Object.fromEntries(shownFields.map((field) => [field, user[field]])),
  externalUserId: externalIdOf(user),
});

/**
 * Which rows are theirs, by the same walk as a plan's; table by table. It may have to go through whole tables to find them, which
 * belong to all sites: so each step of it waits for a turn of what is costly.
 */
async function* sideRows(
  { sideTables }: ExportNeeds,
  subjects: SideSubjects,
  siteIds: readonly number[] | 'any',
  { next, lookNext }: { readonly next: Next; readonly lookNext: Next },
): AsyncGenerator<ExportPart> {
  for (let after: SidePosition | null = null; ;) {
    const from: SidePosition | null = after;
    const batch: SideBatch = await lookNext(() => sideTables.references(subjects, from, batchSize));
    for (const table of new Set(batch.found.map((one) => one.table))) {
      for (let ids = batch.found.filter((one) => one.table === table).map(({ id }) => id); ids.length > 0;) {
        const wanted: readonly number[] = ids;
        const { rows, left }: SideSlice = await next(() => sideTables.read(table, wanted, bytesAtOnce));
        yield { of: table.table, rows: rows.filter((row) => isOf(siteIds, row['siteId'])) };
        ids = [...left];
      }
    }
    if (batch.next === null) return;
    after = batch.next;
  }
}

/** A row that says another site is that site's, whomever it names. */
const isOf = (siteIds: readonly number[] | 'any', siteId: Json | Date | undefined): boolean =>
  siteIds === 'any' || typeof siteId !== 'number' || siteId === 0 || siteIds.includes(siteId);
