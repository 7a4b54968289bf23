import type Joi from 'joi';
import { pointerToken } from '../../domain/extra-data-rules.ts';
import { Fault, type FieldError } from '../../domain/fault.ts';
import type { Query } from './query.ts';

/** Where a value stands decides what a wrong one is: a query or header that cannot be read (400), or a wrong field (422). */
export type Place = 'query' | 'body';

/**
 * The value as the schema shapes it; keys that the schema does not know are left out. One entry per wrong field.
 * No message holds the value. Faults: `malformed-request` (query), `invalid-values` (body).
 */
export const validated = <T>(schema: Joi.ObjectSchema<T>, value: unknown, place: Place): T => {
  const result = schema.validate(value, {
    abortEarly: false,
    stripUnknown: true,
    convert: false,
    errors: { label: false, wrap: { array: false } },
  });
  if (result.error === undefined) return result.value;
  // A long list of wrong things would make an answer many times as long.
  const errors = firstPerField(result.error.details.slice(0, mostTold), place);
  const detail = errors.map((error) => `${error.pointer}: ${error.detail}`).join('; ');
  throw place === 'query'
    ? new Fault('malformed-request', { errors }, detail)
    : new Fault('invalid-values', { errors }, detail);
};

/** The same for the query of an address; what no parameter at all comes to is worked out once. */
export const queryValidator = <T>(schema: Joi.ObjectSchema<T>): ((query: Query) => T) => {
  let ofNone: { readonly value: T } | undefined;
  return (query) => {
    if (Object.keys(query).length > 0) return validated(schema, query, 'query');
    ofNone ??= { value: validated(schema, query, 'query') };
    return ofNone.value;
  };
};

const mostTold = 50;

const firstPerField = (details: readonly Joi.ValidationErrorItem[], place: Place): readonly FieldError[] => {
  const byPointer = new Map<string, FieldError>();
  for (const { path, message } of details) {
    const pointer =
      place === 'query' ? String(path[0] ?? '') : path.map((step) => `/${pointerToken(String(step))}`).join('');
    if (!byPointer.has(pointer)) byPointer.set(pointer, { pointer, detail: message });
  }
  return [...byPointer.values()];
};
