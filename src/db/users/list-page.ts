import { atLeast, rolesUpTo } from '../../domain/role.ts';
import type { ListQuery } from '../../ports/user-store.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { userColumns } from '../rows/user-row.ts';
import { allOf, joined, raw, sql, type Sql } from '../sql.ts';
import { behind, conditionsOf } from './conditions.ts';
import { fieldExpression, ownRows } from './field-expression.ts';

/**
 * The statement of one page. Each audience (a value of `listableByRole` that the actor belongs to, and oneself) is walked in
 * its own index and cut off at the page's length; the page is cut from what they give together. One condition with OR would
 * read through everybody who is not listed.
 */
export const page = (query: ListQuery, dialect: Dialect): Sql => {
  const order = orderOf(query, dialect);
  const asked = allOf([
    raw('u.deletedAt IS NULL'),
    ...conditionsOf(query, dialect),
    ...(query.after === undefined ? [] : [behind(query, query.after, dialect)]),
  ]);
  const atSite = sql`u.siteId = ${query.siteId}`;
  if (query.role === 'admin') {
    return sql`SELECT ${userColumns} ${users} WHERE ${atSite} AND ${asked} ORDER BY ${order} ${window(query)}`;
  }
  const branches = [
    ...audiences(query).map((audience) => sql`${atSite} AND ${audience}`),
    // The plus keeps SQLite from walking through the site for them: they are looked up by their own ids.
    ...ownRows(query).map((own) => sql`+${atSite} AND ${own}`),
  ];
  const length = String(query.limit + (query.offset ?? 0));
  const chosen = branches.map(
    (branch, index) =>
      sql`SELECT id FROM (SELECT u.id AS id ${users} WHERE ${branch} AND ${asked} ORDER BY ${order} LIMIT ${length}) ${raw(`branch${index}`)}`,
  );
  return sql`SELECT ${userColumns} FROM (${joined(chosen, ' UNION ')}) chosen JOIN users u ON u.id = chosen.id
             LEFT JOIN persons p ON p.id = u.personId ORDER BY ${order} ${window(query)}`;
};

/** `listableByRole` null: moderators and above; else actors of at least that role. Source: user-api.md §3. */
export const audiences = ({ role }: Pick<ListQuery, 'role'>): readonly Sql[] => [
  ...rolesUpTo(role).map((audience) => sql`u.listableByRole = ${audience}`),
  ...(atLeast(role, 'moderator') ? [raw('u.listableByRole IS NULL')] : []),
];

const users = raw('FROM users u LEFT JOIN persons p ON p.id = u.personId');

const orderOf = (query: ListQuery, dialect: Dialect): Sql => {
  const { field, direction } = query.sort;
  const byId = raw(`u.id ${direction}`);
  return field === 'id' ? byId : sql`${fieldExpression(field, query, dialect)} ${raw(direction)}, ${byId}`;
};

/** As text: MySQL takes no bound floating-point number here, which is how its driver sends every number. */
const window = ({ limit, offset }: ListQuery): Sql =>
  offset === undefined ? sql`LIMIT ${String(limit)}` : sql`LIMIT ${String(limit)} OFFSET ${String(offset)}`;
