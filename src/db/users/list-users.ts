import { atLeast, rolesUpTo } from '../../domain/role.ts';
import type { Json } from '../../domain/json.ts';
import type { User } from '../../domain/user.ts';
import type { ListQuery, Position, UserStore } from '../../ports/user-store.ts';
import type { Database } from '../database.ts';
import { numberOf } from '../rows/values.ts';
import { userOf } from '../rows/user-row.ts';
import { allOf, listOf, raw, sql } from '../sql.ts';
import { isId } from '../ids.ts';
import { conditionsOf } from './conditions.ts';
import { isSeen } from './field-expression.ts';
import { listed, page } from './list-page.ts';

type Lists = Pick<UserStore, 'list' | 'positionOf' | 'count' | 'countListed'>;

export const listUsers = (database: Database): Lists => {
  const { select, dialect } = database;
  const list: Lists['list'] = async (query) =>
    isId(query.siteId) ? (await select(page(query, dialect))).map(userOf) : [];

  const count: Lists['count'] = async (query) => {
    if (!isId(query.siteId)) return 0;
    const asked = allOf(conditionsOf(query, dialect));
    const [row] = await select(sql`SELECT COUNT(*) AS n ${listed(query)} AND ${asked}`);
    return numberOf(row?.['n']) ?? 0;
  };

  /** The counters, and the actor's own rows where no counter that is theirs to see has them. */
  const countListed: Lists['countListed'] = async (query) => {
    if (!isId(query.siteId)) return 0;
    const { actor, siteId } = query;
    const keys = listOf(listedKeys(query));
    // The plus keeps SQLite from walking through the whole site: these are looked up by their own ids.
    const unlisted = sql`+u.siteId = ${siteId} AND u.deletedAt IS NULL AND COALESCE(u.listableByRole, 'none') NOT IN ${keys}`;
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

const listedKeys = ({ role }: ListQuery): readonly string[] => [
  ...rolesUpTo(role),
  ...(atLeast(role, 'moderator') ? ['none'] : []),
];
