import { isForbiddenKey } from '../../domain/extra-data.ts';
import { pointerToken } from '../../domain/extra-data-rules.ts';
import { Fault, type FieldError } from '../../domain/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { invalid, malformed } from './malformed.ts';

export const maxDepth = 32;

/**
 * The JSON object in a body's bytes; no bytes are `{}`. Faults: `malformed-request` for what is no UTF-8, no JSON, or nested
 * deeper than 32; `invalid-values` for lists and scalars, keys with a meaning of their own in JavaScript, numbers that JSON
 * cannot give back, and half characters. Source: user-api.md §3 and §5.
 */
export const jsonBody = (bytes: Uint8Array): JsonObject => {
  const text = decoded(bytes);
  if (text.trim() === '') return {};
  const body = parsed(text);
  const errors = oddities(body);
  if (errors[0] !== undefined)
    throw new Fault('invalid-values', { errors }, `${errors[0].pointer}: ${errors[0].detail}`);
  if (!isJsonObject(body)) throw invalid('', 'must be a JSON object');
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

interface Spot {
  readonly value: Json;
  readonly path: string;
  readonly depth: number;
}

/** Walks without recursion: a nested bomb must not reach the end of the stack. At most twenty oddities are told. */
const oddities = (root: Json): readonly FieldError[] => {
  const errors: FieldError[] = [];
  const waiting: Spot[] = [{ value: root, path: '', depth: 1 }];
  for (let spot = waiting.pop(); spot !== undefined; spot = waiting.pop()) {
    if (spot.depth > maxDepth) throw malformed('', `is nested deeper than ${maxDepth}`);
    const detail = oddity(spot);
    if (detail !== null && errors.length < 20) errors.push({ pointer: spot.path, detail });
    for (const [key, value] of children(spot.value)) {
      waiting.push({ value, path: `${spot.path}/${pointerToken(key)}`, depth: spot.depth + (isNested(value) ? 1 : 0) });
    }
  }
  return errors;
};

const oddity = ({ value, path }: Spot): string | null => {
  const key = path.slice(path.lastIndexOf('/') + 1);
  if (isForbiddenKey(key)) return 'is a key that JSON from elsewhere must not carry';
  if (halfCharacter.test(key)) return 'is no well-formed text';
  if (typeof value === 'string' && halfCharacter.test(value)) return 'is no well-formed text';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is a number too large to keep';
  return null;
};

/** A surrogate without its other half cannot be stored as UTF-8. */
const halfCharacter = /\p{Surrogate}/u;

const isNested = (value: Json): boolean => typeof value === 'object' && value !== null;
const children = (value: Json): readonly (readonly [string, Json])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
