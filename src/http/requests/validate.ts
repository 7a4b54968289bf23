import Joi from 'joi';
import { Fault, type FieldError, invalidValues, pointerToken, sentenceOf } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';

/** Where a value stands decides what a wrong one is: a query or header that cannot be read (400), or a wrong field (422). */
/** What of a request is validated. */
export type RequestPart = 'query' | 'body';

/**
 * The value as the schema shapes it; keys that the schema does not know are left out. One entry per wrong field, which is looked at up
 * to its first fault: what is too long is not read any further. No message holds the value. Faults: `malformed-request` (query),
 * `invalid-values` (body).
 */
export const validated = <T>(schema: Joi.ObjectSchema<T>, value: unknown, part: RequestPart): T => {
  const result = schema.validate(value, options);
  if (result.error === undefined) return result.value;
  const { error } = fieldByField(schema).validate(value, { ...options, abortEarly: false });
  const errors = firstPerField((error ?? result.error).details, part);
  if (part === 'body') throw invalidValues(errors);
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
const keysOf = (schema: Joi.ObjectSchema | undefined): ReadonlySet<string> => {
  const described: unknown = schema?.describe()['keys'];
  return new Set(typeof described === 'object' && described !== null ? Object.keys(described) : []);
};

/** A validator of queries of addresses; what no parameter at all comes to is worked out once. */
export const queryValidator = <T>(schema: Joi.ObjectSchema<T>): ((query: Query) => T) => {
  let ofNone: { readonly value: T } | undefined;
  return (query) => {
    if (Object.keys(query).length > 0) return validated(schema, query, 'query');
    ofNone ??= { value: validated(schema, query, 'query') };
    return ofNone.value;
  };
};

const firstPerField = (details: readonly Joi.ValidationErrorItem[], part: RequestPart): readonly FieldError[] => {
  const byPointer = new Map<string, FieldError>();
  for (const { path, message } of details) {
    const pointer =
      part === 'query' ? String(path[0] ?? '') : path.map((step) => `/${pointerToken(String(step))}`).join('');
    if (!byPointer.has(pointer)) byPointer.set(pointer, { pointer, detail: message });
  }
  return [...byPointer.values()];
};

export type Query = Readonly<Record<string, string>>;

/** The query of an address, each key once. Fault `malformed-request` naming a key that is repeated. Source: user-api.md §5. */
export const queryOf = (address: string): Query => {
  const start = address.indexOf('?');
  const entries = start === -1 ? [] : [...new URLSearchParams(address.slice(start + 1))];
  const seen = new Set<string>();
  for (const [key] of entries) {
    if (seen.has(key)) throw malformed(key.slice(0, 64), 'is given more than once');
    seen.add(key);
  }
  return Object.fromEntries(entries);
};

/** The address with some parameters set or (null) left out, for links to other pages. */
export const withQuery = (
  path: string,
  query: Query,
  change: Readonly<Record<string, string | number | null>>,
): string => {
  const parameters = new URLSearchParams(query);
  for (const [key, value] of Object.entries(change)) {
    if (value === null) parameters.delete(key);
    else parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
};

/** From a numbered page to the others; `link`: the address of one. */
export const pageLinks = (
  page: number,
  last: number,
  link: (page: number) => string,
): Readonly<Record<string, string>> => ({
  self: link(page),
  first: link(0),
  last: link(last),
  ...(page > 0 ? { previous: link(Math.min(page - 1, last)) } : {}),
  ...(page < last ? { next: link(page + 1) } : {}),
});

/** What a numbered page says of itself. */
export const pageMetadata = (
  { path, rawQuery }: { readonly path: string; readonly rawQuery: Query },
  { page, pageSize, totalCount }: Readonly<Record<'page' | 'pageSize' | 'totalCount', number>>,
): object => {
  const pageCount = Math.ceil(totalCount / pageSize);
  const links = pageLinks(page, Math.max(0, pageCount - 1), (to) => withQuery(path, rawQuery, { page: to }));
  return { page, pageSize, pageCount, totalCount, links };
};

/** What a page that is reached by cursor says of itself: a walk has no number and no last page. */
export const walkMetadata = (
  { path, rawQuery }: { readonly path: string; readonly rawQuery: Query },
  { pageSize, cursor }: { readonly pageSize: number; readonly cursor: string | null },
): object => ({
  pageSize,
  ...(cursor === null ? {} : { cursor }),
  links: {
    self: withQuery(path, rawQuery, {}),
    first: withQuery(path, rawQuery, { page: 0, cursor: null }),
    ...(cursor === null ? {} : { next: withQuery(path, rawQuery, { cursor }) }),
  },
});

interface Takes {
  readonly query: Joi.ObjectSchema;
  readonly requestBody?: Joi.ObjectSchema | undefined;
}
interface UnknownRefusal {
  readonly inQuery: (query: Query) => void;
  readonly inBody: (body: JsonObject) => void;
}

/** Refuses what a call does not take. Fault `malformed-request` naming it. Source: user-api.md §5. */
export const unknownRefusal = ({ query, requestBody }: Takes): UnknownRefusal => {
  const [parameters, keys] = [keysOf(query), keysOf(requestBody)];
  return {
    inQuery: (given) => {
      const unknown = Object.keys(given).find((name) => !parameters.has(name));
      if (unknown === undefined) return;
      const detail = keys.has(unknown) ? 'belongs in the body of this call' : notTaken;
      throw malformed(unknown.slice(0, 64), detail);
    },
    inBody: (given) => {
      const unknown = Object.keys(given).find((name) => !keys.has(name));
      if (unknown !== undefined) throw malformed(unknown.slice(0, 64), notTaken);
    },
  };
};

const notTaken = 'is nothing that this call takes';

/** A 400 that names what cannot be read: a query parameter, a header, or a JSON pointer. Never carries the value itself. */
export const malformed = (pointer: string, detail: string): Fault<'malformed-request'> =>
  new Fault(
    'malformed-request',
    { errors: [{ pointer, detail }] },
    pointer === '' ? sentence(detail) : `${pointer}: ${detail}`,
  );

/** A 422 for one field. */
export const invalid = (pointer: string, detail: string): Fault<'invalid-values'> =>
  new Fault(
    'invalid-values',
    { errors: [{ pointer, detail }] },
    pointer === '' ? sentence(detail) : `${pointer}: ${detail}`,
  );

const sentence = (detail: string): string => `The body ${detail}.`;

/** A text that every database gives back as it was: the embedded one gives back only what stands before U+0000. */
export const keptWhole: Joi.CustomValidator<string> = (text, { message }) =>
  text.includes('\0') ? message({ custom: 'holds a character that cannot be kept: U+0000' }) : text;

/** A boolean in a query. Source: user-api.md §3 "Activity". */
export type Flag = '1' | '0' | 'true' | 'false';
export const flag = Joi.string().valid('1', '0', 'true', 'false');
export const isTrue = (value: Flag | undefined): boolean => value === '1' || value === 'true';

/** For calls that heed no query parameter; unknown ones are ignored everywhere. */
export const nothing = Joi.object<Readonly<Record<string, never>>>({});

/** The number of a ticket and nothing more: it is kept for good, and must not become a place for names. Source: anonymization.md §5. */
const reason = Joi.string()
  .max(40)
  .pattern(/^[A-Za-z0-9#/_.-]+$/)
  .messages({ '*': 'must be the number of a ticket: 1 to 40 of A–Z, a–z, 0–9 and # / _ . -' })
  .description('The number of a ticket, kept in the audit and in the receipt.');

export interface WithReason {
  readonly reason?: string;
}
/** Of a body, and of a query: it may stand in either. */
export const reasonKeys = { reason };
export const justReason = Joi.object<WithReason>(reasonKeys);

/**
 * What was given, in the body or in the query; nothing where it was not. Faults: `invalid-values` (body), `malformed-request`
 * for two that differ.
 */
export const reasonOf = ({ body, query }: { readonly body: JsonObject; readonly query: WithReason }): WithReason => {
  const inBody = Object.hasOwn(body, 'reason') ? validated(justReason, { reason: body['reason'] }, 'body') : {};
  if (inBody.reason !== undefined && query.reason !== undefined && inBody.reason !== query.reason)
    throw malformed('reason', 'is given twice, and differently');
  return { ...(query.reason === undefined ? {} : { reason: query.reason }), ...inBody };
};

/** What makes two calls the same, beside the address: the body, and the reason wherever it stands. */
export const sameBody = (body: JsonObject, { reason: given }: WithReason): string =>
  JSON.stringify({ ...body, ...(given === undefined ? {} : { reason: given }) });
