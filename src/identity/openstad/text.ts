import { isJsonObject, isNestedDeeper, type Json, type JsonObject } from '../../domain/json.ts';

/**
 * The server takes every text for HTML, the JSON text of extraData too: it takes tags out, and an unclosed `<` swallows all that
 * follows, other keys included; entities become their characters, and `&`, `<`, `>` are stored as entities. A text that is sent with
 * these three as entities is stored as it was sent, so it comes back as it was written. Source: the recordings, "c. text".
 */
export const encoded = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => entities[sign as keyof typeof entities]);
const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;' } as const;

/** What `encoded` (or the server) made of a text, and nothing else: it stores no other entity. */
export const decoded = (text: string): string =>
  // What stands for an `&` last: it may begin what looks like another.
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

export const encodedValues = (extraData: JsonObject): JsonObject => inTexts(extraData, encoded);
export const decodedValues = (extraData: JsonObject): JsonObject => inTexts(extraData, decoded);

/** Keys are texts as well. Recursive: whoever calls has made sure that it is no bomb. */
const inTexts = (object: JsonObject, change: (text: string) => string): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [change(key), inValue(value, change)]));
const inValue = (value: Json, change: (text: string) => string): Json => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => inValue(item, change));
  return isJsonObject(value) ? inTexts(value, change) : value;
};

/** Why one of their columns cannot hold a text; null when it can. */
export const refusesText = (text: string): string | null => {
  if (!isStorable(text)) return unstorable;
  return encoded(text).length > columnLength
    ? `is more than the OAuth server can store (${columnLength} characters, of which & counts as five, < and > as four)`
    : null;
};

/** The same for a key of extraData with its value. */
export const refusesEntry = (key: string, value: Json): string | null => {
  const text = key + JSON.stringify(value);
  if (!isStorable(text) || halfCharacter.test(text)) return unstorable;
  return isNestedDeeper(value, deepestValue) ? 'is nested deeper than the OAuth server can store' : null;
};

const columnLength = 255;
/** Their connection speaks utf8mb3: a character beyond U+FFFF, or half a one, makes their database refuse the statement. */
const isStorable = (text: string): boolean => !/[\u{10000}-\u{10FFFF}\p{Surrogate}]/u.test(text);
const unstorable = 'holds a character that the OAuth server cannot store (an emoji, for example)';
/** As `JSON.stringify` writes one. */
const halfCharacter = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;
/** MariaDB takes JSON of 31 levels: extraData itself, the list of a site-specific key and an entry of it are three. */
const deepestValue = 28;

/** Their ids are decimal row ids. */
export const isExternalId = (text: string): boolean => /^[1-9]\d{0,17}$/.test(text);
