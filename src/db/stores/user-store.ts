import type { Json } from '../../domain/json.ts';
import { atLeast, rolesUpTo } from '../../domain/actor.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import type { UserStore, ListQuery, Position } from '../../ports/user-store.ts';
import { nextTurn } from '../../platform/clock.ts';
import { batched, type Database, type TimeLimit } from '../database.ts';
import { isId } from '../sql.ts';
import type { LinkPastUs } from './person-store.ts';
import { isLiveRow, numberOf, textOf } from '../rows/values.ts';
import { userColumns, userOf } from '../rows/user-row.ts';
import { listOf, raw, sql, allOf, joined } from '../sql.ts';
import { addressHolders } from '../users/address-holders.ts';
import { conditionsOf } from '../users/conditions.ts';
import { isSeen, ownRows } from '../users/field-expression.ts';
import { firstOfPerson } from '../users/write-users.ts';
import { listed, page } from '../users/list-page.ts';
import { readUsers } from '../users/read-users.ts';
import { wordCounts } from '../users/search.ts';
import { listableBy } from '../users/user-counts.ts';
import { writeUsers } from '../users/write-users.ts';

export const userStore = (
  database: Database,
  inOneTransaction: InOneTransaction,
  options: Pick<Ports, 'clock'>,
  link: LinkPastUs,
): UserStore => {
  const holders = addressHolders(database);
  return {
    ...readUsers(database, options, link),
    peopleAt: readPeople(database),
    ...listUsers(database),
    addressHolders: holders.find,
    ...writeUsers(database, inOneTransaction, holders),
  };
};

/** A batch of a site's people with all their rows: two statements, whatever their number. */
const readPeople =
  ({ select, dialect }: Database): UserStore['peopleAt'] =>
  async (siteId, after, limit) => {
    if (!isId(siteId)) return [];
    // Asked batch by batch: the embedded database would let nobody else come in between.
    await nextTurn();
    const firsts = await select(
      sql`SELECT u.id, u.personId FROM users u${raw(dialect.noPrimaryKeyScan)} WHERE ${firstOfPerson(siteId)} AND u.id > ${after} ORDER BY u.id LIMIT ${String(limit)}`,
    );
    if (firsts.length === 0) return [];
    const ids = firsts.map((row) => numberOf(row['id']) ?? 0);
    const personIds = firsts.flatMap((row) => numberOf(row['personId']) ?? []);
    const rows = await select(
      sql`SELECT ${userColumns} FROM (SELECT id FROM users WHERE id IN ${listOf(ids)}
          UNION SELECT id FROM users WHERE personId IN ${listOf(personIds)}) same
          JOIN users u ON u.id = same.id LEFT JOIN civitas_persons p ON p.id = u.personId ORDER BY u.id`,
    );
    return grouped(ids, rows.map(userOf));
  };

const grouped = (ids: readonly number[], rows: readonly User[]): Awaited<ReturnType<UserStore['peopleAt']>> => {
  const byPerson = new Map<number, User[]>();
  for (const row of rows) {
    const own = row.personId === null ? undefined : byPerson.get(row.personId);
    if (own !== undefined) own.push(row);
    else if (row.personId !== null) byPerson.set(row.personId, [row]);
  }
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const first = byId.get(id);
    if (first === undefined) return [];
    const all = first.personId === null ? [first] : (byPerson.get(first.personId) ?? [first]);
    return [{ first: id, person: first.person, rows: all }];
  });
};

type Lists = Pick<UserStore, 'list' | 'idsOf' | 'positionOf' | 'count' | 'countListed' | 'countWords'>;

const listUsers = (database: Database): Lists => {
  const { select, dialect } = database;
  const list: Lists['list'] = async (query) =>
    isId(query.siteId) ? (await select(page(query, dialect), limitOf(query))).map(userOf) : [];
  const idsOf: Lists['idsOf'] = async (query) => {
    if (!isId(query.siteId)) return [];
    const found = await select(page(query, dialect, raw('u.id AS id')), limitOf(query));
    return found.map((row) => numberOf(row['id']) ?? 0);
  };

  const count: Lists['count'] = async (query) => {
    if (!isId(query.siteId)) return 0;
    const asked = allOf(conditionsOf(query, dialect));
    const [row] = await select(sql`SELECT COUNT(*) AS n ${listed(query, dialect)} AND ${asked}`, limitOf(query));
    return numberOf(row?.['n']) ?? 0;
  };

  const countersOf = batched(async (siteIds: readonly number[]) => {
    const found = await select(
      sql`SELECT siteId, listableByRole, n FROM civitas_user_counts WHERE siteId IN ${listOf(siteIds)}`,
    );
    return siteIds.map((siteId) => found.filter((row) => numberOf(row['siteId']) === siteId));
  });
  const counted = async (query: ListQuery): Promise<number> => {
    const keys = new Set(listedKeys(query));
    const counters = await countersOf(query.siteId);
    return counters
      .filter((row) => keys.has(textOf(row['listableByRole']) ?? ''))
      .reduce((sum, row) => sum + (numberOf(row['n']) ?? 0), 0);
  };
  /** With the actor's own rows where no counter that is theirs to see has them. */
  const countedWithOwn = async (query: ListQuery): Promise<number> => {
    const { siteId } = query;
    const keys = listOf(listedKeys(query));
    // The plus keeps SQLite from walking through the whole site: these are looked up by their own ids.
    const unlisted = sql`+u.siteId = ${siteId} AND ${isLiveRow('u')} AND ${listableBy('u', dialect)} NOT IN ${keys}`;
    const own = ownRows(query).map((which) => sql`SELECT u.id FROM users u WHERE ${which} AND ${unlisted}`);
    const [row] = await select(
      sql`SELECT (SELECT COALESCE(SUM(n), 0) FROM civitas_user_counts WHERE siteId = ${siteId} AND listableByRole IN ${keys})
               + (SELECT COUNT(*) FROM (${joined(own, ' UNION ')}) own) AS n`,
    );
    return numberOf(row?.['n']) ?? 0;
  };
  const countListed: Lists['countListed'] = async (query) => {
    if (!isId(query.siteId)) return 0;
    // An admin sees every counter.
    return query.role === 'admin' || ownRows(query).length === 0 ? counted(query) : countedWithOwn(query);
  };

  const countWords: Lists['countWords'] = async (siteId, words, most) => {
    if (!isId(siteId) || words.length === 0) return words.map(() => 0);
    const [row] = await select(wordCounts(siteId, words, most));
    return words.map((_word, at) => numberOf(row?.[`n${at}`]) ?? 0);
  };

  return { list, idsOf, positionOf, count, countListed, countWords };
};

const limitOf = ({ maxSeconds }: ListQuery): TimeLimit => (maxSeconds === undefined ? {} : { maxSeconds });

const positionOf = (user: User, query: ListQuery): Position => {
  const { field } = query.sort;
  if (field === 'id') return { value: user.id, id: user.id };
  return { value: isSeen(field, query, user) ? plain(sortValue(user, field)) : null, id: user.id };
};

const sortValue = (user: User, field: ListQuery['sort']['field']): unknown =>
  field !== 'externalUserId'
    ? user[field]
    : user.profileWithheld
      ? null
      : (user.person?.externalId ?? user.externalUserId?.toString());

const plain = (value: unknown): Json => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
};

const listedKeys = ({ role }: ListQuery): readonly string[] => [
  ...rolesUpTo(role),
  ...(atLeast(role, 'moderator') ? ['none'] : []),
];
