import type { EntryRow } from '../../domain/users/user.ts';
import { nextTurn } from '../../platform/clock.ts';
import type { Ports } from '../../ports/index.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import type { PersonAt, UserStore } from '../../ports/user-store.ts';
import type { Database, RawRow } from '../database.ts';
import { entryColumns, userOf } from '../rows/user-row.ts';
import { isLiveRow, numberOf } from '../rows/values.ts';
import { isId, listOf, raw, sql, type Sql } from '../sql.ts';
import { addressHolders } from '../users/address-holders.ts';
import { listUsers } from '../users/list-users.ts';
import { readUsers, type LinkForeignRows } from '../users/read-users.ts';
import { writeUsers } from '../users/write-users.ts';

export const userStore = (
  database: Database,
  inOneTransaction: InOneTransaction,
  options: Pick<Ports, 'clock'>,
  link: LinkForeignRows,
): UserStore => {
  const holders = addressHolders(database);
  return {
    ...readUsers(database, options, link),
    ...readPeople(database),
    ...listUsers(database),
    addressHolders: holders.find,
    ...writeUsers(database, inOneTransaction, holders),
  };
};

/** A batch of people with all their rows, but for what their sites filled these with: two statements, whatever their number. */
const readPeople = (database: Database): Pick<UserStore, 'peopleAt' | 'peopleOf' | 'liveAmong' | 'liveOf'> => {
  const { select, dialect } = database;
  const withAllRows = async (firsts: readonly RawRow[]): Promise<readonly PersonAt[]> => {
    if (firsts.length === 0) return [];
    const ids = firsts.map((row) => numberOf(row['id']) ?? 0);
    const personIds = firsts.flatMap((row) => numberOf(row['personId']) ?? []);
    const rows = await select(
      sql`SELECT ${entryColumns} FROM (SELECT id FROM users WHERE id IN ${listOf(ids)}
          UNION SELECT id FROM users WHERE personId IN ${listOf(personIds)}) same
          JOIN users u ON u.id = same.id LEFT JOIN civitas_persons p ON p.id = u.personId ORDER BY u.id`,
    );
    return grouped(ids, rows.map(userOf));
  };
  return {
    peopleAt: async (siteId, after, limit) => {
      if (!isId(siteId)) return [];
      // Asked batch by batch: the embedded database would let nobody else come in between.
      await nextTurn();
      return withAllRows(
        await select(
          sql`SELECT u.id, u.personId FROM users u${raw(dialect.noPrimaryKeyScan)} WHERE ${firstOfPerson(siteId)} AND u.id > ${after} ORDER BY u.id LIMIT ${String(limit)}`,
        ),
      );
    },
    peopleOf: async (ids) => {
      if (ids.length === 0) return [];
      await nextTurn();
      return withAllRows(
        await select(sql`SELECT u.id, u.personId FROM users u WHERE u.id IN ${listOf(ids)} ORDER BY u.id`),
      );
    },
    liveAmong: async (ids) => {
      const known = ids.filter(isId);
      if (known.length === 0) return [];
      const rows = await select(
        sql`SELECT u.id, u.siteId FROM users u WHERE u.id IN ${listOf(known)} AND ${isLiveRow('u')} ORDER BY u.id`,
      );
      return rows.map((row) => ({ id: numberOf(row['id']) ?? 0, siteId: numberOf(row['siteId']) ?? 0 }));
    },
    liveOf: (personIds) => liveUsersOf(database, personIds),
  };
};

/** Live rows at sites of these people, by id. One statement. */
export const liveUsersOf = async (
  { select }: Pick<Database, 'select'>,
  personIds: readonly number[],
): ReturnType<UserStore['liveOf']> => {
  const known = personIds.filter(isId);
  if (known.length === 0) return [];
  const rows = await select(
    sql`SELECT id, siteId, personId FROM users u WHERE personId IN ${listOf(known)} AND ${isLiveRow('u')} AND siteId > 0 ORDER BY id`,
  );
  return rows.map((row) => ({
    id: numberOf(row['id']) ?? 0,
    siteId: numberOf(row['siteId']) ?? 0,
    personId: numberOf(row['personId']) ?? 0,
  }));
};

const grouped = (ids: readonly number[], rows: readonly EntryRow[]): readonly PersonAt[] => {
  const byPerson = new Map<number, EntryRow[]>();
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

/**
 * The rows `u` by which a site's people are named who are not anonymized there: of each person the first such row, soft-deleted
 * ones too. A row without a person stands alone.
 */
export const firstOfPerson = (siteId: number): Sql =>
  sql`u.siteId = ${siteId} AND u.anonymizedAt IS NULL AND NOT EXISTS
      (SELECT 1 FROM users l WHERE l.siteId = ${siteId} AND l.personId = u.personId AND l.anonymizedAt IS NULL AND l.id < u.id)`;
