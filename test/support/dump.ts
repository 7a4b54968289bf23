import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../src/db/index.ts';
import { raw } from '../../src/db/sql.ts';

/** A row as text, column by column, the same for both databases. */
export type DumpedRow = Readonly<Record<string, string | null>>;
/** Rows by table and key. */
export type Dump = ReadonlyMap<string, ReadonlyMap<string, DumpedRow>>;
export interface Change {
  readonly table: string;
  readonly key: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Which columns differ; all of them for a row that came or went. */
  readonly columns: readonly string[];
}

/** Every row of every table, whether our code knows the table or not. */
export const dumped = async (database: Database): Promise<Dump> => {
  const names = await tableNames(database);
  return new Map(await Promise.all(names.map(async (name) => [name, await dumpedTable(database, name)] as const)));
};

/** What came, went and changed between two dumps, in table and key order. */
export const changesBetween = (before: Dump, after: Dump): readonly Change[] =>
  [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((table) => {
    const [then, now] = [before.get(table) ?? new Map(), after.get(table) ?? new Map()] as [Rows, Rows];
    return [...new Set([...then.keys(), ...now.keys()])]
      .filter((key) => !isDeepStrictEqual(then.get(key), now.get(key)))
      .map((key) => changeOf(table, key, then.get(key), now.get(key)));
  });

/** One text of everything that a dump holds, to be searched. */
export const textOfDump = (dump: Dump): string =>
  [...dump].map(([table, rows]) => `${table}\n${[...rows.values()].map((row) => valuesOf(row)).join('\n')}`).join('\n');

type Rows = ReadonlyMap<string, DumpedRow>;

const valuesOf = (row: DumpedRow): string =>
  Object.entries(row)
    .map(([column, value]) => `${column}=${value ?? ''}`)
    .join('\t');

const changeOf = (table: string, key: string, was: DumpedRow | undefined, is: DumpedRow | undefined): Change => {
  const columns = Object.keys(was ?? is ?? {});
  if (was === undefined || is === undefined)
    return { table, key, kind: was === undefined ? 'added' : 'removed', columns };
  return { table, key, kind: 'changed', columns: columns.filter((column) => was[column] !== is[column]) };
};

const tableNames = async ({ select, dialect }: Database): Promise<readonly string[]> => {
  const rows = await select(
    raw(
      dialect.name === 'mysql'
        ? 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()'
        : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    ),
  );
  return rows.map((row) => String(row['name'])).sort();
};

/** In which of its rows a counter is changed is chance; what they come to is not. */
const readings: Readonly<Record<string, string>> = {
  civitas_user_counts:
    'SELECT siteId, listableByRole, SUM(n) AS n FROM civitas_user_counts GROUP BY siteId, listableByRole',
};

const dumpedTable = async ({ select }: Database, table: string): Promise<Rows> => {
  const rows = await select(raw(readings[table] ?? `SELECT * FROM \`${table}\``));
  const dump = new Map<string, DumpedRow>();
  for (const row of rows) {
    const texts = Object.fromEntries(Object.entries(row).map(([column, value]) => [column, dumpedText(value)]));
    const key = keyOf(texts);
    // None is lost, whatever a table's key may be: what is not in the dump would not be searched.
    dump.set(dump.has(key) ? `${key} (${dump.size})` : key, texts);
  }
  return dump;
};

/** The primary keys that our tables have: one column, or several. */
const single = ['id', 'name', 'fingerprint', 'jti', 'scope', 'seq'];
const several = ['personId', 'clientId', 'siteId', 'listableByRole', 'runId', 'userId', 'source', 'word'];
const keyOf = (row: DumpedRow): string => {
  const own = single.find((column) => row[column] != null);
  return own === undefined ? several.map((column) => row[column] ?? '').join('/') : (row[own] ?? '');
};

const dumpedText = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
};
