import { atLeast, rolesUpTo } from '../../domain/role.ts';
import type { Json } from '../../domain/json.ts';
import type { User } from '../../domain/user.ts';
import type { ListQuery, Position, UserStore } from '../../ports/user-store.ts';
import type { Database } from '../database.ts';
import { numberOf } from '../rows/values.ts';
import { userColumns, userOf } from '../rows/user-row.ts';
import { allOf, anyOf, listOf, raw, sql, type Sql } from '../sql.ts';
import { isId } from '../ids.ts';
import { behind, conditionsOf } from './conditions.ts';
import { fieldExpression, isOwn, isSeen } from './field-expression.ts';

type Lists = Pick<UserStore, 'list' | 'positionOf' | 'count' | 'countListed'>;

export const listUsers = ({ select, dialect }: Database): Lists => {
  const asked = (query: ListQuery): Sql =>
    allOf([
      sql`u.siteId = ${query.siteId}`,
      raw('u.deletedAt IS NULL'),
      isListed(query),
      ...conditionsOf(query, dialect),
    ]);

  const list: Lists['list'] = async (query) => {
    if (!isId(query.siteId)) return [];
    const from = query.after === undefined ? [] : [behind(query, query.after, dialect)];
    const rows = await select(
      sql`SELECT ${userColumns} FROM users u LEFT JOIN persons p ON p.id = u.personId
          WHERE ${allOf([asked(query), ...from])} ORDER BY ${order(query)} ${window(query)}`,
    );
    return rows.map(userOf);
  };
  const order = (query: ListQuery): Sql => {
    const { field, direction } = query.sort;
    const byId = raw(`u.id ${direction}`);
    return field === 'id' ? byId : sql`${fieldExpression(field, query, dialect)} ${raw(direction)}, ${byId}`;
  };

  const count: Lists['count'] = async (query) => {
    if (!isId(query.siteId)) return 0;
    const [row] = await select(
      sql`SELECT COUNT(*) AS n FROM users u LEFT JOIN persons p ON p.id = u.personId WHERE ${asked(query)}`,
    );
    return numberOf(row?.['n']) ?? 0;
  };

  /** The counters, and the actor's own rows where no counter that is theirs to see has them. */
  const countListed: Lists['countListed'] = async (query) => {
    if (!isId(query.siteId)) return 0;
    const { actor, siteId } = query;
    const keys = listOf(listedKeys(query));
    const unlisted = sql`u.siteId = ${siteId} AND u.deletedAt IS NULL AND COALESCE(u.listableByRole, 'none') NOT IN ${keys}`;
    const own = [
      ...(actor.userId === null ? [] : [sql`u.id = ${actor.userId}`]),
      ...(actor.userId === null || actor.personId === null
        ? []
        : [sql`u.personId = ${actor.personId} AND u.id <> ${actor.userId}`]),
    ].map((which) => sql` + (SELECT COUNT(*) FROM users u WHERE ${which} AND ${unlisted})`);
    const [row] = await select(
      sql`SELECT (SELECT COALESCE(SUM(n), 0) FROM user_counts WHERE siteId = ${siteId} AND listableByRole IN ${keys})${own.reduce(
        (before, one) => sql`${before}${one}`,
        raw(''),
      )} AS n`,
    );
    return numberOf(row?.['n']) ?? 0;
  };

  return { list, positionOf, count, countListed };
};

const positionOf = (user: User, query: ListQuery): Position => {
  const { field } = query.sort;
  if (field === 'id') return { value: user.id, id: user.id };
  return { value: isSeen(field, query, user) ? plain(sortValue(user, field)) : null, id: user.id };
};

const sortValue = (user: User, field: ListQuery['sort']['field']): unknown =>
  field === 'externalUserId' ? user.person?.externalId : user[field];

const plain = (value: unknown): Json => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
};

/** `listableByRole` null: moderators and above; else actors of at least that role; always oneself. Source: user-api.md §3. */
const isListed = (query: ListQuery): Sql => {
  if (query.role === 'admin') return raw('1 = 1');
  return anyOf([
    sql`u.listableByRole IN ${listOf(rolesUpTo(query.role))}`,
    ...(atLeast(query.role, 'moderator') ? [raw('u.listableByRole IS NULL')] : []),
    isOwn(query),
  ]);
};

const listedKeys = ({ role }: ListQuery): readonly string[] => [
  ...rolesUpTo(role),
  ...(atLeast(role, 'moderator') ? ['none'] : []),
];

/** As text: MySQL takes no bound floating-point number here, which is how its driver sends every number. */
const window = ({ limit, offset }: ListQuery): Sql =>
  offset === undefined ? sql`LIMIT ${String(limit)}` : sql`LIMIT ${String(limit)} OFFSET ${String(offset)}`;
