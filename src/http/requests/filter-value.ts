import type { Json } from '../../domain/json.ts';
import { isRole, isUserRole } from '../../domain/actor.ts';
import { instantIn } from '../../domain/sites/voting.ts';
import { ruleOf, type Shape, type UserField } from '../../domain/users/user-fields.ts';
import { malformed } from './malformed.ts';

/**
 * A date of a filter: RFC 3339, which may leave out its offset, as an instant (ISO text in UTC); a day alone as `{from, before}`. What
 * names no offset is read in `timeZone`, whatever the process's own. Undefined for anything else, a day that does not exist included.
 */
export const filterDate = (text: string, timeZone: string): Json | undefined => {
  const parts = written.exec(text)?.groups;
  const day = parts?.['day'] ?? '';
  if (parts === undefined || !isDay(day)) return undefined;
  const { time, offset } = parts;
  if (time === undefined) {
    const begin = Date.parse(`${day}T00:00:00Z`);
    return { from: isoOf(instantIn(timeZone, begin)), before: isoOf(instantIn(timeZone, begin + dayMs)) };
  }
  const wallClock = Date.parse(`${day}T${time}Z`);
  if (offset === undefined) return isoOf(instantIn(timeZone, wallClock));
  return isoOf(offset.toUpperCase() === 'Z' ? wallClock : wallClock - minutesOf(offset) * 60_000);
};

const dayMs = 86_400_000;
const written =
  /^(?<day>\d{4}-\d\d-\d\d)(?:[Tt ](?<time>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?)(?<offset>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;

/** The 31st of February would be read as the second of March; the year 0 is none. */
const isDay = (day: string): boolean => {
  const date = new Date(`${day}T00:00:00Z`);
  return day >= '0001' && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
};

const minutesOf = (offset: string): number =>
  (offset.startsWith('-') ? -1 : 1) * (60 * Number(offset.slice(1, 3)) + Number(offset.slice(4, 6)));

const isoOf = (instant: number): string => new Date(instant).toISOString();

/** A value that a field can be compared with; dates as below, null for "not set". Fault `malformed-request`. */
export const filterValue = (field: UserField, value: Json, timeZone: string): Json => {
  if (value === null) return null;
  const { shape } = ruleOf(field);
  const read = shape.kind === 'date' && typeof value === 'string' ? filterDate(value, timeZone) : value;
  if (read === undefined || !fits(value, shape))
    throw malformed('filter', `compares ${field} with a value of another kind`);
  return read;
};

const fits = (value: Json, { kind }: Shape): boolean => {
  switch (kind) {
    case 'number':
      return typeof value === 'number' && Number.isSafeInteger(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string';
    case 'role':
      return isRole(value);
    case 'userRole':
      return isUserRole(value);
    case 'gender':
      return value === 'male' || value === 'female';
    case 'text':
    case 'name':
    case 'email':
      return typeof value === 'string';
    case 'json':
      return false;
  }
};
