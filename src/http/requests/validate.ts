import type Joi from 'joi';
import { Fault, type FieldError, invalidValues, pointerToken, sentenceOf } from '../../domain/fault.ts';
import type { Query } from './query.ts';

/** Where a value stands decides what a wrong one is: a query or header that cannot be read (400), or a wrong field (422). */
export type Place = 'query' | 'body';

/**
 * The value as the schema shapes it; keys that the schema does not know are left out. One entry per wrong field, which is looked at up
 * to its first fault: what is too long is not read any further. No message holds the value. Faults: `malformed-request` (query),
 * `invalid-values` (body).
 */
export const validated = <T>(schema: Joi.ObjectSchema<T>, value: unknown, place: Place): T => {
  const result = schema.validate(value, options);
  if (result.error === undefined) return result.value;
  const { error } = fieldByField(schema).validate(value, { ...options, abortEarly: false });
  const errors = firstPerField((error ?? result.error).details, place);
  if (place === 'body') throw invalidValues(errors);
  throw new Fault('malformed-request', { errors }, sentenceOf(errors));
};

const options = {
  abortEarly: true,
  stripUnknown: true,
  convert: false,
  errors: { label: false, wrap: { array: false } },
} as const;

/** The schema, each of whose keys ends at its first fault while the others go on. */
const fieldByField = (schema: Joi.ObjectSchema): Joi.ObjectSchema => {
  const known = schemas.get(schema) ?? schema.fork([...keysOf(schema)], (key) => key.prefs({ abortEarly: true }));
  schemas.set(schema, known);
  return known;
};
const schemas = new WeakMap<Joi.ObjectSchema, Joi.ObjectSchema>();

/** The keys that a schema knows. */
export const keysOf = (schema: Joi.ObjectSchema | undefined): ReadonlySet<string> => {
  const described: unknown = schema?.describe()['keys'];
  return new Set(typeof described === 'object' && described !== null ? Object.keys(described) : []);
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

const firstPerField = (details: readonly Joi.ValidationErrorItem[], place: Place): readonly FieldError[] => {
  const byPointer = new Map<string, FieldError>();
  for (const { path, message } of details) {
    const pointer =
      place === 'query' ? String(path[0] ?? '') : path.map((step) => `/${pointerToken(String(step))}`).join('');
    if (!byPointer.has(pointer)) byPointer.set(pointer, { pointer, detail: message });
  }
  return [...byPointer.values()];
};
