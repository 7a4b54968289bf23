import type { User } from '../../domain/user.ts';
import type { UserStore } from '../../ports/user-store.ts';
import type { Database } from '../database.ts';
import { isId } from '../ids.ts';
import { numberOf } from '../rows/values.ts';
import { userColumns, userOf } from '../rows/user-row.ts';
import { listOf, raw, sql } from '../sql.ts';
import { firstOfPerson } from './first-rows.ts';

/** A batch of a site's people with all their rows: two statements, whatever their number. */
export const readPeople =
  ({ select, dialect }: Database): UserStore['peopleAt'] =>
  async (siteId, after, limit) => {
    if (!isId(siteId)) return [];
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
