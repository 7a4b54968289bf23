import { activityTypes } from '../../activity-types/index.ts';
import { namesAnywhere } from '../../domain/people/vouching.ts';
import type { Json } from '../../domain/json.ts';
import { externalIdOf, shownFields } from '../../domain/users/user-visibility.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { SidePosition } from '../../ports/activity-store.ts';
import { mustStillCount } from '../actor-now.ts';
import { subjectsOf } from '../anonymization/planned-side-rows.ts';
import { recordLook } from '../audit/record-look.ts';
import type { ExportPart, OnePerson } from './commands.ts';
import { findPerson, noSuchPerson, toldFacts } from './find-person.ts';

type Needs = Pick<
  Ports,
  'persons' | 'users' | 'clients' | 'facts' | 'sessions' | 'activities' | 'sideTables' | 'sites'
> &
  Parameters<typeof recordLook>[0];
/** So many are walked at a time, and of their rows so many bytes held: a site may fill each. */
const [batchSize, bytesAtOnce] = [500, 256_000] as const;

/**
 * Everything that is kept of a person at the client's sites, part by part in flat memory, from the tables that anonymizing goes
 * by: rows (soft-deleted ones too) with every field that somebody may see, what the client keeps of the person, contributions with every
 * column, logins, and what side tables hold. No secret, and nothing of another site. A look in the audit comes before all of it.
 * Fault `user-not-found` before the first part; `unauthenticated` before any other one, where the client counts no more.
 * Source: management-api.md §2.
 */
export const exportPerson = (ports: Needs) =>
  async function* (command: OnePerson): AsyncGenerator<ExportPart> {
    const found = await findPerson(ports, command);
    if (found === null) throw noSuchPerson();
    const { siteIds } = command.actor.client;
    const isHere = ({ siteId }: User): boolean => siteId !== null && siteIds.includes(siteId);
    const rows = found.all.filter(isHere);
    const userIds = rows.map(({ id }) => id);
    const stillCounts = async (): Promise<void> => {
      await mustStillCount(ports, command.actor, siteIds);
    };
    await recordLook(ports, 'export', command.actor, rows);
    yield { of: 'users', rows: rows.map(exported) };
    await stillCounts();
    const { isExpert, isSelected, points, score } = await toldFacts(ports, command.actor, found);
    yield { of: 'facts', rows: [{ isExpert, isSelected, points, score }] };
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
    const isNowhereElse = found.all.every((row) => row.siteId === null || isHere(row));
    const named = rows.map((user) => ({ user, anywhere: namesAnywhere(user, found.all, isNowhereElse) }));
    yield* sideRows(ports, subjectsOf(named), siteIds, stillCounts);
  };

/** The columns that are in nobody's answer are either secrets (an access token) or only about our own books. */
const exported = (user: User): ExportPart['rows'][number] => ({
  ...Object.fromEntries(shownFields.map((field) => [field, user[field]])),
  externalUserId: externalIdOf(user),
});

/** Which rows are theirs, by the same walk as a plan's; table by table. */
async function* sideRows(
  { sideTables }: Needs,
  subjects: ReturnType<typeof subjectsOf>,
  siteIds: readonly number[],
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
const isOf = (siteIds: readonly number[], siteId: Json | Date | undefined): boolean =>
  typeof siteId !== 'number' || siteId === 0 || siteIds.includes(siteId);
