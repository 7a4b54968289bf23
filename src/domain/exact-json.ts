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
  let mark = 'exact:';
  while (source.includes(mark) || written.includes(mark)) mark += ':';
  const original = JSON.parse(source.replace(tokens, (token) => (isMore(token) ? `"${mark}${token}"` : token))) as Json;
  const exact = JSON.stringify(taken(original, value, mark));
  return exact.replaceAll(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1');
};

const tokens = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d[\d.eE+-]*/g;
const isMore = (token: string): boolean => !token.startsWith('"') && String(Number(token)) !== token;

/** The value, with marked numbers where the original holds the same ones. */
const taken = (original: Json | undefined, value: Json, mark: string): Json => {
  if (typeof value === 'number') return isSameNumber(original, value, mark) ? original : value;
  if (Array.isArray(value) && Array.isArray(original)) return takenList(original as readonly Json[], value, mark);
  if (!isJsonObject(value) || !isJsonObject(original)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      taken(Object.hasOwn(original, key) ? original[key] : undefined, inner, mark),
    ]),
  );
};

const takenList = (original: readonly Json[], value: readonly Json[], mark: string): readonly Json[] => {
  const byContent = new Map(original.map((item) => [JSON.stringify(asDoubles(item, mark)), item]));
  return value.map((item, index) => byContent.get(JSON.stringify(item)) ?? taken(original[index], item, mark));
};

const asDoubles = (value: Json, mark: string): Json => {
  if (typeof value === 'string') return value.startsWith(mark) ? Number(value.slice(mark.length)) : value;
  if (Array.isArray(value)) return value.map((item: Json) => asDoubles(item, mark));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asDoubles(inner, mark)]));
};

const isSameNumber = (original: Json | undefined, value: number, mark: string): original is string =>
  typeof original === 'string' && original.startsWith(mark) && Number(original.slice(mark.length)) === value;
