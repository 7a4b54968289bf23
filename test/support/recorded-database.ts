import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { RecordingName } from './recorded-copy.ts';
import { statementsOf, tuplesOf, type DumpValue } from './sql-dump.ts';

export type RecordedRow = Readonly<Record<string, DumpValue>>;
export type RecordedRows = ReadonlyMap<string, readonly RecordedRow[]>;

/**
 * The rows of a recorded OpenStad database by table, as the dump writes them (dates and JSON as text, flags as 0 and 1), read
 * without any client program. Tables without rows are there, too. What the recordings hold: test/recordings/README.md.
 */
export const recordedRows = async (name: RecordingName): Promise<RecordedRows> => {
  const packed = await readFile(join(process.cwd(), 'test', 'recordings', `${name}.sql.gz`));
  const statements = statementsOf((await promisify(gunzip)(packed)).toString('utf8'));
  const columns = new Map(statements.flatMap(columnsOf));
  const rows = new Map<string, RecordedRow[]>([...columns.keys()].map((table) => [table, []]));
  for (const statement of statements) {
    const insert = /^INSERT INTO `(?<table>[^`]+)`(?: \((?<names>[^)]*)\))? VALUES/u.exec(statement);
    if (insert === null) continue;
    const table = insert.groups?.['table'] ?? '';
    const names = insert.groups?.['names']?.split(',').map(unquoted) ?? columns.get(table) ?? [];
    for (const tuple of tuplesOf(statement.slice(insert[0].length))) rows.get(table)?.push(rowOf(names, tuple));
  }
  return rows;
};

const columnsOf = (statement: string): readonly (readonly [string, readonly string[]])[] => {
  const table = /^CREATE TABLE `([^`]+)`/u.exec(statement)?.[1];
  if (table === undefined) return [];
  // A column's line begins with its name; keys and constraints begin with a word.
  return [[table, [...statement.matchAll(/^ {2}`([^`]+)`/gm)].map((found) => found[1] ?? '')]];
};

const rowOf = (names: readonly string[], tuple: readonly DumpValue[]): RecordedRow => {
  if (names.length !== tuple.length) throw new Error(`${names.length} columns, ${tuple.length} values`);
  return Object.fromEntries(names.map((name, at) => [name, tuple[at] ?? null]));
};

const unquoted = (name: string): string => name.trim().replaceAll('`', '');
