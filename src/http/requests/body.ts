import express, { type Request, type RequestHandler, type Response } from 'express';
import { Fault, type FieldError, invalidValues, maxFaults, pointerToken } from '../../domain/fault.ts';
import {
  isJsonObject,
  type JsonObject,
  maxEntries,
  inexact,
  isExactNumber,
  type Json,
  maxDepth,
  exceededBound,
  innerOf,
} from '../../domain/json.ts';
import { nextTurn } from '../../platform/clock.ts';
import { malformed, invalid } from './validate.ts';
import { isForbiddenKey } from '../../domain/users/extra-data.ts';

/** How much a body may hold: much only where somebody sends a site's config. No setting: callers read it in faults. Source: user-api.md §5. */
export type BodyLimit = '256 kB' | '1 MB';

/** Bytes only, so that what is no UTF-8 is seen and not quietly replaced; the limit counts after decompression. */
const bytesUpTo = (limit: number): RequestHandler => express.raw({ type: () => true, limit });
const readers: Readonly<Record<BodyLimit, RequestHandler>> = {
  '256 kB': bytesUpTo(256 * 1024),
  '1 MB': bytesUpTo(1024 * 1024),
};

/** `either`: a form where its content type says so. `none`: nothing is needed; whatever is sent beside JSON and forms is not looked at. */
export type BodyKind = 'json' | 'form' | 'either' | 'none';

/** What a call takes. */
export interface BodyRules extends JsonRules {
  readonly kind: BodyKind;
  readonly limit?: BodyLimit;
}
/** Waits until it is its sender's turn, as a large one costs much to parse and to check; answers how to give that back. */
type BeginLargeBody = () => Promise<() => void>;

/**
 * The request's JSON object, or the fields of its form; an empty body is `{}` whatever its type. Faults: `body-too-large`,
 * `unsupported-media-type`, those of jsonBody and formBody.
 */
export const readBody = async (
  request: Request,
  response: Response,
  rules: BodyRules,
  beginLarge: BeginLargeBody,
): Promise<JsonObject> => {
  const { limit = '256 kB' } = rules;
  await new Promise<void>((resolve, reject) => {
    readers[limit](request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(bodyFault(error, limit));
    });
  });
  const bytes: unknown = request.body;
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return {};
  if (!isLarge(bytes)) return bodyIn(bytes, request, rules, atOnce);
  const end = await beginLarge();
  // Whoever reads what comes of it does so in the same turn of the event loop; whatever they wait for then, nobody waits for with them.
  return bodyIn(bytes, request, rules, nextTurn).finally(() => setImmediate(end));
};

const atOnce = (): Promise<void> => Promise.resolve();

/** `othersFirst`: between the pieces of what a large one costs. */
const bodyIn = async (
  bytes: Uint8Array,
  request: Request,
  rules: BodyRules,
  othersFirst: () => Promise<void>,
): Promise<JsonObject> => {
  const { kind } = rules;
  const contentType = request.get('content-type') ?? '';
  if (kind === 'form' || (kind !== 'json' && isForm(contentType))) return formBody(contentType, bytes);
  if (isJson(contentType)) return jsonBody(bytes, rules, othersFirst);
  if (kind === 'none') return (await isJsonAnyway(bytes, othersFirst)) ? jsonBody(bytes, rules, othersFirst) : {};
  throw new Fault(
    'unsupported-media-type',
    {},
    'Bodies are JSON in UTF-8, and say so: Content-Type: application/json is missing.',
  );
};

/** Whoever wrote an object meant something, whatever the type says. `[object Object]`, which OpenStad's panel sends, is none. */
const isJsonAnyway = async (bytes: Uint8Array, othersFirst: () => Promise<void>): Promise<boolean> => {
  const text = new TextDecoder().decode(bytes);
  if (!/^\s*\{/.test(text)) return false;
  mustBeBounded(text);
  await othersFirst();
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  } finally {
    await othersFirst();
  }
};

/** Takes longer than others are to wait for: a small one is read at once, as a turn of its own costs more than it takes. */
const isLarge = (bytes: Uint8Array): boolean => bytes.length > maxBytesAtOnce || holdsMany(bytes);
const maxBytesAtOnce = 16 * 1024;

/** Keys and items cost more than what stands in them. */
const holdsMany = (bytes: Uint8Array): boolean => {
  let separators = 0;
  for (const byte of bytes) if (byte === comma || byte === ampersand) separators += 1;
  return separators > maxEntriesAtOnce;
};
const [comma, ampersand, maxEntriesAtOnce] = [0x2c, 0x26, 500] as const;

const isForm = (contentType: string): boolean => /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType);

/** In UTF-8, which its content type may say, in quotes or not. */
const isJson = (contentType: string): boolean =>
  /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType) &&
  /^(?:utf-?8|us-ascii)$/i.test(charsetOf(contentType) ?? 'utf-8');

const charsetOf = (contentType: string): string | undefined => {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/i.exec(contentType) ?? [];
  return quoted?.trim() ?? plain;
};

/** What the body reader throws, by its documented `type`. */
const bodyFault = (error: unknown, limit: BodyLimit): Fault => {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : null;
  if (type === 'entity.too.large') return new Fault('body-too-large', { limit }, `The body is over ${limit}.`);
  if (type === 'encoding.unsupported')
    return new Fault('unsupported-media-type', {}, 'The body has a compression that is not known here.');
  return malformed('', 'could not be read');
};

/**
 * The fields of a form (`application/x-www-form-urlencoded`). Faults: `unsupported-media-type` for another type,
 * `malformed-request` for what is no UTF-8 and for a field that is given more than once, `invalid-values` for more than 10,000.
 */
const formBody = (contentType: string, bytes: Uint8Array): JsonObject => {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType))
    throw new Fault('unsupported-media-type', {}, 'This call takes a form: application/x-www-form-urlencoded.');
  const text = decoded(bytes);
  mustBeFew(text);
  const fields = [...new URLSearchParams(text)];
  const names = fields.map(([name]) => name);
  if (new Set(names).size < names.length) throw malformed('', 'names a field more than once');
  // A name like __proto__ becomes an own key.
  return Object.fromEntries(fields);
};

const mustBeFew = (text: string): void => {
  let fields = 1;
  for (let at = text.indexOf('&'); at !== -1 && fields <= maxEntries; at = text.indexOf('&', at + 1)) fields += 1;
  if (fields > maxEntries) throw invalid('', `holds more than ${maxEntries} fields`);
};

interface JsonRules {
  /** A key that is said twice is refused: one of the two goes unheard. */
  readonly keysOnce?: boolean;
  /** The key of a document whose numbers are checked where it is merged: one that is sent back as it was shown changes nothing. */
  readonly document?: string;
}

/**
 * The JSON object in a body's bytes; no bytes are `{}`. Faults: `malformed-request` for what is no UTF-8 or no JSON;
 * `invalid-values` for what is too deep or too much (`exceededBound`), lists and scalars, keys with a meaning of their own in
 * JavaScript, numbers that JSON cannot give back, and half characters. Source: user-api.md §2 "Numbers", §3 and §5.
 */
const jsonBody = async (bytes: Uint8Array, rules: JsonRules, othersFirst: () => Promise<void>): Promise<JsonObject> => {
  const text = decoded(bytes);
  // White space alone is somebody's body that went missing: where a choice may have stood in it, it is none.
  if (text.trim() === '' && rules.keysOnce === true) throw malformed('', 'is not JSON');
  if (text.trim() === '') return {};
  mustBeBounded(text);
  await othersFirst();
  const body = parsed(text);
  await othersFirst();
  const errors = oddities(body, rules);
  if (errors.length > 0) throw invalidValues(errors);
  if (!isJsonObject(body)) throw invalid('', 'must be a JSON object');
  await othersFirst();
  if (rules.keysOnce !== true) return body;
  const repeated = holdsRepeatedKey(text, body) ? repeatedKey(text) : null;
  if (repeated !== null) throw malformed(repeated.slice(0, 64), 'is given more than once');
  await othersFirst();
  return body;
};

/** The first key that one object of a JSON text holds twice, or null. The text is JSON. Linear in its length. */
const repeatedKey = (text: string): string | null => {
  const open: Set<string>[] = [];
  for (const [token, , colon] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(token.slice(0, -colon.length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    }
  }
  return null;
};

/** Whether some object holds a key twice: of those the parser keeps one. A set of all keys costs three times as much as this. */
const holdsRepeatedKey = (text: string, body: Json): boolean => {
  let written = 0;
  for (const [, , colon] of text.matchAll(tokens)) if (colon !== undefined) written += 1;
  return written > keysIn(body);
};

const keysIn = (root: Json): number => {
  let count = 0;
  const waiting: Json[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (isJsonObject(value)) count += Object.keys(value).length;
    for (const inner of innerOf(value)) waiting.push(inner);
  }
  return count;
};

/** Brackets, and texts with the colon that makes a key of them. */
const tokens = /("[^"\\]*(?:\\[^][^"\\]*)*")(\s*:)?|[{}[\]]/g;

const decoded = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('', 'is not UTF-8');
  }
};

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // The parser's own message quotes the body.
    throw malformed('', 'is not JSON');
  }
};

/** A value and where it stands; the pointer is written for what is told only, as many may share a long one. */
interface Spot {
  readonly value: Json;
  readonly key: string;
  readonly parent: Spot | null;
}

const oddities = (root: Json, { document }: JsonRules): readonly FieldError[] => {
  const errors: FieldError[] = [];
  const waiting: Spot[] = [{ value: root, key: '', parent: null }];
  for (let spot = waiting.pop(); spot !== undefined && errors.length < maxFaults; spot = waiting.pop()) {
    const detail = oddity(spot);
    if (detail !== null && !(detail === inexact && documentOf(spot) === document))
      errors.push({ pointer: pointerOf(spot), detail });
    for (const inner of children(spot)) waiting.push(inner);
  }
  return errors;
};

const oddity = ({ value, key }: Spot): string | null => {
  if (isForbiddenKey(key)) return 'is a key that JSON from elsewhere must not carry';
  if (halfCharacter.test(key)) return 'is no well-formed text';
  if (typeof value === 'string' && halfCharacter.test(value)) return 'is no well-formed text';
  if (typeof value !== 'number' || isExactNumber(value)) return null;
  return Number.isFinite(value) ? inexact : 'is a number too large to keep';
};

/** The top-level key below which something stands. */
const documentOf = (spot: Spot): string | undefined => {
  let at = spot;
  for (; at.parent !== null; at = at.parent) if (at.parent.parent === null) return at.key;
  return undefined;
};

const pointerOf = ({ key, parent }: Spot): string =>
  parent === null ? '' : `${pointerOf(parent)}/${pointerToken(key)}`;

/** A surrogate without its other half cannot be stored as UTF-8. */
const halfCharacter = /\p{Surrogate}/u;

const children = (parent: Spot): readonly Spot[] => {
  const { value } = parent;
  if (Array.isArray(value)) return value.map((item: Json, index) => ({ value: item, key: String(index), parent }));
  return isJsonObject(value) ? Object.keys(value).map((key) => ({ value: value[key] ?? null, key, parent })) : [];
};

/** Fault `invalid-values` for what is nested deeper than 32 or holds more than 10,000 keys and list items. Source: user-api.md §5. */
const mustBeBounded = (text: string): void => {
  const exceeded = exceededBound(text, { maxDepth, maxEntries });
  if (exceeded === 'maxDepth') throw invalid('', `is nested deeper than ${maxDepth}`);
  if (exceeded === 'maxEntries') throw invalid('', `holds more than ${maxEntries} keys and list items`);
};
