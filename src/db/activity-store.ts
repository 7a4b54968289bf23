import { personalColumns, type ActivityType } from '../activity-types/definition.ts';
import type { ActivityStore, Contribution, ChangeSet } from '../ports/activity-store.ts';
import type { InOneTransaction } from '../ports/unit-of-work.ts';
import { listedRow, wholeRow } from './rows/activity-row.ts';
import { ideaColumns, ideaOf } from './rows/idea-summary.ts';
import { certainDate, expressionOf, isDeletedRow, isLiveRow } from './rows/meanings.ts';
import { numberOf, textOf } from './rows/values.ts';
import type { Database } from './database.ts';
import { hasPersonal, walkReferences } from './contribution-references.ts';
import { isId } from './ids.ts';
import { orReferredTo } from './refused-by-reference.ts';
import { removeContributions } from './remove-contributions.ts';
import { anyOf, joined, listOf, raw, sql, type Sql } from './sql.ts';

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
