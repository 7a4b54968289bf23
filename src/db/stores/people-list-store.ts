import { noFacts, type PersonFacts } from '../../domain/people/person-facts.ts';
import type { User } from '../../domain/users/user.ts';
import { isSameAddress, wordsOfAddress } from '../../domain/users/personal-text.ts';
import type {
  FewPeople,
  ListedPerson,
  PeopleQuery,
  PeopleStore,
  PersonAtSites,
  PersonFactsStore,
} from '../../ports/people.ts';
import type { Database, RawRow, Reading } from '../database.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { userColumns, userOf } from '../rows/user-row.ts';
import { isLiveRow, unmarked, zeroMarked, flagOf, numberOf, textOf } from '../rows/values.ts';
import { allOf, joined, listOf, raw, sql, type Sql } from '../sql.ts';

export const peopleStore = ({ select, dialect }: Database): PeopleStore => {
  /**
   * People by their first row, so that the order says nothing but the ids that are shown. Each site is walked in an index that has
   * its rows in order, one row a person, and cut off at the page's end; the page is cut from what they give together. One condition
   * over all sites would sort them whole for every page.
   */
  const chosen = async (query: PeopleQuery, limit: number, offset: number): Promise<readonly RawRow[]> => {
    const length = String(limit + offset);
    if (isOfNobody(query)) return [];
    const inParts = query.among === undefined ? joined(branchesOf(query, length), ' UNION ALL ') : askedOf(query);
    return select(
      sql`SELECT personId, MIN(id) AS firstId FROM (${theirSites(query)} ${inParts}) chosen
          GROUP BY personId, CASE WHEN personId IS NULL THEN id END ORDER BY MIN(id) LIMIT ${String(limit)} OFFSET ${String(offset)}`,
      limitOf(query),
    );
  };

  const branchesOf = (query: PeopleQuery, length: string): readonly Sql[] => {
    const ranges = [
      ...query.siteIds.map((siteId) => (table: string) => sql`${raw(table)}.siteId = ${siteId} AND ${unmarked(table)}`),
      // Few, and at all sites at once.
      (table: string) => sql`${isAtOneOf(query, table)} AND ${zeroMarked(table)}`,
    ];
    return ranges.map(
      (range, index) =>
        sql`SELECT * FROM (
              SELECT u.personId AS personId, u.id AS id FROM users u${raw(dialect.forceIndex(inOrderOfRows))}
              WHERE ${range('u')} AND ${isAsked(query)} AND ${isFirstOf(query, range, dialect)} ORDER BY u.id LIMIT ${length}
            ) ${raw(`branch${index}`)}`,
    );
  };

  return {
    page: async (query, limit, offset) => {
      const found = await chosen(query, limit, offset);
      if (found.length === 0) return [];
      const ids = found.flatMap((row) => (row['personId'] === null ? [numberOf(row['firstId']) ?? 0] : []));
      const personIds = found.flatMap((row) => numberOf(row['personId']) ?? []);
      const rows = await select(
        sql`SELECT u.id AS id, u.personId AS personId FROM ${rowsAmong({ ids, personIds })}
            WHERE ${isAtOneOf(query)} AND ${counts(query)} ORDER BY u.id`,
      );
      return listed(rows);
    },
    rowsOf: async (query, some) => {
      const ids = some.flatMap(({ rowIds }) => rowIds);
      if (ids.length === 0) return [];
      const rows = await select(
        sql`${theirSites(query)} SELECT ${userColumns}, ${factsColumns}, ${hasCome} AS hasCome
            FROM users u LEFT JOIN civitas_persons p ON p.id = u.personId LEFT JOIN civitas_person_facts f ON f.personId = u.personId AND f.clientId = ${query.clientId}
            WHERE u.id IN ${listOf(ids)} AND ${isAtOneOf(query)} AND ${counts(query)} ORDER BY u.id`,
      );
      return together(rows);
    },
    count: async (query) => {
      if (isOfNobody(query)) return 0;
      const from = query.among === undefined ? raw('users u') : rowsAmong(query.among);
      const [row] = await select(
        sql`SELECT n FROM (
              ${theirSites(query)} SELECT COUNT(DISTINCT u.personId) + COUNT(CASE WHEN u.personId IS NULL THEN 1 END) AS n
              FROM ${from} WHERE ${isAtOneOf(query)} AND ${isLiveRow('u')} AND ${isAsked(query)}) counted`,
        limitOf(query),
      );
      return numberOf(row?.['n']) ?? 0;
    },
    withAddress: async (query, address) => {
      const words = wordsOfAddress(address);
      if (query.siteIds.length === 0 || words.length === 0) return { personIds: [], ids: [] };
      const [counted] = await select(bearersOfEach(query, words));
      const [lead, ...others] = [...words.entries()]
        .sort(([one], [other]) => (numberOf(counted?.[`n${one}`]) ?? 0) - (numberOf(counted?.[`n${other}`]) ?? 0))
        .map(([, word]) => word);
      const bears = others.map(
        (word) => sql`EXISTS (SELECT 1 FROM civitas_user_words w WHERE w.userId = u.id AND ${isOfAddress(word)})`,
      );
      const rows = await select(
        sql`SELECT u.id AS id, u.personId AS personId, u.email AS email
            FROM (SELECT w.userId AS id FROM civitas_user_words w
                  WHERE ${isAtOneOf(query, 'w')} AND ${isOfAddress(lead ?? '')}) bearing
            CROSS JOIN users u ON u.id = bearing.id
            WHERE ${isAtOneOf(query)} AND ${counts(query)} AND ${allOf(bears)} LIMIT ${String(mostBearers)}`,
        limitOf(query),
      );
      const found = rows
        .filter((row) => isSameAddress(textOf(row['email']) ?? '', address))
        .map((row) => ({ id: numberOf(row['id']) ?? 0, personId: numberOf(row['personId']) }));
      return {
        personIds: [...new Set(found.flatMap(({ personId }) => (personId === null ? [] : [personId])))],
        ids: found.flatMap(({ id, personId }) => (personId === null ? [id] : [])),
      };
    },
    sizeOf: async (siteIds) => {
      if (siteIds.length === 0) return 0;
      const [row] = await select(sql`SELECT SUM(n) AS n FROM civitas_user_counts WHERE siteId IN ${listOf(siteIds)}`);
      return numberOf(row?.['n']) ?? 0;
    },
  };
};

const isOfNobody = ({ siteIds, among }: PeopleQuery): boolean =>
  siteIds.length === 0 || (among !== undefined && among.personIds.length + among.ids.length === 0);

/** The few who are asked for: of all their rows at these sites, and so of the first, too. */
const askedOf = (query: PeopleQuery): Sql =>
  sql`SELECT u.personId AS personId, u.id AS id FROM ${rowsAmong(query.among ?? { personIds: [], ids: [] })}
      WHERE ${isAtOneOf(query)} AND ${isLiveRow('u')} AND ${isAsked(query)}`;

/** All rows `u` of some people, wherever they are. SQLite keeps the order of a cross join. */
const rowsAmong = ({ personIds, ids }: FewPeople): Sql =>
  sql`(SELECT id FROM users WHERE id IN ${listOf(ids)} UNION SELECT id FROM users WHERE personId IN ${listOf(personIds)}) few
      CROSS JOIN users u ON u.id = few.id`;

/** More have no address in common: whoever is asked for by one is found among them. */
const mostBearers = 10_000;

const isOfAddress = (word: string): Sql => sql`w.word = ${word} AND w.source = 'email'`;

/** How many bear each word at these sites, counted so far: the one that fewest bear leads. */
const bearersOfEach = (query: PeopleQuery, words: readonly string[]): Sql => {
  const counted = words.map(
    (word, at) =>
      sql`(SELECT COUNT(*) FROM (SELECT 1 FROM civitas_user_words w WHERE ${isAtOneOf(query, 'w')} AND ${isOfAddress(word)}
           LIMIT ${String(mostBearers)}) ${raw(`borne${at}`)}) AS ${raw(`n${at}`)}`,
  );
  return sql`SELECT ${joined(counted, ', ')}`;
};

/** A statement that may be ended begins with SELECT (`dialects/mysql.ts`), so `theirs` stands inside. */
const limitOf = ({ maxSeconds }: PeopleQuery): Reading => (maxSeconds === undefined ? {} : { maxSeconds });

/** MariaDB would else sort the site's people for each page. */
const inOrderOfRows = 'users_siteId_deletedAt_anonymizedAt_id_personId_listableByRole';

/** Of several rows of one person in a range (old databases have them) the first: else a page's length of rows would be fewer people. */
const isFirstOf = (query: PeopleQuery, range: (table: string) => Sql, dialect: Dialect): Sql =>
  sql`NOT EXISTS (SELECT 1 FROM users o${raw(dialect.forceIndex('users_personId_externalUserId'))}
                  WHERE ${range('o')} AND o.personId = u.personId AND o.id < u.id AND ${isOpen(query, 'o')})`;

/** Not part of what each site is asked: with all sites in the part of each, a statement of a hundred holds thirty thousand values. */
const isAtOneOf = ({ siteIds }: PeopleQuery, table = 'u'): Sql => sql`${raw(table)}.siteId IN ${listOf(siteIds)}`;

/** What makes a row at a site one of somebody's. */
const counts = (query: PeopleQuery): Sql => sql`${isLiveRow('u')} AND ${isOpen(query)}`;
const isOpen = ({ audience }: PeopleQuery, table = 'u'): Sql =>
  raw(`${table}.anonymizedAt IS NULL${audience === 'listed' ? ` AND ${table}.listableByRole = 'all'` : ''}`);

/** Of a live row. */
const isAsked = (query: PeopleQuery): Sql =>
  allOf([
    isOpen(query),
    isOfIssuer(query),
    ...(query.isExpert === undefined ? [] : [isSaid(query, 'isExpert', query.isExpert)]),
    ...(query.isSelected === undefined ? [] : [isSaid(query, 'isSelected', query.isSelected)]),
  ]);

const isSaid = ({ clientId }: PeopleQuery, fact: 'isExpert' | 'isSelected', wanted: boolean): Sql =>
  sql`COALESCE((SELECT f.${raw(fact)} FROM civitas_person_facts f
                WHERE f.personId = u.personId AND f.clientId = ${clientId} AND ${hasCome}), 0) = ${wanted}`;
/**
 * Whether the person of a row has logged in at one of the client's sites: until then, nothing is kept of them.
 * Asked of the person, as rows that answer differently would be chosen by "yes" and "no" alike.
 */
const hasCome = sql`EXISTS (SELECT 1 FROM users o JOIN theirs ON theirs.id = o.siteId
  WHERE o.personId = u.personId AND o.profileWithheld = 0 AND ${isLiveRow('o')})`;
/** Named once: each part of a statement that asks about many sites would hold all of them. */
const theirSites = ({ clientSiteIds }: PeopleQuery): Sql =>
  sql`WITH theirs AS (SELECT id FROM sites WHERE id IN ${listOf(clientSiteIds)})`;

/** Most have one issuer for everybody: then nobody is looked up. */
const isOfIssuer = ({ issuer }: PeopleQuery): Sql =>
  sql`(u.personId IS NULL OR NOT EXISTS (SELECT 1 FROM civitas_persons x WHERE x.issuer <> ${issuer})
       OR (SELECT p.issuer FROM civitas_persons p WHERE p.id = u.personId) = ${issuer})`;

/** Of ids, person by person, in the order of their first ones. */
const listed = (rows: readonly RawRow[]): readonly ListedPerson[] => {
  const people = new Map<string, ListedPerson>();
  for (const row of rows) {
    const [id, personId] = [numberOf(row['id']) ?? 0, numberOf(row['personId'])];
    const name = nameOf(personId, id);
    const before = people.get(name);
    people.set(name, { personId, rowIds: before === undefined ? [id] : [...before.rowIds, id] });
  }
  return [...people.values()];
};
const nameOf = (personId: number | null, id: number): string =>
  personId === null ? `row ${id}` : `person ${personId}`;

/** Rows person by person, in the order of their first ones. */
const together = (rows: readonly RawRow[]): readonly PersonAtSites[] => {
  const people = new Map<string, PersonAtSites>();
  for (const row of rows) {
    const user: User = userOf(row);
    const name = nameOf(user.personId, user.id);
    const before = people.get(name);
    people.set(
      name,
      before === undefined
        ? { rows: [user], facts: isTold(row) ? factsOf(row) : noFacts }
        : { ...before, rows: [...before.rows, user] },
    );
  }
  return [...people.values()];
};
const isTold = (row: RawRow): boolean => flagOf(row['hasCome']) ?? false;

const factNames = ['isExpert', 'isSelected', 'points', 'score'] as const;

export const personFactsStore = ({ select, change, dialect }: Database): PersonFactsStore => ({
  of: async ({ personId, clientId }) => {
    const [row] = await select(
      sql`SELECT ${factsColumns} FROM civitas_person_facts f WHERE f.personId = ${personId} AND f.clientId = ${clientId}`,
    );
    return factsOf(row);
  },
  ofPerson: async (personId, siteId) => {
    const ofClient = (which: Sql): Sql =>
      sql`EXISTS (SELECT 1 FROM civitas_client_sites s WHERE s.clientId = f.clientId AND ${which})`;
    const served =
      siteId === 'any'
        ? raw('1 = 1')
        : sql`${ofClient(sql`s.siteId = ${siteId}`)} AND NOT ${ofClient(sql`s.siteId <> ${siteId}`)}`;
    const rows = await select(
      sql`SELECT f.clientId, ${factsColumns} FROM civitas_person_facts f WHERE f.personId = ${personId} AND ${served}
          ORDER BY f.clientId LIMIT 10000`,
    );
    return rows.map((row) => ({ clientId: numberOf(row['clientId']) ?? 0, ...factsOf(row) }));
  },
  save: async ({ personId, clientId }, { isExpert, isSelected, points, score }) => {
    const replaced = factNames.map((name) => `${name} = ${dialect.brought(name)}`).join(', ');
    await change(
      sql`INSERT INTO civitas_person_facts (personId, clientId, isExpert, isSelected, points, score)
          VALUES (${personId}, ${clientId}, ${isExpert}, ${isSelected}, ${points}, ${score})
          ${raw(dialect.onConflictUpdate(['personId', 'clientId']))} ${raw(replaced)}`,
    );
  },
  removeOfPerson: async (personId, { stayingAt, goneFrom }) => {
    const isOfOne = (siteIds: readonly number[]): Sql => sql`EXISTS (SELECT 1 FROM civitas_client_sites s
        WHERE s.clientId = civitas_person_facts.clientId AND s.siteId IN ${listOf(siteIds)})`;
    const went = [sql`NOT ${isOfOne(stayingAt)}`, ...(goneFrom === 'everywhere' ? [] : [isOfOne(goneFrom)])];
    await change(sql`DELETE FROM civitas_person_facts WHERE personId = ${personId} AND ${allOf(went)}`);
  },
  removeOfClient: async (clientId) => {
    await change(sql`DELETE FROM civitas_person_facts WHERE clientId = ${clientId}`);
  },
});

/** The columns of `civitas_person_facts f`; all null where there is no row. */
const factsColumns: Sql = raw(
  'f.isExpert AS fact_isExpert, f.isSelected AS fact_isSelected, f.points AS fact_points, f.score AS fact_score',
);

const factsOf = (row: RawRow | undefined): PersonFacts =>
  row === undefined
    ? noFacts
    : {
        isExpert: flagOf(row['fact_isExpert']) ?? noFacts.isExpert,
        isSelected: flagOf(row['fact_isSelected']) ?? noFacts.isSelected,
        points: numberOf(row['fact_points']) ?? noFacts.points,
        score: numberOf(row['fact_score']) ?? noFacts.score,
      };
