import { isForbiddenKey } from '../../domain/users/extra-data.ts';
import { type FieldError, invalidValues, maxFaults, pointerToken } from '../../domain/fault.ts';
import {
  exceededBound,
  inexact,
  isExactNumber,
  isJsonObject,
  type Json,
  type JsonObject,
  maxDepth,
  maxEntries,
} from '../../domain/json.ts';
import { invalid, malformed } from './malformed.ts';

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
    if (typeof value === 'object' && value !== null) waiting.push(...Object.values(value as JsonObject));
  }
  return count;
};

/** Brackets, and texts with the colon that makes a key of them. */
const tokens = /("[^"\\]*(?:\\[^][^"\\]*)*")(\s*:)?|[{}[\]]/g;

export interface JsonRules {
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
export const jsonBody = (bytes: Uint8Array, rules: JsonRules = {}): JsonObject => {
  const text = decoded(bytes);
  // White space alone is somebody's body that went missing: where a choice may have stood in it, it is none.
  if (text.trim() === '' && rules.keysOnce === true) throw malformed('', 'is not JSON');
  if (text.trim() === '') return {};
  mustBeBounded(text);
  const body = parsed(text);
  const errors = oddities(body, rules);
  if (errors.length > 0) throw invalidValues(errors);
  if (!isJsonObject(body)) throw invalid('', 'must be a JSON object');
  const repeated = rules.keysOnce === true && holdsRepeatedKey(text, body) ? repeatedKey(text) : null;
  if (repeated !== null) throw malformed(repeated.slice(0, 64), 'is given more than once');
  return body;
};

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
    for (const [key, value] of children(spot.value)) waiting.push({ value, key, parent: spot });
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

const children = (value: Json): readonly (readonly [string, Json])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

/** Fault `invalid-values` for what is nested deeper than 32 or holds more than 10,000 keys and list items. Source: user-api.md §5. */
export const mustBeBounded = (text: string): void => {
  const exceeded = exceededBound(text, { maxDepth, maxEntries });
  if (exceeded === 'maxDepth') throw invalid('', `is nested deeper than ${maxDepth}`);
  if (exceeded === 'maxEntries') throw invalid('', `holds more than ${maxEntries} keys and list items`);
};
