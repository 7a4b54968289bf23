import { roleAt, type Actor, atLeast } from '../../domain/actor.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import { ruleOf, type UserField } from '../../domain/users/user-fields.ts';
import { isDay, type Condition } from '../../ports/user-store.ts';
import { filterValue } from './filter-value.ts';
import { malformed } from './malformed.ts';
import { queryableField } from './queryable.ts';

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

const isText = (field: UserField): boolean => ['text', 'name', 'email'].includes(ruleOf(field).shape.kind);

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
