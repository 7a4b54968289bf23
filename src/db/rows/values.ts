import { parsedExactly } from '../../domain/json/exact-json.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json/json.ts';

/**
 * Values as drivers give them, read in one place: dates come as text from both databases, JSON as text or as a value. What SQL makes
 * of the same values stands beside these functions in meanings.ts.
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
export const firstDate = '0001-01-01';
const written = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3}( \+00:00)?)?$/;

/** A moment that must be said and is not known. Source: running.md, "Databases". */
export const unknownMoment = new Date(0);

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
