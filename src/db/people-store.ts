import type { User } from '../domain/user.ts';
import type { PeopleQuery, PeopleStore, PersonAtSites } from '../ports/people-store.ts';
import type { Database, RawRow } from './database.ts';
import type { Dialect } from './dialects/dialect.ts';
import { factsColumns, factsOf } from './rows/facts-row.ts';
import { userColumns, userOf } from './rows/user-row.ts';
import { numberOf } from './rows/values.ts';
import { allOf, joined, listOf, raw, sql, type Sql } from './sql.ts';

/** A person is listed by their first row: the live one of the lowest id at these sites. */
export const peopleStore = ({ select, dialect }: Database): PeopleStore => {
  const from = fromUsers(dialect);
  /**
   * Each site is walked in its own index and cut off at the page's end; the page is cut from what they give together. One
   * condition over all sites would sort them whole for every page.
   */
  const leads = async (query: PeopleQuery, limit: number, offset: number): Promise<readonly RawRow[]> => {
    const branches = query.siteIds.map(
      (siteId, index) =>
        sql`SELECT id, personId FROM (SELECT u.id AS id, u.personId AS personId ${from} WHERE u.siteId = ${siteId} AND ${isLead(query)}
            ORDER BY u.id LIMIT ${String(limit + offset)}) ${raw(`branch${index}`)}`,
    );
    if (branches.length === 0) return [];
    return select(
      sql`SELECT id, personId FROM (${joined(branches, ' UNION ALL ')}) leads ORDER BY id LIMIT ${String(limit)} OFFSET ${String(offset)}`,
    );
  };

  const rowsOf = async (query: PeopleQuery, found: readonly RawRow[]): Promise<readonly RawRow[]> => {
    const ids = found.map((row) => numberOf(row['id']) ?? 0);
    const personIds = found.flatMap((row) => (row['personId'] === null ? [] : [numberOf(row['personId']) ?? 0]));
    return select(
      sql`SELECT ${userColumns}, ${factsColumns}
          FROM (SELECT id FROM users WHERE id IN ${listOf(ids)} UNION SELECT id FROM users WHERE personId IN ${listOf(personIds)}) chosen
          JOIN users u ON u.id = chosen.id LEFT JOIN persons p ON p.id = u.personId LEFT JOIN person_facts f ON f.personId = u.personId
          WHERE ${counts('u', query)} ORDER BY u.id`,
    );
  };

  return {
    page: async (query, limit, offset) => {
      const found = await leads(query, limit, offset);
      return found.length === 0 ? [] : together(await rowsOf(query, found));
    },
    count: async (query) => {
      if (query.siteIds.length === 0) return 0;
      // People, not first rows: to look for each row's brothers costs more than to read them all in an index.
      const [row] = await select(
        sql`SELECT COUNT(DISTINCT u.personId) + COUNT(CASE WHEN u.personId IS NULL THEN 1 END) AS n
            ${from} WHERE ${isAsked(query)}`,
      );
      return numberOf(row?.['n']) ?? 0;
    },
  };
};

const fromUsers = ({ notWalkedById }: Dialect): Sql =>
  raw(
    `FROM users u${notWalkedById} LEFT JOIN persons p ON p.id = u.personId LEFT JOIN person_facts f ON f.personId = u.personId`,
  );

/** What makes a row one of somebody's at these sites. */
const counts = (row: 'u' | 'o', { siteIds, audience }: PeopleQuery): Sql =>
  sql`${raw(row)}.siteId IN ${listOf(siteIds)} AND ${raw(row)}.deletedAt IS NULL AND ${raw(row)}.anonymizedAt IS NULL
      ${raw(audience === 'listed' ? `AND ${row}.listableByRole = 'all'` : '')}`;

const isLead = (query: PeopleQuery): Sql =>
  allOf([
    isAsked(query),
    sql`(u.personId IS NULL OR NOT EXISTS (SELECT 1 FROM users o WHERE o.personId = u.personId AND o.id < u.id AND ${counts('o', query)}))`,
  ]);

const isAsked = (query: PeopleQuery): Sql =>
  allOf([
    counts('u', query),
    sql`(u.personId IS NULL OR p.issuer = ${query.issuer})`,
    ...(query.isExpert === undefined ? [] : [sql`COALESCE(f.isExpert, 0) = ${query.isExpert}`]),
    ...(query.isSelected === undefined ? [] : [sql`COALESCE(f.isSelected, 0) = ${query.isSelected}`]),
  ]);

/** Rows in id order, person by person, in the order of their first rows. */
const together = (rows: readonly RawRow[]): readonly PersonAtSites[] => {
  const people = new Map<string, PersonAtSites>();
  for (const row of rows) {
    const user: User = userOf(row);
    const name = user.personId === null ? `row ${user.id}` : `person ${user.personId}`;
    const before = people.get(name);
    people.set(
      name,
      before === undefined ? { rows: [user], facts: factsOf(row) } : { ...before, rows: [...before.rows, user] },
    );
  }
  return [...people.values()];
};
