import { parsedExactly, isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { roles, userRoles } from '../../domain/actor.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { raw, type Sql } from '../sql.ts';

/**
 * Values as drivers give them, read in one place: dates come as text from both databases, JSON as text or as a value. What SQL makes
 * of the same values is said below, beside what code makes of them (`Meaning`).
 */

/** A whole number that code can hold. */
export const numberOf = (value: unknown): number | null => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  return typeof value === 'bigint' || (typeof value === 'string' && /^-?\d+$/.test(value))
    ? numberOf(Number(value))
    : null;
};

export const textOf = (value: unknown): string | null => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
};

/** Every number but 0 is true, as databases have it; what is no number says nothing. */
export const flagOf = (value: unknown): boolean | null => {
  if (typeof value === 'boolean') return value;
  return typeof value === 'number' ? value !== 0 : null;
};

/** UTC; null for what is no day of the calendar: zero dates (`0000-00-00`), those that say no month or no day, other text. */
export const dateOf = (value: unknown): Date | null => {
  if (typeof value !== 'string') return value instanceof Date && !Number.isNaN(value.getTime()) ? value : null;
  if (value < firstDate || !written.test(value)) return null;
  const date = new Date(`${value.slice(0, 10)}T${value.slice(11, 23)}Z`);
  // The 31st of February would be read as the second of March.
  return date.getUTCDate() === Number(value.slice(8, 10)) ? date : null;
};
/** What lies before has no year: a zero date, or part of one. */
const firstDate = '0001-01-01';
const written = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3}( \+00:00)?)?$/;

/** A moment that must be said and is not known. Source: running.md, "Databases". */
const unknownMoment = new Date(0);

/** JSON as text (SQLite, MariaDB) or as a value (MySQL); null where it cannot be read. */
export const jsonOf = (value: unknown): Json => {
  if (typeof value !== 'string') return (value ?? null) as Json;
  try {
    return parsedExactly(value);
  } catch {
    return null;
  }
};

export const objectOf = (value: unknown): JsonObject => {
  const json = jsonOf(value);
  return isJsonObject(json) ? json : {};
};

/** OpenStad's dates have no fraction; cut, as rounding up would write a moment that has not come yet. */
export const toTheSecond = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);

/**
 * What a stored value means, whatever it is: once for code, and as an expression on its column for each database. Old databases hold
 * what no program would write (zero dates, empty enumerations, `complete = 7`). What code shows is what SQL sorts, filters and counts
 * by, or a walk would lose rows. Source: user-api.md §3 "List", docs/adr/0020.
 */
export interface Meaning<T> {
  readonly read: (value: unknown) => T;
  readonly mysql: (column: string) => string;
  readonly embedded: (column: string) => string;
}

export const expressionOf = (meaning: Meaning<unknown>, column: string, { name }: Pick<Dialect, 'name'>): string =>
  meaning[name](column);

const asItStands = (column: string): string => column;

export const number: Meaning<number | null> = {
  read: numberOf,
  mysql: asItStands,
  embedded: (column) => `CASE WHEN typeof(${column}) = 'integer' AND ${column} BETWEEN ${safe} THEN ${column} END`,
};
const safe = `${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;

/** SQLite gives back what stands before a U+0000, so that is what is compared. */
export const text: Meaning<string | null> = {
  read: textOf,
  mysql: asItStands,
  embedded: (column) =>
    `CASE WHEN typeof(${column}) <> 'text' THEN NULL WHEN instr(${column}, char(0)) = 0 THEN ${column}
     ELSE substr(${column}, 1, instr(${column}, char(0)) - 1) END`,
};

export const flag: Meaning<boolean | null> = {
  read: flagOf,
  mysql: (column) => `(${column} <> 0)`,
  embedded: (column) => `CASE WHEN typeof(${column}) IN ('integer', 'real') THEN ${column} <> 0 END`,
};
export const certainFlag: Meaning<boolean> = {
  read: (value) => flagOf(value) ?? false,
  mysql: (column) => `COALESCE(${flag.mysql(column)}, 0)`,
  embedded: (column) => `COALESCE(${flag.embedded(column)}, 0)`,
};

/** No date where the calendar has no such day. A day of 0 is no day; LAST_DAY knows no month of 0. */
export const date: Meaning<Date | null> = {
  read: dateOf,
  mysql: (column) => `CASE WHEN ${isDay.mysql(column)} THEN ${column} END`,
  embedded: (column) => `CASE WHEN ${isDay.embedded(column)} THEN ${inFull(column)} END`,
};
/** Where there has to be a moment. */
export const certainDate: Meaning<Date> = {
  read: (value) => dateOf(value) ?? unknownMoment,
  mysql: (column) => `CASE WHEN ${isDay.mysql(column)} THEN ${column} ELSE ${epoch.mysql} END`,
  embedded: (column) => `CASE WHEN ${isDay.embedded(column)} THEN ${inFull(column)} ELSE ${epoch.embedded} END`,
};

/**
 * When a row was soft-deleted. A zero date is none: the row is live. Anything else says that it was, though not always when.
 * `isLiveRow` is the same as a condition that indexes serve.
 */
export const deletion: Meaning<Date | null> = {
  read: (value) => {
    if (typeof value === 'string') return value < firstDate ? null : certainDate.read(value);
    return value instanceof Date ? dateOf(value) : value instanceof Uint8Array ? unknownMoment : null;
  },
  mysql: (column) => `CASE WHEN ${column} >= '${firstDate}' THEN ${certainDate.mysql(column)} END`,
  embedded: (column) => `CASE WHEN ${column} >= '${firstDate}' THEN ${certainDate.embedded(column)} END`,
};
export const isLiveRow = (table: string): Sql =>
  raw(`(${table}.deletedAt IS NULL OR ${table}.deletedAt < '${firstDate}')`);
export const isDeletedRow = (table: string): Sql =>
  raw(`(${table}.deletedAt IS NOT NULL AND ${table}.deletedAt >= '${firstDate}')`);
/** The two ranges of an index in which live rows stand, for who walks it. */
export const unmarked = (table: string): Sql => raw(`${table}.deletedAt IS NULL`);
export const zeroMarked = (table: string): Sql => raw(`${table}.deletedAt < '${firstDate}'`);

/** When a row was anonymized. The column is ours alone: whatever stands there says that it was. */
export const anonymization: Meaning<Date | null> = {
  read: (value) => (value === null || value === undefined ? null : certainDate.read(value)),
  mysql: (column) => `CASE WHEN ${column} IS NOT NULL THEN ${certainDate.mysql(column)} END`,
  embedded: (column) => `CASE WHEN ${column} IS NOT NULL THEN ${certainDate.embedded(column)} END`,
};

/** One of these words and letter by letter; they sort as words, not in the order in which an enumeration names them. */
const oneOf = <const W extends string>(words: readonly W[]): Meaning<W | null> => ({
  read: (value) => words.find((word) => word === value) ?? null,
  mysql: (column) => `CASE WHEN CAST(${column} AS BINARY) IN (${quoted(words)}) THEN CAST(${column} AS CHAR) END`,
  embedded: (column) => `CASE WHEN ${column} COLLATE BINARY IN (${quoted(words)}) THEN ${column} END`,
});
const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

export const gender = oneOf(['male', 'female']);
export const role = oneOf(roles);
const userRole = oneOf(userRoles);
/** Unknown roles of old databases are `anonymous`. */
export const certainRole: Meaning<(typeof userRoles)[number]> = {
  read: (value) => userRole.read(value) ?? 'anonymous',
  mysql: (column) => `COALESCE(${userRole.mysql(column)}, 'anonymous')`,
  embedded: (column) => `COALESCE(${userRole.embedded(column)}, 'anonymous')`,
};
/**
 * That a column of roles says something which is none, as a condition that indexes serve: MySQL's enumeration can then hold an empty
 * text only; SQLite's can hold all that lies between the words.
 */
export const isNoRole = (column: string, { name }: Pick<Dialect, 'name'>): Sql => {
  if (name === 'mysql') return raw(`${column} = ''`);
  const words = [...roles].sort();
  const gaps = words.map(
    (word, at) => (at === 0 ? '' : `${column} > '${words[at - 1] ?? ''}' AND `) + `${column} < '${word}'`,
  );
  return raw(`(${[...gaps, `${column} > '${words.at(-1) ?? ''}'`].map((gap) => `(${gap})`).join(' OR ')})`);
};

const isDay = {
  mysql: (column: string): string =>
    `${column} >= '${firstDate}' AND DAYOFMONTH(${column}) BETWEEN 1 AND DAYOFMONTH(LAST_DAY(${column}))`,
  // A text that begins as the same moment written out in full does: no other text says that moment.
  embedded: (column: string): string =>
    `typeof(${column}) = 'text' AND ${column} >= '${firstDate}' AND length(${column}) IN (19, 23, 30) AND instr(${inFull(column)}, ${column}) = 1`,
};
const inFull = (column: string): string => `strftime('%Y-%m-%d %H:%M:%f +00:00', substr(${column}, 1, 23), '+0 days')`;
const epoch = { mysql: "TIMESTAMP'1970-01-01 00:00:00'", embedded: "'1970-01-01 00:00:00.000 +00:00'" };
