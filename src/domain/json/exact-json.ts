import { shapeNumbers } from './json-shapes.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/**
 * Documents that we alone keep (a site's config, a row's extraData) may hold numbers that a double cannot: integers of 19 digits,
 * decimals of twenty. They are read as doubles, as everything is, and written and shown digit by digit where nobody changed them:
 * the text that a document was read from is remembered as long as the document. Source: user-api.md §2 "Numbers".
 */
const texts = new WeakMap<JsonObject, string>();

/** The value in a JSON text; throws what JSON.parse throws. */
export const parsedExactly = (text: string): Json => {
  const value = JSON.parse(text) as Json;
  if (isJsonObject(value) && mayHoldMore.test(text) && holdsMore(text)) texts.set(value, text);
  return value;
};

/** What no double writes: sixteen digits and more, or an exponent; perhaps inside a text, so that it is only the first look. */
const mayHoldMore = /[:,[\s]-?(?:\d[\d.]{15}|\d[\d.]*[eE])/;
const holdsMore = (text: string): boolean => [...text.matchAll(tokens)].some(([token]) => isMore(token));

/** A document made of another one keeps the digits of what it took over. */
export const keepingDigitsOf = (before: JsonObject, after: JsonObject): JsonObject => {
  const text = texts.get(before);
  if (text !== undefined) texts.set(after, text);
  return after;
};

/**
 * A value as JSON, the same bytes as JSON.stringify's but for numbers that stand as they stood at the same place in a document
 * (its own, unless said otherwise). In lists an item is known by its place, or by what it holds where it moved.
 */
export const exactText = (value: JsonObject, document: JsonObject = value): string => {
  const written = JSON.stringify(value);
  const source = texts.get(document);
  return source === undefined ? written : withDigitsOf(source, value, written);
};

/** Numbers travel as marked texts, under a mark that stands nowhere else. */
const withDigitsOf = (source: string, value: JsonObject, written: string): string => {
  const mark = unusedMark([source, written]);
  const original = JSON.parse(source.replace(tokens, (token) => (isMore(token) ? `"${mark}${token}"` : token))) as Json;
  const taking = { mark, numberOf: shapeNumbers('as-written') };
  const exact = JSON.stringify(taken({ marked: original, plain: asDoubles(original, mark) }, value, taking));
  return exact.replaceAll(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1');
};

/** One colon more than any of the texts has there; each is looked through once. */
const unusedMark = (texts: readonly string[]): string => {
  let longest = 0;
  for (const text of texts) for (const [found] of text.matchAll(/exact:+/g)) longest = Math.max(longest, found.length);
  return `exact${':'.repeat(Math.max(1, longest - 'exact'.length + 1))}`;
};

const tokens = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d[\d.eE+-]*/g;
const isMore = (token: string): boolean => !token.startsWith('"') && String(Number(token)) !== token;

/** What stands there, with marked numbers and as everybody reads it. */
interface Original {
  readonly marked: Json;
  readonly plain: Json;
}
interface Taking {
  readonly mark: string;
  readonly numberOf: (value: Json) => number;
}

/** The value, with marked numbers where the original holds the same ones. */
const taken = (original: Original | undefined, value: Json, taking: Taking): Json => {
  if (original === undefined) return value;
  const { marked, plain } = original;
  if (typeof value === 'number') return isSameNumber(marked, value, taking.mark) ? marked : value;
  if (Array.isArray(value) && Array.isArray(marked) && Array.isArray(plain))
    return takenList(
      marked.map((item: Json, index) => ({ marked: item, plain: (plain as readonly Json[])[index] ?? null })),
      value,
      taking,
    );
  if (!isJsonObject(value) || !isJsonObject(marked) || !isJsonObject(plain)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, taken(originalAt(marked, plain, key), inner, taking)]),
  );
};

const originalAt = (marked: JsonObject, plain: JsonObject, key: string): Original | undefined =>
  Object.hasOwn(marked, key) ? { marked: marked[key] ?? null, plain: plain[key] ?? null } : undefined;

const takenList = (original: readonly Original[], value: readonly Json[], taking: Taking): readonly Json[] => {
  const { numberOf } = taking;
  const byContent = new Map(original.map(({ marked, plain }) => [numberOf(plain), marked]));
  return value.map((item, index) => byContent.get(numberOf(item)) ?? taken(original[index], item, taking));
};

const asDoubles = (value: Json, mark: string): Json => {
  if (typeof value === 'string') return value.startsWith(mark) ? Number(value.slice(mark.length)) : value;
  if (Array.isArray(value)) return value.map((item: Json) => asDoubles(item, mark));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asDoubles(inner, mark)]));
};

const isSameNumber = (original: Json | undefined, value: number, mark: string): original is string =>
  typeof original === 'string' && original.startsWith(mark) && Number(original.slice(mark.length)) === value;
