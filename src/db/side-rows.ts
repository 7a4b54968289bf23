import { nextTurn } from '../platform/clock.ts';
import type { SideBatch, SidePosition, SideReference, SideSubjects } from '../ports/activity-store.ts';
import { emptiedColumns, type Naming, type SideTable } from '../side-tables/definition.ts';
import type { Database, RawRow } from './database.ts';
import { flagOf, isDeletedRow, numberOf } from './rows/values.ts';
import { anyOf, joined, listOf, raw, sql, type Sql, type Value } from './sql.ts';

/** A side table that exists here. */
export interface PresentTable extends SideTable {
  /** An index begins with each column that names somebody. A table that came after the migration which makes them may have none. */
  readonly isLedTo: boolean;
}
interface Walk {
  readonly subjects: SideSubjects;
  readonly after: SidePosition | null;
  readonly limit: number;
}

/** So many rows a statement looks at, of those that indexes lead to, and of any. */
const [mostByIndex, rowsAtOnce] = [5_000, 10_000] as const;

/**
 * One step of a walk over all side tables, in the order of the tables and of their keys. Tables where indexes lead to few rows are
 * asked about in one statement. Any other is gone through row by row, some thousands at a time: a statement that read a whole table
 * would hold its connection for as long as that takes, and on the embedded database everybody.
 */
export const walkSideTables = async (
  database: Database,
  tables: readonly PresentTable[],
  { subjects, after, limit }: Walk,
): Promise<SideBatch> => {
  const left = tables.filter(
    (table) => !isNameless(table, subjects) && (after === null || table.table >= after.table.table),
  );
  const [first] = left;
  if (first === undefined) return { found: [], next: null };
  const from = after?.table.table === first.table ? after : { table: first, id: 0 };
  const rest = left.findIndex(({ isLedTo }) => !isLedTo);
  if (rest === 0 || from.isRowByRow === true) return sliceOf(database, subjects, left, from, limit);
  const led = rest < 0 ? left : left.slice(0, rest);
  const next = rest < 0 ? undefined : left[rest];
  return byIndexes(database, subjects, led, from, limit, next === undefined ? null : { table: next, id: 0 });
};

const byIndexes = async (
  { select }: Database,
  subjects: SideSubjects,
  tables: readonly PresentTable[],
  from: SidePosition,
  limit: number,
  then: SidePosition | null,
): Promise<SideBatch> => {
  const parts = tables.map((table, place) => {
    const behind = sql`> ${table.table === from.table.table ? from.id : 0}`;
    // Any of them, as the first by id are found by going through all.
    return sql`SELECT * FROM (SELECT ${raw(String(place))} AS place, few.*, COUNT(*) OVER () AS among
               FROM (${referring(table, subjects, behind)} LIMIT ${raw(String(mostByIndex + 1))}) few
               ORDER BY id LIMIT ${raw(String(limit))}) ${raw(`part${place}`)}`;
  });
  const rows = await select(
    sql`SELECT * FROM (${joined(parts, ' UNION ALL ')}) parts ORDER BY place, id LIMIT ${raw(String(limit))}`,
  );
  const tableOf = (row: RawRow): PresentTable | undefined => tables[numberOf(row['place']) ?? -1];
  const tooMany = rows.findIndex((row) => (numberOf(row['among']) ?? 0) > mostByIndex);
  const counted = tooMany < 0 ? rows : rows.slice(0, tooMany);
  const found = counted.flatMap((row) => {
    const table = tableOf(row);
    return table === undefined ? [] : [referenceOf(table, row)];
  });
  const filled = rows[tooMany] && tableOf(rows[tooMany]);
  if (filled !== undefined) {
    const id = filled.table === from.table.table ? from.id : 0;
    return { found, next: { table: filled, id, isRowByRow: true } };
  }
  return { found, next: rows.length < limit ? then : (found.at(-1) ?? then) };
};

const sliceOf = async (
  { select }: Database,
  subjects: SideSubjects,
  [table, following]: readonly PresentTable[],
  from: SidePosition,
  limit: number,
): Promise<SideBatch> => {
  const then = following === undefined ? null : { table: following, id: 0 };
  if (table === undefined) return { found: [], next: then };
  await nextTurn();
  const key = raw(quoted(table.key));
  const [slice] = await select(
    sql`SELECT MAX(id) AS last, COUNT(*) AS n
        FROM (SELECT ${key} AS id FROM ${raw(quoted(table.table))} WHERE ${key} > ${from.id}
              ORDER BY ${key} LIMIT ${raw(String(rowsAtOnce))}) slice`,
  );
  const last = numberOf(slice?.['last']);
  if (last === null) return { found: [], next: then };
  const rows = await select(
    sql`${referring(table, subjects, sql`BETWEEN ${from.id + 1} AND ${last}`)} ORDER BY ${key} LIMIT ${raw(String(limit))}`,
  );
  const found = rows.map((row) => referenceOf(table, row));
  const end = found.length < limit ? undefined : found.at(-1);
  if (end !== undefined) return { found, next: { table, id: end.id, isRowByRow: true } };
  return { found, next: numberOf(slice?.['n']) === rowsAtOnce ? { table, id: last, isRowByRow: true } : then };
};

/** What there is to know of the rows of a table that name these users, in a part of it. */
const referring = (table: SideTable, subjects: SideSubjects, where: Sql): Sql => {
  const key = raw(quoted(table.key));
  const column = userColumnOf(table);
  return sql`SELECT ${key} AS id, ${raw(column === null ? 'NULL' : quoted(column))} AS userId,
             ${isHidden(table)} AS hidden, ${holdsPersonal(table)} AS personal
             FROM ${raw(quoted(table.table))} WHERE ${key} ${where} AND ${named(table, subjects)}`;
};

const referenceOf = (table: SideTable, row: RawRow): SideReference => ({
  table,
  id: numberOf(row['id']) ?? 0,
  userId: numberOf(row['userId']),
  isHidden: flagOf(row['hidden']) ?? false,
  hasPersonal: flagOf(row['personal']) ?? false,
});

/** The rows of a side table that name one of these users. Nothing where nobody could be named. */
export const named = ({ names }: SideTable, subjects: SideSubjects): Sql =>
  anyOf(names.flatMap((naming) => namedBy(naming, subjects)));

/** Whether none of them could be named there. */
export const isNameless = ({ names }: SideTable, subjects: SideSubjects): boolean =>
  names.every((naming) => namedBy(naming, subjects).length === 0);

const namedBy = (naming: Naming, { users }: SideSubjects): readonly Sql[] => {
  const { siteColumn, holds, unless } = naming;
  const column = quoted(naming.column);
  const among = (values: readonly Value[]): Sql =>
    unless === undefined
      ? sql`${raw(column)} IN ${listOf(values)}`
      : sql`(${raw(column)} IN ${listOf(values)} AND COALESCE(${raw(quoted(unless.column))}, '') <> ${unless.is})`;
  const named = users.map((user) => ({ siteId: user.siteId, value: valueOf[holds](user) }));
  const valuesAt = (isThere: (siteId: number | null) => boolean): readonly Value[] => [
    ...new Set(named.filter(({ siteId }) => isThere(siteId)).flatMap(({ value }) => (value === null ? [] : [value]))),
  ];
  if (holds === 'user-id' || holds === 'user-id-as-text')
    return users.length === 0 ? [] : [among(valuesAt(() => true))];
  const anywhere = [...new Set(users.flatMap((user) => valueOf[holds]({ ...user, ...user.anywhere }) ?? []))];
  if (siteColumn === undefined) return anywhere.length === 0 ? [] : [among(anywhere)];
  const siteIds = [...new Set(named.flatMap(({ siteId }) => (siteId === null ? [] : [siteId])))];
  const site = raw(quoted(siteColumn));
  return [
    ...siteIds
      .map((id) => ({ id, values: valuesAt((siteId) => siteId === id) }))
      .filter(({ values }) => values.length > 0)
      .map(({ id, values }) => sql`(${site} = ${id} AND ${among(values)})`),
    ...(anywhere.length === 0 ? [] : [sql`(COALESCE(${site}, 0) = 0 AND ${among(anywhere)})`]),
  ];
};

type Subject = SideSubjects['users'][number];
const valueOf: Readonly<Record<Naming['holds'], (user: Subject) => Value>> = {
  'user-id': ({ userId }) => userId,
  'user-id-as-text': ({ userId }) => String(userId),
  email: ({ email }) => (email === '' ? null : email),
  'external-id': ({ externalId }) => externalId,
};

/** The column that names a user by id, for who has to know whose row it is. */
export const userColumnOf = ({ names }: SideTable): string | null =>
  names.find(({ holds }) => holds === 'user-id' || holds === 'user-id-as-text')?.column ?? null;

/** Whether anonymizing would change the row. */
export const holdsPersonal = (table: SideTable): Sql =>
  anyOf(
    emptiedColumns(table).map(([column, emptied]) =>
      raw(
        emptied === null
          ? `${quoted(column)} IS NOT NULL`
          : `(${quoted(column)} IS NULL OR ${quoted(column)} <> '${emptied}')`,
      ),
    ),
  );

export const isHidden = ({ table, columns }: SideTable): Sql =>
  Object.hasOwn(columns, 'deletedAt') ? isDeletedRow(quoted(table)) : raw('1 = 0');

export const quoted = (name: string): string => `\`${name}\``;
