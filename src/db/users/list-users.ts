import type { Json } from '../../domain/json.ts';
import { ruleOf } from '../../domain/users/user-fields.ts';
import { isListedBy, saidFor } from '../../domain/users/user-visibility.ts';
import type { User } from '../../domain/users/user.ts';
import type { UserStore, ListQuery, Position } from '../../ports/user-store.ts';
import { batched, type Database, type Reading } from '../database.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { positionColumns, userOf, userColumns } from '../rows/user-row.ts';
import { isLiveRow, numberOf, textOf, isNoRole, unmarked, zeroMarked } from '../rows/values.ts';
import { allOf, isId, joined, listOf, raw, sql, anyOf, type Sql } from '../sql.ts';
import {
  conditionsOf,
  keysFor,
  ownRows,
  wordCounts,
  behind,
  candidates,
  isOwn,
  orderOf,
  sortColumns,
} from './conditions.ts';
import { listableBy } from './write-users.ts';

type Lists = Pick<UserStore, 'list' | 'positionsIn' | 'positionOf' | 'count' | 'countListed' | 'countWords'>;

/** Lists, and how many they hold: without conditions, that is read from the counters that write-users.ts keeps. */
export const listUsers = (database: Database): Lists => {
  const { select, dialect } = database;
  const list: Lists['list'] = async (query) =>
    isId(query.siteId) ? (await select(page(query, dialect), limitOf(query))).map(userOf) : [];
  const positionsIn: Lists['positionsIn'] = async (query) => {
    if (!isId(query.siteId)) return [];
    const found = await select(page(query, dialect, positionColumns(query.sort.field)), limitOf(query));
    return found.map((row) => positionOf(userOf(row), query));
  };

  const count: Lists['count'] = async (query) => {
    if (!isId(query.siteId)) return 0;
    const conditions = allOf(conditionsOf(query, dialect));
    const [row] = await select(sql`SELECT COUNT(*) AS n ${listed(query, dialect)} AND ${conditions}`, limitOf(query));
    return numberOf(row?.['n']) ?? 0;
  };

  const countersOf = batched(async (siteIds: readonly number[]) => {
    const found = await select(
      sql`SELECT siteId, listableByRole, n FROM civitas_user_counts WHERE siteId IN ${listOf(siteIds)}`,
    );
    return siteIds.map((siteId) => found.filter((row) => numberOf(row['siteId']) === siteId));
  });
  const counted = async (query: ListQuery): Promise<number> => {
    const keys = new Set(keysFor(query.role));
    const counters = await countersOf(query.siteId);
    return counters
      .filter((row) => keys.has(textOf(row['listableByRole']) ?? ''))
      .reduce((sum, row) => sum + (numberOf(row['n']) ?? 0), 0);
  };
  /** With the actor's own rows where no counter that is theirs to see has them. */
  const countedWithOwn = async (query: ListQuery): Promise<number> => {
    const { siteId } = query;
    const keys = listOf(keysFor(query.role));
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

  return { list, positionsIn, positionOf, count, countListed, countWords };
};

const limitOf = ({ maxSeconds }: ListQuery): Reading => (maxSeconds === undefined ? {} : { maxSeconds });

const positionOf = (user: User, query: ListQuery): Position => {
  const { field } = query.sort;
  if (field === 'id') return { value: user.id, id: user.id };
  return { value: isListedBy(field, query, user) ? plain(sortValue(user, field)) : null, id: user.id };
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

/**
 * The statement of one page. Each audience (a value of `listableByRole` that the actor belongs to, and oneself) is walked in
 * its own index and cut off at the page's length, and so are the few whose zero date says that they are not deleted; the page is
 * cut from what they give together. One condition with OR would read through everybody who is not listed. A search leads to few,
 * who are looked at one by one.
 */
export const page = (query: ListQuery, dialect: Dialect, wanted: Sql = userColumns): Sql => {
  const { sorted, tie } = sortColumns(query, dialect);
  const order = orderOf(query, { sorted, tie });
  const conditions = allOf([
    ...conditionsOf(query, dialect),
    ...(query.after === undefined ? [] : [behind(query, query.after, dialect)]),
  ]);
  if (candidates(query) !== null) {
    return sql`SELECT ${wanted} ${listed(query, dialect)} AND ${conditions} ORDER BY ${order} ${window(query)}`;
  }
  const { siteId } = query;
  const withPerson = needsPerson(query) ? person : raw('');
  const isAdmin = query.role === 'admin';
  const bySite = usersOf(query, dialect, 'users_siteId_deletedAt_id');
  const byAudience = usersOf(query, dialect, 'users_siteId_listableByRole_deletedAt_id');
  const walk = (from: Sql, which: Sql): Sql => sql`FROM ${from} ${withPerson} WHERE u.siteId = ${siteId} AND ${which}`;
  const own = isAdmin ? [] : ownRows(query);
  const branches = [
    ...(isAdmin
      ? [walk(bySite, unmarked('u'))]
      : audiences(query, dialect).map((audience) => walk(byAudience, sql`${unmarked('u')} AND ${audience}`))),
    walk(bySite, sql`${zeroMarked('u')} AND ${audienceOf(query, dialect)}`),
    // The plus keeps SQLite from walking through the site for them: they are looked up by their own ids.
    ...own.map(
      (which) => sql`FROM users u ${withPerson} WHERE +u.siteId = ${siteId} AND ${isLiveRow('u')} AND ${which}`,
    ),
  ];
  const length = String(query.limit + (query.offset ?? 0));
  const [before, after] = dialect.part;
  const isCut = query.offset !== undefined && keepsItsOrder(query);
  const columns = isCut ? sql`${tie} AS id, ${sorted} AS sorted` : raw('u.id AS id');
  const chosen = branches.map(
    (branch) =>
      sql`${raw(before)}SELECT ${columns} ${branch} AND ${conditions} ORDER BY ${order} LIMIT ${length}${raw(after)}`,
  );
  const all = joined(chosen, own.length > 0 ? ' UNION ' : ' UNION ALL ');
  // Cut before any row is read: else all that come before a deep page are, with all their columns.
  const few = isCut
    ? sql`SELECT id FROM (${all}) every ORDER BY ${orderOf(query, { sorted: raw('sorted'), tie: raw('id') })} ${window(query)}`
    : all;
  // SQLite keeps the order of a cross join: it might else go through the whole table, looking each row up among the few.
  return sql`SELECT ${wanted} FROM (${few}) chosen
             CROSS JOIN users u ON u.id = chosen.id ${person} ORDER BY ${order} ${isCut ? raw('') : window(query)}`;
};

/** Numbers and dates are in the same order wherever they stand; texts would have to take their collation along, and enumerations their order. */
const keepsItsOrder = ({ sort: { field } }: ListQuery): boolean =>
  ['number', 'flag', 'date'].includes(ruleOf(field).shape.kind) && field !== 'externalUserId';

/** FROM and WHERE of everybody who is listed; of a search, of those who may be what is searched for. */
const listed = (query: ListQuery, dialect: Dialect): Sql => {
  const { siteId } = query;
  const found = candidates(query);
  // The plus keeps SQLite from walking through the site for those who were found.
  const atSite = found === null ? sql`u.siteId = ${siteId}` : sql`+u.siteId = ${siteId}`;
  return sql`FROM ${found ?? usersOf(query, dialect, 'users_siteId_deletedAt_id')} ${person}
             WHERE ${atSite} AND ${isLiveRow('u')} AND ${audienceOf(query, dialect)}`;
};

const audienceOf = (query: ListQuery, dialect: Dialect): Sql =>
  query.role === 'admin' ? raw('1 = 1') : anyOf([...audiences(query, dialect), isOwn(query)]);

/** `listableByRole` null, or no role at all: moderators and above; else actors of at least that role. Source: user-api.md §3. */
const audiences = ({ role, onlyOwn }: Pick<ListQuery, 'role' | 'onlyOwn'>, dialect: Dialect): readonly Sql[] =>
  onlyOwn === true
    ? []
    : saidFor(role).flatMap((said) =>
        said === null
          ? [raw('u.listableByRole IS NULL'), isNoRole('u.listableByRole', dialect)]
          : [sql`u.listableByRole = ${said}`],
      );

/** Only external ids stand with the person. */
const needsPerson = ({ sort, conditions }: ListQuery): boolean =>
  [sort, ...conditions].some(({ field }) => field === 'externalUserId');

/**
 * In order of ids, the place from which on is looked up in this index. MariaDB would look up the site alone, and read through all
 * that come before: half of a site of 100,000 for a page in the middle. SQLite would go through other sites, too.
 */
const usersOf = ({ sort, conditions }: ListQuery, dialect: Dialect, index: string): Sql => {
  const isInOrder = sort.field === 'id' && conditions.length === 0;
  return raw(`users u${isInOrder ? dialect.forceIndex(index) : dialect.noPrimaryKeyScan}`);
};
const person = raw('LEFT JOIN civitas_persons p ON p.id = u.personId');

/** As text: MySQL takes no bound floating-point number here, which is how its driver sends every number. */
const window = ({ limit, offset }: ListQuery): Sql =>
  offset === undefined ? sql`LIMIT ${String(limit)}` : sql`LIMIT ${String(limit)} OFFSET ${String(offset)}`;
