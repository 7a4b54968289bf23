import { atLeast, rolesUpTo } from '../../domain/role.ts';
import type { ListQuery } from '../../ports/user-store.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { userColumns } from '../rows/user-row.ts';
import { allOf, anyOf, joined, raw, sql, type Sql } from '../sql.ts';
import { behind, conditionsOf } from './conditions.ts';
import { fieldExpression, isOwn, ownRows } from './field-expression.ts';
import { candidates } from './search.ts';

/**
 * The statement of one page. Each audience (a value of `listableByRole` that the actor belongs to, and oneself) is walked in
 * its own index and cut off at the page's length; the page is cut from what they give together. One condition with OR would
 * read through everybody who is not listed. A search leads to few, who are looked at one by one.
 */
export const page = (query: ListQuery, dialect: Dialect): Sql => {
  const order = orderOf(query, dialect);
  const asked = allOf([
    ...conditionsOf(query, dialect),
    ...(query.after === undefined ? [] : [behind(query, query.after, dialect)]),
  ]);
  if (query.role === 'admin' || candidates(query) !== null) {
    return sql`SELECT ${userColumns} ${listed(query, dialect)} AND ${asked} ORDER BY ${order} ${window(query)}`;
  }
  const atSite = sql`u.siteId = ${query.siteId} AND u.deletedAt IS NULL`;
  const walked = sql`FROM ${usersOf(query, dialect, 'users_siteId_listableByRole_deletedAt_id')} ${person}`;
  const branches = [
    ...audiences(query).map((audience) => sql`${walked} WHERE ${atSite} AND ${audience}`),
    // The plus keeps SQLite from walking through the site for them: they are looked up by their own ids.
    ...ownRows(query).map((own) => sql`FROM users u ${person} WHERE +${atSite} AND ${own}`),
  ];
  const length = String(query.limit + (query.offset ?? 0));
  const chosen = branches.map(
    (branch, index) =>
      sql`SELECT id FROM (SELECT u.id AS id ${branch} AND ${asked} ORDER BY ${order} LIMIT ${length}) ${raw(`branch${index}`)}`,
  );
  // SQLite keeps the order of a cross join: it might else go through the whole table, looking each row up among the few.
  return sql`SELECT ${userColumns} FROM (${joined(chosen, ' UNION ')}) chosen CROSS JOIN users u ON u.id = chosen.id
             LEFT JOIN civitas_persons p ON p.id = u.personId ORDER BY ${order} ${window(query)}`;
};

/** FROM and WHERE of everybody who is listed; of a search, of those who may be what is searched for. */
export const listed = (query: ListQuery, dialect: Dialect): Sql => {
  const { siteId, role } = query;
  const found = candidates(query);
  // The plus keeps SQLite from walking through the site for those who were found.
  const atSite = found === null ? sql`u.siteId = ${siteId}` : sql`+u.siteId = ${siteId}`;
  const audience = role === 'admin' ? raw('1 = 1') : anyOf([...audiences(query), isOwn(query)]);
  return sql`FROM ${found ?? usersOf(query, dialect, 'users_siteId_deletedAt_id')} ${person} WHERE ${atSite} AND u.deletedAt IS NULL AND ${audience}`;
};

/** `listableByRole` null: moderators and above; else actors of at least that role. Source: user-api.md §3. */
const audiences = ({ role }: Pick<ListQuery, 'role'>): readonly Sql[] => [
  ...rolesUpTo(role).map((audience) => sql`u.listableByRole = ${audience}`),
  ...(atLeast(role, 'moderator') ? [raw('u.listableByRole IS NULL')] : []),
];

/**
 * In order of ids and from a place on, that place is looked up in this index. MariaDB would look up the site alone, and read
 * through all that come before: half of a site of 100,000 for a page in the middle. SQLite would go through other sites, too.
 */
const usersOf = ({ sort, after, conditions }: ListQuery, dialect: Dialect, index: string): Sql => {
  const isFromAPlace = sort.field === 'id' && after !== undefined && conditions.length === 0;
  return raw(`users u${isFromAPlace ? dialect.readBy(index) : dialect.notWalkedById}`);
};
const person = raw('LEFT JOIN civitas_persons p ON p.id = u.personId');

const orderOf = (query: ListQuery, dialect: Dialect): Sql => {
  const { field, direction } = query.sort;
  const byId = raw(`u.id ${direction}`);
  return field === 'id' ? byId : sql`${fieldExpression(field, query, dialect)} ${raw(direction)}, ${byId}`;
};

/** As text: MySQL takes no bound floating-point number here, which is how its driver sends every number. */
const window = ({ limit, offset }: ListQuery): Sql =>
  offset === undefined ? sql`LIMIT ${String(limit)}` : sql`LIMIT ${String(limit)} OFFSET ${String(offset)}`;
