import { personalColumns, type ActivityType, type ActivityRow, type Column } from '../../activity-types/definition.ts';
import { activityTypes } from '../../activity-types/index.ts';
import { nextTurn } from '../../platform/clock.ts';
import type {
  ActivityStore,
  Contribution,
  ChangeSet,
  IdeaSummary,
  ContributionRef,
} from '../../ports/activity-store.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import { orReferredTo } from '../database-fault.ts';
import type { Database, RawRow } from '../database.ts';
import {
  certainDate,
  expressionOf,
  isDeletedRow,
  isLiveRow,
  deletion,
  numberOf,
  textOf,
  dateOf,
  flagOf,
  jsonOf,
} from '../rows/values.ts';
import { isId, anyOf, joined, listOf, raw, sql, type Sql } from '../sql.ts';

export const activityStore = (database: Database, inOneTransaction: InOneTransaction): ActivityStore => {
  const { select, change, dialect } = database;
  const by = (userIds: readonly number[]): Sql => sql`t.userId IN ${listOf(userIds.filter(isId))}`;
  const newestFirst = raw(`ORDER BY ${expressionOf(certainDate, 't.createdAt', dialect)} DESC, t.id DESC`);
  const lock = (reading: 'plain' | 'locked'): Sql => raw(reading === 'locked' ? dialect.forUpdate : '');

  const contributions: ActivityStore['contributions'] = async (type, userIds) => {
    const { columns, read } = listedRow(type);
    const rows = await select(
      sql`SELECT ${columns}, ${ideaColumns} ${withIdeas(type)}
          WHERE ${by(userIds)} AND ${isLiveRow('t')} ${newestFirst}`,
    );
    return rows.map((row): Contribution => ({ row: read(row), idea: ideaOf(row) }));
  };

  const rows: ActivityStore['rows'] = async (type, userIds, reading, limit) => {
    const { columns, read } = listedRow(type);
    const found = await select(
      sql`SELECT ${columns} FROM ${table(type)} t
          WHERE ${by(userIds)} ${newestFirst} LIMIT ${String(limit)}${lock(reading)}`,
    );
    return found.map(read);
  };

  const page: ActivityStore['page'] = async (type, userIds, after, limit) => {
    const { columns, read } = wholeRow(type);
    const found = await select(
      sql`SELECT ${columns} FROM ${table(type)} t
          WHERE ${by(userIds)} AND t.id > ${after} ORDER BY t.id LIMIT ${String(limit)}`,
    );
    return found.map(read);
  };

  const counts: ActivityStore['counts'] = async (asked, seen) => {
    const parts = asked
      .filter(({ userIds }) => userIds.length > 0)
      .map(
        ({ type, userIds }) =>
          sql`SELECT ${raw(`'${type.table}'`)} AS kind, t.userId AS userId, COUNT(*) AS n ${withIdeas(type)}
              WHERE ${by(userIds)} AND ${isLiveRow('t')} ${raw(seen === 'all' ? '' : `AND ${isPublic(type)}`)} GROUP BY t.userId`,
      );
    if (parts.length === 0) return [];
    const found = await select(joined(parts, ' UNION ALL '));
    return found.map((row) => ({
      table: textOf(row['kind']) ?? '',
      userId: numberOf(row['userId']) ?? 0,
      n: numberOf(row['n']) ?? 0,
    }));
  };

  const remove = (type: ActivityType, { removeAllOf, removeHiddenOf }: ChangeSet): Promise<number> => {
    const chosen = [
      ...(removeAllOf.length === 0 ? [] : [sql`userId IN ${listOf(removeAllOf)}`]),
      ...(removeHiddenOf.length === 0
        ? []
        : [sql`(userId IN ${listOf(removeHiddenOf)} AND ${isDeletedRow(`\`${type.table}\``)})`]),
    ];
    return chosen.length === 0 ? none : change(sql`DELETE FROM ${table(type)} WHERE ${anyOf(chosen)}`);
  };
  const anonymize = (type: ActivityType, { anonymizeOf }: ChangeSet): Promise<number> => {
    const columns = personalColumns(type);
    if (columns.length === 0 || anonymizeOf.length === 0) return none;
    const emptied = joined(
      columns.map((column) => raw(`\`${column}\` = NULL`)),
      ', ',
    );
    return change(
      sql`UPDATE ${table(type)} SET ${emptied} WHERE userId IN ${listOf(anonymizeOf)} AND ${hasPersonal(type)}`,
    );
  };

  return {
    contributions,
    rows,
    page,
    counts,
    references: walkReferences(database),
    settle: (type, changeSet) =>
      inOneTransaction(async () => {
        const removed = await remove(type, changeSet);
        return { removed, anonymized: await anonymize(type, changeSet) };
      }),
    removeAllOf: (userIds) =>
      inOneTransaction(() => orReferredTo(database, removeContributions(database, userIds.filter(isId)))),
  };
};

const none = Promise.resolve(0);

const table = (type: ActivityType): Sql => raw(`\`${type.table}\``);

/** An idea's own summary is of itself; what belongs to a site otherwise has none. */
const withIdeas = (type: ActivityType): Sql => {
  const idea = type.belongsTo === 'idea' ? 't.ideaId' : type.table === 'ideas' ? 't.id' : 'NULL';
  return sql`FROM ${table(type)} t LEFT JOIN ideas i ON i.id = ${raw(idea)} AND ${isLiveRow('i')}`;
};

/** By its idea, where it has one (an idea is its own): gone or not for everybody, and the contribution is neither. */
const isPublic = (type: ActivityType): string =>
  type.belongsTo === 'idea' || type.table === 'ideas'
    ? "(i.id IS NOT NULL AND COALESCE(i.viewableByRole, 'all') = 'all')"
    : '1 = 1';

/** Of `ideas i`, under names of their own. */
const ideaColumns: Sql = raw(
  ['id', 'title', 'siteId', 'status', 'viewableByRole'].map((name) => `i.\`${name}\` AS \`idea_${name}\``).join(', '),
);

const ideaOf = (row: RawRow): IdeaSummary | null => {
  const id = numberOf(row['idea_id']);
  if (id === null) return null;
  return {
    id,
    title: textOf(row['idea_title']) ?? '',
    siteId: numberOf(row['idea_siteId']),
    status: textOf(row['idea_status']) ?? '',
    viewableByRole: textOf(row['idea_viewableByRole']),
  };
};

/** Some columns of an activity type's table, which stands in the statement as `t`, and how rows of them are read. */
interface Reading {
  readonly columns: Sql;
  readonly read: (row: RawRow) => ActivityRow;
}

/** All columns. */
const wholeRow = (type: ActivityType): Reading => reading(type, () => true);

/** What lists and plans go by: what is shown or personal, and whether it is soft-deleted. The rest can be large, and is JSON. */
export const listedRow = (type: ActivityType): Reading =>
  reading(type, (name, { shown, personal }) => shown || personal || name === 'deletedAt');

/** Made once a statement and not once a row: lists hold hundreds. */
const reading = (type: ActivityType, isRead: (name: string, column: Column) => boolean): Reading => {
  const columns = Object.entries(type.columns)
    .filter(([name, column]) => isRead(name, column))
    .map(([name, { kind }]) => ({ name, read: readers[kind] }));
  return {
    columns: raw(columns.map(({ name }) => `t.\`${name}\``).join(', ')),
    read: (row) => {
      const values: Record<string, unknown> = {};
      for (const { name, read } of columns) values[name] = read(row[name]);
      return Object.assign(values, {
        id: numberOf(row['id']) ?? 0,
        userId: numberOf(row['userId']) ?? 0,
        createdAt: certainDate.read(row['createdAt']),
        deletedAt: deletion.read(row['deletedAt']),
      });
    },
  };
};

const readers = {
  number: numberOf,
  text: textOf,
  flag: flagOf,
  date: dateOf,
  json: jsonOf,
  // GeoJSON, as a value or as text.
  point: jsonOf,
} as const satisfies Record<Column['kind'], (value: unknown) => unknown>;

/** A statement sorts what is left by id: few that read much cost less than many that read little. */
const rowsAtOnce = 100_000;
/** Ids of as many rows of the table at most come in one row of the answer: less than 50 kB (connections.ts allows 1 MB). */
const idsInABundle = 2048;

/**
 * Tens of thousands of rows, each an object from the driver, would hold the event loop: the database writes numbers into few
 * rows instead, of which each is read in a millisecond.
 */
const walkReferences = ({ select, dialect }: Pick<Database, 'select' | 'dialect'>): ActivityStore['references'] =>
  async function* (type, userIds, reading) {
    const ids = userIds.filter(isId);
    for (let after = 0; ids.length > 0;) {
      const bundles = await select(bundlesOf(type, ids, after, raw(reading === 'locked' ? dialect.forUpdate : '')));
      let found = 0;
      for (const bundle of bundles) {
        if (found > 0) await nextTurn();
        const batch = unbundled(bundle);
        yield batch;
        found += batch.length;
        after = batch.at(-1)?.id ?? after;
      }
      if (found < rowsAtOnce) return;
    }
  };

/** Whether a row holds a value that anonymizing would empty. */
const hasPersonal = (type: ActivityType, prefix = ''): Sql =>
  anyOf(personalColumns(type).map((column) => raw(`${prefix}\`${column}\` IS NOT NULL`)));

/** Flags: 1 soft-deleted, 2 personal. Locks are taken where the rows are read. */
const bundlesOf = (type: ActivityType, userIds: readonly number[], after: number, lock: Sql): Sql =>
  sql`SELECT MIN(id) AS least, COUNT(*) AS n, GROUP_CONCAT(CONCAT(id, ',', userId, ',', flags)) AS numbers
      FROM (SELECT t.id AS id, t.userId AS userId, ${isDeletedRow('t')} + 2 * (${hasPersonal(type, 't.')}) AS flags
            FROM ${raw(`\`${type.table}\``)} t WHERE t.userId IN ${listOf(userIds)} AND t.id > ${after}
            ORDER BY t.id LIMIT ${String(rowsAtOnce)}${lock}) found
      GROUP BY id - id % ${raw(String(idsInABundle))} ORDER BY least`;

/** A text that was cut short must not pass for fewer contributions. */
const unbundled = (row: RawRow): readonly ContributionRef[] => {
  const numbers = JSON.parse(`[${textOf(row['numbers']) ?? ''}]`) as readonly number[];
  const count = numberOf(row['n']);
  if (numbers.length !== 3 * (count ?? 0)) throw new Error(`of ${count} footprints came ${numbers.length / 3}`);
  const batch: ContributionRef[] = [];
  for (let at = 0; at < numbers.length; at += 3) {
    const flags = numbers[at + 2] ?? 0;
    batch.push({
      id: numbers[at] ?? 0,
      userId: numbers[at + 1] ?? 0,
      isHidden: flags % 2 === 1,
      hasPersonal: flags >= 2,
    });
  }
  return batch.sort((one, other) => one.id - other.id);
};

/** A statement names at most so many ideas; an author of more gets several statements. */
const chunkSize = 1024;

/**
 * Removes all that these user rows contributed, and what others put on their ideas, in the order that the foreign keys need:
 * first what belongs to ideas, then the rest. Replies by others lose `parentId` (ON DELETE SET NULL).
 */
const removeContributions = async (
  { select, change, dialect }: Database,
  userIds: readonly number[],
): Promise<void> => {
  if (userIds.length === 0) return;
  const found = await select(
    sql`SELECT id FROM ideas WHERE userId IN ${listOf(userIds)} ORDER BY id${raw(dialect.forUpdate)}`,
  );
  const ideaIds = found.map((row) => numberOf(row['id']) ?? 0);
  for (const type of onIdeasFirst) {
    await change(sql`DELETE FROM ${table(type)} WHERE userId IN ${listOf(userIds)}`);
    if (type.belongsTo !== 'idea') continue;
    for (const ids of chunks(ideaIds)) await change(sql`DELETE FROM ${table(type)} WHERE ideaId IN ${listOf(ids)}`);
  }
};

const onIdeasFirst: readonly ActivityType[] = [
  ...activityTypes.filter((type) => type.belongsTo === 'idea'),
  ...activityTypes.filter((type) => type.belongsTo === 'site'),
];

const chunks = (ids: readonly number[]): readonly (readonly number[])[] =>
  Array.from({ length: Math.ceil(ids.length / chunkSize) }, (_, index) =>
    ids.slice(index * chunkSize, (index + 1) * chunkSize),
  );
