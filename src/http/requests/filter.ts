import { roleAt, type Actor, atLeast, isRole, isUserRole } from '../../domain/actor.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import { ruleOf, type UserField, userFieldNames, type Shape } from '../../domain/users/user-fields.ts';
import { mayQuery } from '../../domain/users/user-visibility.ts';
import { isDay, type Condition } from '../../ports/user-store.ts';
import { malformed } from './validate.ts';
import { instantIn } from '../../domain/sites/voting.ts';

interface Filter {
  readonly conditions: readonly Condition[];
  /** What to search for, as it was written. */
  readonly q?: string;
}

/**
 * A filter as conditions that all must hold: `{"field": value}`, `{"field": [a, b]}`, `{"field": {"!=": value}}`,
 * `{"field": {"substring": text}}` (moderators only); and `{"q": text}`. Fault `malformed-request`. Source: user-api.md §3 "List".
 */
export const filterOf = (text: string | undefined, actor: Actor, site: Site, timeZone: string): Filter => {
  if (text === undefined) return { conditions: [] };
  const { q, ...fields } = objectOf(text);
  if (q !== undefined && typeof q !== 'string') throw malformed('filter', 'needs a text to search for in q');
  const isModerator = atLeast(roleAt(actor, site.id), 'moderator');
  const conditions = Object.entries(fields).flatMap(([name, wanted]) =>
    conditionsOn(queryableField(name, actor, site, 'filter'), wanted, { isModerator, timeZone }),
  );
  return { conditions, ...(q === undefined ? {} : { q }) };
};

interface Asking {
  readonly isModerator: boolean;
  readonly timeZone: string;
}

const conditionsOn = (field: UserField, wanted: Json, asking: Asking): readonly Condition[] => {
  const valueOf = (value: Json): Json => filterValue(field, value, asking.timeZone);
  if (Array.isArray(wanted)) return [{ field, is: 'one-of', values: fewDays(field, wanted.map(valueOf)) }];
  if (!isJsonObject(wanted)) return [{ field, is: 'equal', values: [valueOf(wanted)] }];
  const operations = Object.entries(wanted);
  if (operations.length === 0) throw malformed('filter', `has nothing to compare ${field} with`);
  return operations.map(([operator, value]) => operation(field, operator, value, asking));
};

/** A database compares each row with each day, which has a beginning and an end; other values it looks up. */
const maxDays = 31;
const fewDays = (field: UserField, values: readonly Json[]): readonly Json[] => {
  if (values.filter(isDay).length > maxDays)
    throw malformed('filter', `compares ${field} with more than ${maxDays} days`);
  return values;
};

const operation = (field: UserField, operator: string, value: Json, { isModerator, timeZone }: Asking): Condition => {
  if (operator === '!=') return { field, is: 'different', values: [filterValue(field, value, timeZone)] };
  if (operator === 'substring' && isModerator && isText(field)) {
    if (typeof value !== 'string' || value === '') throw malformed('filter', `needs a text to look for in ${field}`);
    return { field, is: 'containing', values: [value] };
  }
  throw malformed('filter', `has an operator on ${field} that is not known: ${JSON.stringify(operator.slice(0, 64))}`);
};

/** Whether somebody may look for a part of it. */
export const isText = (field: UserField): boolean => ['text', 'name', 'email'].includes(ruleOf(field).shape.kind);

const objectOf = (text: string): JsonObject => {
  const value = parsed(text);
  if (!isJsonObject(value)) throw malformed('filter', 'must be a JSON object');
  return value;
};

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw malformed('filter', 'is not JSON');
  }
};

/**
 * The field that a filter or sort names. What is unknown and what is not the actor's to ask by are refused in the same words:
 * nothing can be probed. Fault `malformed-request`. Source: user-api.md §2.
 */
export const queryableField = (name: string, actor: Actor, site: Site, parameter: 'filter' | 'sort'): UserField => {
  const field = userFieldNames.find((known) => known === name);
  if (field === undefined || !mayQuery(actor, field, site)) {
    throw malformed(parameter, `names ${JSON.stringify(name.slice(0, 64))}, which is no field you may ${parameter} by`);
  }
  return field;
};

/**
 * A date of a filter: RFC 3339, which may leave out its offset, as an instant (ISO text in UTC); a day alone as `{from, before}`. What
 * names no offset is read in `timeZone`, whatever the process's own. Undefined for anything else, a day that does not exist included.
 */
export const filterDate = (text: string, timeZone: string): Json | undefined => {
  const parts = written.exec(text)?.groups;
  const day = parts?.['day'] ?? '';
  if (parts === undefined || !isRealDay(day)) return undefined;
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
const isRealDay = (day: string): boolean => {
  const date = new Date(`${day}T00:00:00Z`);
  return day >= '0001' && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
};

const minutesOf = (offset: string): number =>
  (offset.startsWith('-') ? -1 : 1) * (60 * Number(offset.slice(1, 3)) + Number(offset.slice(4, 6)));

const isoOf = (instant: number): string => new Date(instant).toISOString();

/** A value that a field can be compared with; dates as `filterDate` reads them, null for "not set". Fault `malformed-request`. */
const filterValue = (field: UserField, value: Json, timeZone: string): Json => {
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
