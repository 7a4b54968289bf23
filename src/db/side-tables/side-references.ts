import type { SideReference, SidePosition, SideSubjects } from '../../ports/side-table-store.ts';
import type { SideTable } from '../../side-tables/definition.ts';
import type { Database } from '../database.ts';
import { flagOf, numberOf } from '../rows/values.ts';
import { joined, raw, sql, type Sql } from '../sql.ts';
import { holdsPersonal, isHidden, named, quoted, userColumnOf } from './named.ts';

/** One page over all side tables, in the order of the tables and of their keys: one statement whatever their number. */
export const sideRowReferences = async (
  { select }: Database,
  tables: readonly SideTable[],
  subjects: SideSubjects,
  after: SidePosition | null,
  limit: number,
): Promise<readonly SideReference[]> => {
  if (subjects.users.length === 0) return [];
  const parts = tables.flatMap((table, place) => {
    if (after !== null && table.table < after.table.table) return [];
    const behind = table.table === after?.table.table ? after.id : 0;
    return [sql`SELECT * FROM (${ofOne(table, place, subjects, behind, limit)}) ${raw(`part${place}`)}`];
  });
  if (parts.length === 0) return [];
  const rows = await select(
    sql`SELECT * FROM (${joined(parts, ' UNION ALL ')}) parts ORDER BY place, id LIMIT ${String(limit)}`,
  );
  return rows.flatMap((row) => {
    const table = tables[numberOf(row['place']) ?? -1];
    if (table === undefined) return [];
    return [
      {
        table,
        id: numberOf(row['id']) ?? 0,
        userId: numberOf(row['userId']),
        isHidden: flagOf(row['hidden']) ?? false,
        hasPersonal: flagOf(row['personal']) ?? false,
      },
    ];
  });
};

const ofOne = (table: SideTable, place: number, subjects: SideSubjects, behind: number, limit: number): Sql => {
  const key = raw(quoted(table.key));
  const column = userColumnOf(table);
  return sql`SELECT ${raw(String(place))} AS place, ${key} AS id, ${raw(column === null ? 'NULL' : quoted(column))} AS userId,
             ${isHidden(table)} AS hidden, ${holdsPersonal(table)} AS personal
             FROM ${raw(quoted(table.table))} WHERE ${key} > ${behind} AND ${named(table, subjects)}
             ORDER BY ${key} LIMIT ${String(limit)}`;
};
