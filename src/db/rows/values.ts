import { parsedExactly } from '../../domain/exact-json.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';

/** Values as drivers give them, read in one place: dates and JSON come as text from one database and as values from the other. */

export const numberOf = (value: unknown): number | null => {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
};

export const textOf = (value: unknown): string | null => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
};

export const flagOf = (value: unknown): boolean | null =>
  value === null || value === undefined ? null : Number(value) === 1;

/** UTC; null for what is no date, such as MySQL's 0000-00-00. */
export const dateOf = (value: unknown): Date | null => {
  if (value === null || value === undefined) return null;
  const date = value instanceof Date ? value : new Date(typeof value === 'string' ? asInstant(value) : Number(value));
  return Number.isNaN(date.getTime()) ? null : date;
};

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

/** `2024-01-31 12:00:00(.000)( +00:00)` is UTC although it does not always say so. */
const asInstant = (text: string): string => {
  const iso = text
    .trim()
    .replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T')
    .replace(' +00:00', 'Z');
  return /(Z|[+-]\d{2}:?\d{2})$/.test(iso) || !iso.includes('T') ? iso : `${iso}Z`;
};

/** OpenStad's dates have no fraction; cut, as rounding up would write a moment that has not come yet. */
export const toTheSecond = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);
