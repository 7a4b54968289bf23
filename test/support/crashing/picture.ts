import { isDeepStrictEqual } from 'node:util';
import type { OauthServer } from '../../../src/demo/oauth-server/index.ts';
import type { Database } from '../../../src/db/index.ts';
import { dumped, type Dump, type DumpedRow } from '../dump.ts';

/** What is there and here, in a form in which two runs can be compared. */
export type Picture = Readonly<Record<string, unknown>>;

/**
 * Every table and everybody at the OAuth server. `start`: moments and ids that were not there then are called `later` and `new`;
 * how often a person was locked or read, and how long was worked, counts for nothing.
 */
export const pictureOf = async (database: Database, oauth: OauthServer, start: Dump): Promise<Picture> => {
  const now = await dumped(database);
  // What a check found at the OAuth server is a note of our own: a refresh that heals a kill leaves one, an undisturbed run none.
  const tables = [...now].filter(([table]) => !/meta|migration|^civitas_person_findings$/i.test(table));
  return {
    ...Object.fromEntries(tables.map(([table, rows]) => [table, pictured(table, answersOnly(table, rows), start)])),
    'OAuth server': oauth.people(),
  };
};

/** That a message has ended is remembered under a name drawn anew for each, without an answer. */
const answersOnly = (table: string, rows: Rows): Rows =>
  table === 'civitas_idempotency_keys' ? new Map([...rows].filter(([, { summary }]) => summary !== '')) : rows;

export const samePicture = (one: Picture, other: Picture): boolean => isDeepStrictEqual(one, other);

/** The parts in which two pictures differ. */
export const difference = (one: Picture, other: Picture): unknown =>
  Object.fromEntries(
    Object.keys({ ...one, ...other })
      .filter((part) => !isDeepStrictEqual(one[part], other[part]))
      .map((part) => [part, { is: without(one[part], other[part]), shouldBe: without(other[part], one[part]) }]),
  );

const without = (rows: unknown, others: unknown): unknown =>
  Array.isArray(rows) && Array.isArray(others)
    ? rows.filter((row: unknown) => !others.some((other: unknown) => isDeepStrictEqual(row, other)))
    : rows;

type Rows = ReadonlyMap<string, DumpedRow>;
const forgotten = new Set(['version', 'fetchedAt', 'workedMs']);
/** Drawn anew for each operation, or made over what is: who authenticates it is tested with the audit. */
const drawn = new Set(['operation', 'mac']);
const foundOut = new Set(['createdByUs', 'isUnclaimed']);
const ids: Readonly<Record<string, string>> = {
  userId: 'users',
  personId: 'civitas_persons',
  parentId: 'arguments',
  runId: 'civitas_anonymization_runs',
};

const pictured = (table: string, rows: Rows, start: Dump): readonly object[] =>
  [...rows]
    .map(([key, row]) => {
      const cells = Object.entries(row).filter(([column]) => !forgotten.has(column));
      const was = start.get(table)?.get(key);
      return Object.fromEntries(
        cells.map(([column, value]) => [column, cell({ table, column, value, was: was?.[column] }, start)]),
      );
    })
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

const cell = (
  {
    table,
    column,
    value,
    was,
  }: { table: string; column: string; value: string | null; was: string | null | undefined },
  start: Dump,
): string | null => {
  if (value === null || value === was) return value;
  if (/(At|^at|until|lastLogin)$/.test(column) && !value.startsWith('1970')) return 'later';
  if (drawn.has(column)) return 'drawn';
  // Whom a creation made that died before it kept the answer is known afterwards, and not ours (docs/reference/neighbours.md).
  if (table === 'civitas_persons' && was === undefined && foundOut.has(column)) return 'found out';
  const of = column === 'id' ? table : ids[column];
  return of !== undefined && start.get(of)?.has(value) !== true ? 'new' : value;
};
