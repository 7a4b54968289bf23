import { activityTypes } from '../../activity-types/index.ts';
import { namesAnywhere } from '../../domain/people/vouching.ts';
import type { Json } from '../../domain/json.ts';
import { externalIdOf, shownFields } from '../../domain/users/user-visibility.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { SidePosition } from '../../ports/activity-store.ts';
import { subjectsOf } from '../anonymization/planned-side-rows.ts';
import type { ExportPart } from './commands.ts';

export type ExportNeeds = Pick<Ports, 'sessions' | 'activities' | 'sideTables'>;
/** So many are walked at a time, and of their rows so many bytes held: a site may fill each. */
const [batchSize, bytesAtOnce] = [500, 256_000] as const;

export interface Exported {
  readonly rows: readonly User[];
  /** Every row of the person, at whatever site. */
  readonly all: readonly User[];
  /** Whose rows of side tables are told, where they say a site. */
  readonly siteIds: readonly number[] | 'any';
  readonly facts: () => Promise<ExportPart['rows']>;
  /** Asked before every part: an export waits until it may begin. */
  readonly stillCounts: () => Promise<void>;
  /** Writes down who looks, before anything is told. */
  readonly recorded: () => Promise<void>;
}

/**
 * Everything that is kept of these rows, part by part in flat memory, from the tables that anonymizing goes by: rows (soft-deleted ones
 * too) with every field that somebody may see, what clients keep of the person, contributions with every column, logins, and what side
 * tables hold. No secret, and nothing of another site.
 */
export async function* exportRows(
  ports: ExportNeeds,
  { rows, all, siteIds, facts, stillCounts, recorded }: Exported,
): AsyncGenerator<ExportPart> {
  const userIds = rows.map(({ id }) => id);
  await stillCounts();
  await recorded();
  yield { of: 'users', rows: rows.map(exported) };
  await stillCounts();
  yield { of: 'facts', rows: await facts() };
  for (const type of activityTypes) {
    yield { of: type.plural, rows: [] };
    for (let after = 0; ;) {
      await stillCounts();
      const bounds = { limit: batchSize, bytes: bytesAtOnce };
      const page = await ports.activities.page(type, userIds, after, bounds);
      const last = page.at(-1);
      if (last === undefined) break;
      yield { of: type.plural, rows: page as ExportPart['rows'] };
      after = last.id;
    }
  }
  await stillCounts();
  yield { of: 'sessions', rows: (await ports.sessions.ofUsers(userIds)).map((session) => ({ ...session })) };
  // What belongs to no site may be any site's that knows the person, or knew them.
  const isNowhereElse = all.every((row) => row.siteId === null || rows.includes(row));
  const named = rows.map((user) => ({ user, anywhere: namesAnywhere(user, all, isNowhereElse) }));
  yield* sideRows(ports, subjectsOf(named), siteIds, stillCounts);
}

/** The columns that are in nobody's answer are either secrets (an access token) or only about our own books. */
const exported = (user: User): ExportPart['rows'][number] => ({
  ...Object.fromEntries(shownFields.map((field) => [field, user[field]])),
  externalUserId: externalIdOf(user),
});

/** Which rows are theirs, by the same walk as a plan's; table by table. */
async function* sideRows(
  { sideTables }: ExportNeeds,
  subjects: ReturnType<typeof subjectsOf>,
  siteIds: readonly number[] | 'any',
  stillCounts: () => Promise<void>,
): AsyncGenerator<ExportPart> {
  for (let after: SidePosition | null = null; ;) {
    await stillCounts();
    const batch: Awaited<ReturnType<typeof sideTables.references>> = await sideTables.references(
      subjects,
      after,
      batchSize,
    );
    for (const table of new Set(batch.map((one) => one.table))) {
      for (let ids = batch.filter((one) => one.table === table).map(({ id }) => id); ids.length > 0;) {
        await stillCounts();
        const { rows, left }: Awaited<ReturnType<typeof sideTables.read>> = await sideTables.read(
          table,
          ids,
          bytesAtOnce,
        );
        yield { of: table.table, rows: rows.filter((row) => isOf(siteIds, row['siteId'])) };
        ids = [...left];
      }
    }
    const last = batch.at(-1);
    if (last === undefined || batch.length < batchSize) return;
    after = last;
  }
}

/** A row that says another site is that site's, whomever it names. */
const isOf = (siteIds: readonly number[] | 'any', siteId: Json | Date | undefined): boolean =>
  siteIds === 'any' || typeof siteId !== 'number' || siteId === 0 || siteIds.includes(siteId);
