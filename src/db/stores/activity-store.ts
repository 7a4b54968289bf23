import { dispositionOf, ideaColumn, personalColumns, type ActivityType } from '../../activity-types/definition.ts';
import { activityTypes } from '../../activity-types/index.ts';
import type { ActivityStore, Contribution, ChangeSet, IdeaSummary } from '../../ports/activity-store.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import {
  boundedRows,
  bytesIn,
  bytesOfWhole,
  contributionNumbers,
  hasPersonal,
  listedRow,
  measured,
  measuredRow,
  newestFirst,
  wholeRow,
} from '../read-contributions.ts';
import { orReferredTo } from '../database-fault.ts';
import type { Database, RawRow } from '../database.ts';
import { isDeletedRow, isLiveRow, numberOf, textOf, toTheSecond } from '../rows/values.ts';
import { isId, anyOf, joined, listOf, raw, sql, type Sql } from '../sql.ts';

export const activityStore = (database: Database, inOneTransaction: InOneTransaction): ActivityStore => {
  const { select, change, dialect } = database;
  const by = (userIds: readonly number[]): Sql => sql`t.userId IN ${listOf(userIds.filter(isId))}`;

  const contributions: ActivityStore['contributions'] = async (type, userIds, { limit, bytes }) => {
    const { columns, read } = measuredRow(type, bytes);
    const which = sql`${by(userIds)} AND ${isLiveRow('t')} LIMIT ${String(limit)}`;
    const found = await select(
      sql`SELECT ${columns}, ${ideaColumns} FROM ${measured(type, which, dialect)} ${andIdeas(type)}`,
    );
    const all = found.map((row) => ({ one: { row: read(row), idea: ideaOf(row) }, bytes: bytesIn(row) }));
    return newestFirst(all, ({ row }) => row);
  };

  const contributionsOf: ActivityStore['contributionsOf'] = async (type, ids) => {
    const { columns, read } = listedRow(type);
    const rows = await select(
      sql`SELECT ${columns}, ${ideaColumns} ${withIdeas(type)} WHERE t.id IN ${listOf(ids)} AND ${isLiveRow('t')}`,
    );
    return rows.map((row): Contribution => ({ row: read(row), idea: ideaOf(row) }));
  };

  const firstOf: ActivityStore['firstOf'] = async (type, userIds, limit) => {
    const title = raw(type.columns['title'] === undefined ? 'NULL' : 't.title');
    const found = await select(
      sql`SELECT t.id AS id, t.userId AS userId, ${title} AS title, ${ideaColumns}
          FROM ${table(type)} t${raw(dialect.noPrimaryKeyScan)} ${andIdeas(type)}
          WHERE ${by(userIds)} AND ${isLiveRow('t')} ORDER BY t.id LIMIT ${String(limit)}`,
    );
    return found.map((row) => ({
      id: numberOf(row['id']) ?? 0,
      userId: numberOf(row['userId']) ?? 0,
      title: textOf(row['title']),
      idea: ideaOf(row),
    }));
  };

  const page: ActivityStore['page'] = async (type, userIds, after, { limit, bytes }) => {
    const { columns, read } = wholeRow(type);
    const found = await select(
      sql`SELECT ${columns}
          FROM (SELECT id, bytes, SUM(bytes) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS upTo
                FROM (SELECT t.id AS id, ${bytesOfWhole(type, dialect)} AS bytes FROM ${table(type)} t
                      WHERE ${by(userIds)} AND t.id > ${after} ORDER BY t.id LIMIT ${String(limit)}) found) m
          LEFT JOIN ${table(type)} t ON t.id = m.id
          WHERE m.upTo <= ${raw(String(bytes))} OR m.upTo = m.bytes ORDER BY m.id`,
    );
    return found.map(read);
  };

  const counts: ActivityStore['counts'] = async (asked, seen) => {
    const parts = asked
      .filter(({ userIds }) => userIds.length > 0)
      .map(
        ({ type, userIds }) =>
          sql`SELECT ${raw(`'${type.table}'`)} AS kind, t.userId AS userId, COUNT(*) AS n ${withIdeas(type)}
              WHERE ${by(userIds)} AND ${isLiveRow('t')} ${raw(seen === 'all' ? '' : `AND ${isOpenToAll(type)}`)} GROUP BY t.userId`,
      );
    if (parts.length === 0) return [];
    const found = await select(joined(parts, ' UNION ALL '));
    return found.map((row) => ({
      table: textOf(row['kind']) ?? '',
      userId: numberOf(row['userId']) ?? 0,
      n: numberOf(row['n']) ?? 0,
    }));
  };

  const changeable: ActivityStore['changeable'] = async (userIds, since) => {
    const parts = changing.map((type) => {
      const which = [sql`t.createdAt >= ${toTheSecond(since)}`, hasPersonal(type, 't.')];
      return sql`SELECT t.userId AS userId FROM ${table(type)} t WHERE ${by(userIds)} AND ${anyOf(which)}`;
    });
    if (parts.length === 0 || userIds.length === 0) return [];
    const found = await select(joined(parts, ' UNION '));
    return found.map((row) => numberOf(row['userId']) ?? 0);
  };

  const remove = (type: ActivityType, { removeAllOf, removeHiddenOf, since }: ChangeSet): Promise<number> => {
    const chosen = [
      ...(removeAllOf.length === 0 ? [] : [sql`userId IN ${listOf(removeAllOf)}`]),
      ...(removeHiddenOf.length === 0
        ? []
        : [sql`(userId IN ${listOf(removeHiddenOf)} AND ${isDeletedRow(`\`${type.table}\``)})`]),
    ];
    if (chosen.length === 0) return none;
    const young = since === undefined ? sql`` : sql` AND createdAt >= ${toTheSecond(since)}`;
    return change(sql`DELETE FROM ${table(type)} WHERE ${anyOf(chosen)}${young}`);
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
    contributionsOf,
    ...contributionNumbers(database),
    firstOf,
    rows: boundedRows(database),
    page,
    counts,
    changeable,
    applyChangeSet: (type, changeSet) =>
      inOneTransaction(async () => {
        const removed = await remove(type, changeSet);
        return { removed, anonymized: await anonymize(type, changeSet) };
      }),
    removeAllOf: (userIds) =>
      inOneTransaction(() => orReferredTo(database, removeContributions(database, userIds.filter(isId)))),
  };
};

const none = Promise.resolve(0);

/** Kinds that some anonymization changes. */
const changing = activityTypes.filter((type) =>
  [true, false].some((votingIsActive) =>
    [true, false].some((isHidden) => dispositionOf(type, { votingIsActive }, isHidden) !== 'keep'),
  ),
);

const table = (type: ActivityType): Sql => raw(`\`${type.table}\``);

/** An idea's own summary is of itself; what stands under none has none. */
const andIdeas = (type: ActivityType): Sql => {
  const column = ideaColumn(type);
  return sql`LEFT JOIN ideas i ON i.id = ${raw(column === null ? 'NULL' : `t.${column}`)} AND ${isLiveRow('i')}`;
};
const withIdeas = (type: ActivityType): Sql => sql`FROM ${table(type)} t ${andIdeas(type)}`;

/** `isOpenTo` for a visitor, of kinds that are public at their site. */
const isOpenToAll = (type: ActivityType): string =>
  ideaColumn(type) === null ? '1 = 1' : "(i.id IS NOT NULL AND COALESCE(i.viewableByRole, 'all') = 'all')";

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
