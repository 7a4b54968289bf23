import type { SideSubjects } from '../ports/activity-store.ts';
import { emptiedColumns, type Naming, type SideTable } from '../side-tables/definition.ts';
import { isDeletedRow } from './rows/values.ts';
import { anyOf, listOf, raw, sql, type Sql, type Value } from './sql.ts';

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
