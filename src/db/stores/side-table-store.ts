import type { Json } from '../../domain/json.ts';
import { nextTurn } from '../../platform/clock.ts';
import type {
  SideBatch,
  SidePosition,
  SideReference,
  SideSubjects,
  SideTableStore,
} from '../../ports/activity-store.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import { emptiedColumns, type DispositionOfDeleted, type SideTable } from '../../side-tables/definition.ts';
import { sideReferences, sideTables } from '../../side-tables/index.ts';
import { undeclaredIn, type CatalogColumn, type Undeclared } from '../../side-tables/unknown.ts';
import { leadingColumns, readCatalog } from '../catalog.ts';
import type { Database, RawRow } from '../database.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { dateOf, flagOf, numberOf } from '../rows/values.ts';
import { holdsPersonal, isHidden, isNameless, named, quoted, userColumnOf } from '../side-rows.ts';
import { allOf, anyOf, joined, listOf, raw, sql, type Sql } from '../sql.ts';

export const sideTableStore = (database: Database, inOneTransaction: InOneTransaction): SideTableStore => {
  const { change } = database;
  const present = onceLooked(database);

  const emptied = (table: SideTable, columns: readonly Sql[], which: Sql): Promise<number> =>
    columns.length === 0
      ? none
      : change(sql`UPDATE ${raw(quoted(table.table))} SET ${joined(columns, ', ')} WHERE ${which}`);

  const whenDeleted: Readonly<Record<DispositionOfDeleted, (table: SideTable, which: Sql) => Promise<number>>> = {
    remove: (table, which) => change(sql`DELETE FROM ${raw(quoted(table.table))} WHERE ${which}`),
    unlink: (table, which) => emptied(table, unlinking(table), which),
    clear: (table, which) => emptied(table, [...stripping(table), ...unlinking(table)], which),
  };

  return {
    gaps: async () => (await present()).gaps,
    references: async (subjects, after, limit) =>
      walkSideTables(database, (await present()).tables, { subjects, after, limit }),

    read: async (table, ids, bytes) => {
      if (ids.length === 0) return { rows: [], left: [] };
      const columns = Object.entries(table.columns).flatMap(([name, { secret }]) => (secret === true ? [] : [name]));
      const key = raw(quoted(table.key));
      const rows = await database.select(
        sql`SELECT m.keyed AS keyed, ${raw(columns.map((column) => `t.${quoted(column)}`).join(', '))}
            FROM (SELECT keyed, bytes, SUM(bytes) OVER (ORDER BY keyed ROWS UNBOUNDED PRECEDING) AS upTo
                  FROM (SELECT ${key} AS keyed, ${bytesOfRow(columns, database.dialect)} AS bytes
                        FROM ${raw(quoted(table.table))} WHERE ${key} IN ${listOf(ids)}) found) m
            LEFT JOIN ${raw(quoted(table.table))} t ON t.${key} = m.keyed
            WHERE m.upTo <= ${raw(String(bytes))} OR m.upTo = m.bytes ORDER BY m.keyed`,
      );
      const last = numberOf(rows.at(-1)?.['keyed']);
      return {
        rows: rows.map((row) => Object.fromEntries(columns.map((column) => [column, plainOf(row[column])]))),
        // Where none came, they went meanwhile.
        left: last === null ? [] : ids.filter((id) => id > last),
      };
    },

    applyChangeSet: (table, subjects, { removeAllOf, removeHiddenOf, anonymizeOf }) =>
      inOneTransaction(async () => {
        const those = (ids: readonly number[]): SideSubjects => ({
          users: subjects.users.filter(({ userId }) => ids.includes(userId)),
        });
        const [remove, removeHidden, anonymize] = [those(removeAllOf), those(removeHiddenOf), those(anonymizeOf)];
        const goes = [
          ...(isEmpty(remove) ? [] : [named(table, remove)]),
          ...(isEmpty(removeHidden) ? [] : [allOf([named(table, removeHidden), isHidden(table)])]),
        ];
        const removed = goes.length === 0 ? 0 : await whenDeleted.remove(table, anyOf(goes));
        if (isEmpty(anonymize)) return { removed, anonymized: 0 };
        const which = allOf([named(table, anonymize), holdsPersonal(table)]);
        return { removed, anonymized: await emptied(table, stripping(table), which) };
      }),

    clearUndeclared: async (userIds) => {
      const { clearable } = await present();
      if (clearable.length === 0 || userIds.length === 0) return;
      const columns = clearable.map((column) => raw(`${quoted(column)} = NULL`));
      await change(sql`UPDATE users SET ${joined(columns, ', ')} WHERE id IN ${listOf(userIds)}`);
    },

    release: async (subjects) => {
      if (isEmpty(subjects)) return;
      for (const table of (await present()).tables) await whenDeleted[table.whenDeleted](table, named(table, subjects));
      const ids = listOf(subjects.users.map(({ userId }) => userId));
      for (const { table, column } of sideReferences) {
        const name = raw(quoted(column));
        await change(sql`UPDATE ${raw(quoted(table))} SET ${name} = NULL WHERE ${name} IN ${ids}`);
      }
    },
  };
};

const bytesOfRow = (columns: readonly string[], dialect: Dialect): Sql =>
  raw(columns.map((column) => `COALESCE(${dialect.byteLength(quoted(column))}, 0)`).join(' + '));

const none = Promise.resolve(0);
/** As it stands: we know these tables' columns by name, not by type. A text that is a moment to the second is told as one. */
const plainOf = (value: unknown): Json | Date =>
  dateOf(value) ?? (Buffer.isBuffer(value) ? value.toString('base64') : ((value ?? null) as Json));
const isEmpty = ({ users }: SideSubjects): boolean => users.length === 0;

const stripping = (table: SideTable): readonly Sql[] =>
  emptiedColumns(table).map(([column, emptied]) => sql`${raw(quoted(column))} = ${emptied}`);

const unlinking = (table: SideTable): readonly Sql[] => {
  const column = userColumnOf(table);
  return column === null ? [] : [raw(`${quoted(column)} = NULL`)];
};

interface Present extends Pick<Undeclared, 'clearable' | 'gaps'> {
  /** Those that exist here, in order of their names, with the columns that they have here. */
  readonly tables: readonly PresentTable[];
}

/** Looks once; what it found holds until the process ends, as tables do not come and go beside it. A failed look is not kept. */
const onceLooked = (database: Database): (() => Promise<Present>) => {
  let looked: Promise<Present> | undefined;
  return () => {
    looked ??= Promise.all([readCatalog(database), leadingColumns(database)])
      .then(([catalog, leading]) => ({ ...undeclaredIn(catalog), tables: presentIn(catalog, leading) }))
      .catch((error: unknown) => {
        looked = undefined;
        throw error;
      });
    return looked;
  };
};

/** Older and newer OpenStads lack a column here and there. A table that names users in no way we know is a gap, not a side table. */
const presentIn = (catalog: readonly CatalogColumn[], leading: ReadonlySet<string>): readonly PresentTable[] =>
  sideTables
    .map((side) => {
      const there = new Set(catalog.filter(({ table }) => table === side.table).map(({ column }) => column));
      const names = side.names.filter(({ column, siteColumn = column, unless }) =>
        [column, siteColumn, unless?.column ?? column].every((name) => there.has(name)),
      );
      const columns = Object.fromEntries(Object.entries(side.columns).filter(([column]) => there.has(column)));
      const isLedTo = names.every(({ column }) => column === side.key || leading.has(`${side.table}.${column}`));
      return { ...side, names, columns, isLedTo };
    })
    .filter(({ names }) => names.length > 0)
    .sort((one, other) => (one.table < other.table ? -1 : 1));

/** A side table that exists here. */
interface PresentTable extends SideTable {
  /** An index begins with each column that names somebody. A table that came after the migration which makes them may have none. */
  readonly isLedTo: boolean;
}
interface Walk {
  readonly subjects: SideSubjects;
  readonly after: SidePosition | null;
  readonly limit: number;
}

/** So many rows a statement looks at, of those that indexes lead to, and of any. */
const [mostByIndex, rowsAtOnce] = [5_000, 10_000] as const;

/**
 * One step of a walk over all side tables, in the order of the tables and of their keys. Tables where indexes lead to few rows are
 * asked about in one statement. Any other is gone through row by row, some thousands at a time: a statement that read a whole table
 * would hold its connection for as long as that takes, and on the embedded database everybody.
 */
const walkSideTables = async (
  database: Database,
  tables: readonly PresentTable[],
  { subjects, after, limit }: Walk,
): Promise<SideBatch> => {
  const left = tables.filter(
    (table) => !isNameless(table, subjects) && (after === null || table.table >= after.table.table),
  );
  const [first] = left;
  if (first === undefined) return { found: [], next: null };
  const from = after?.table.table === first.table ? after : { table: first, id: 0 };
  const rest = left.findIndex(({ isLedTo }) => !isLedTo);
  if (rest === 0 || from.isRowByRow === true) return sliceOf(database, subjects, left, from, limit);
  const led = rest < 0 ? left : left.slice(0, rest);
  const next = rest < 0 ? undefined : left[rest];
  return byIndexes(database, subjects, led, from, limit, next === undefined ? null : { table: next, id: 0 });
};

const byIndexes = async (
  { select }: Database,
  subjects: SideSubjects,
  tables: readonly PresentTable[],
  from: SidePosition,
  limit: number,
  then: SidePosition | null,
): Promise<SideBatch> => {
  const parts = tables.map((table, tableAt) => {
    const behind = sql`> ${table.table === from.table.table ? from.id : 0}`;
    // Any of them, as the first by id are found by going through all.
    return sql`SELECT * FROM (SELECT ${raw(String(tableAt))} AS tableAt, few.*, COUNT(*) OVER () AS among
               FROM (${referring(table, subjects, behind)} LIMIT ${raw(String(mostByIndex + 1))}) few
               ORDER BY id LIMIT ${raw(String(limit))}) ${raw(`part${tableAt}`)}`;
  });
  const rows = await select(
    sql`SELECT * FROM (${joined(parts, ' UNION ALL ')}) parts ORDER BY tableAt, id LIMIT ${raw(String(limit))}`,
  );
  const tableOf = (row: RawRow): PresentTable | undefined => tables[numberOf(row['tableAt']) ?? -1];
  const tooMany = rows.findIndex((row) => (numberOf(row['among']) ?? 0) > mostByIndex);
  const counted = tooMany < 0 ? rows : rows.slice(0, tooMany);
  const found = counted.flatMap((row) => {
    const table = tableOf(row);
    return table === undefined ? [] : [referenceOf(table, row)];
  });
  const filled = rows[tooMany] && tableOf(rows[tooMany]);
  if (filled !== undefined) {
    const id = filled.table === from.table.table ? from.id : 0;
    return { found, next: { table: filled, id, isRowByRow: true } };
  }
  return { found, next: rows.length < limit ? then : (found.at(-1) ?? then) };
};

const sliceOf = async (
  { select }: Database,
  subjects: SideSubjects,
  [table, following]: readonly PresentTable[],
  from: SidePosition,
  limit: number,
): Promise<SideBatch> => {
  const then = following === undefined ? null : { table: following, id: 0 };
  if (table === undefined) return { found: [], next: then };
  await nextTurn();
  const key = raw(quoted(table.key));
  const [slice] = await select(
    sql`SELECT MAX(id) AS last, COUNT(*) AS n
        FROM (SELECT ${key} AS id FROM ${raw(quoted(table.table))} WHERE ${key} > ${from.id}
              ORDER BY ${key} LIMIT ${raw(String(rowsAtOnce))}) slice`,
  );
  const last = numberOf(slice?.['last']);
  if (last === null) return { found: [], next: then };
  const rows = await select(
    sql`${referring(table, subjects, sql`BETWEEN ${from.id + 1} AND ${last}`)} ORDER BY ${key} LIMIT ${raw(String(limit))}`,
  );
  const found = rows.map((row) => referenceOf(table, row));
  const end = found.length < limit ? undefined : found.at(-1);
  if (end !== undefined) return { found, next: { table, id: end.id, isRowByRow: true } };
  return { found, next: numberOf(slice?.['n']) === rowsAtOnce ? { table, id: last, isRowByRow: true } : then };
};

/** What there is to know of the rows of a table that name these users, in a part of it. */
const referring = (table: SideTable, subjects: SideSubjects, where: Sql): Sql => {
  const key = raw(quoted(table.key));
  const column = userColumnOf(table);
  return sql`SELECT ${key} AS id, ${raw(column === null ? 'NULL' : quoted(column))} AS userId,
             ${isHidden(table)} AS hidden, ${holdsPersonal(table)} AS personal
             FROM ${raw(quoted(table.table))} WHERE ${key} ${where} AND ${named(table, subjects)}`;
};

const referenceOf = (table: SideTable, row: RawRow): SideReference => ({
  table,
  id: numberOf(row['id']) ?? 0,
  userId: numberOf(row['userId']),
  isHidden: flagOf(row['hidden']) ?? false,
  hasPersonal: flagOf(row['personal']) ?? false,
});
