/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a number is what was written: beyond ±(2^53−1) a double may stand for several integers. Source: user-api.md §2 "Numbers". */
export const isExactNumber = (value: number): boolean => Math.abs(value) <= Number.MAX_SAFE_INTEGER;
export const inexact = 'is a number too large to keep: send it as a text';

/** Whether lists and objects stand in one another more than so many deep. Without recursion: it may be a bomb. */
export const isNestedDeeper = (value: Json, than: number): boolean => {
  let level: readonly Json[] = [value].filter(isNest);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > than) return true;
    level = level.flatMap((nest) => innerOf(nest).filter(isNest));
  }
  return false;
};
const isNest = (value: Json): boolean => typeof value === 'object' && value !== null;

/** What a list or an object holds. By its keys: `Object.values` takes three times as long where they are thousands. */
export const innerOf = (value: Json): readonly Json[] => {
  if (Array.isArray(value)) return value as readonly Json[];
  return isJsonObject(value) ? Object.keys(value).map((key) => value[key] ?? null) : [];
};

/** The object with each value made anew; a fourth of what entries and `Object.fromEntries` cost where keys are thousands. */
export const mapped = (object: JsonObject, make: (value: Json, key: string) => Json): JsonObject => {
  const made: Record<string, Json> = {};
  for (const key of Object.keys(object)) setOwn(made, key, make(object[key] ?? null, key));
  return made;
};

/** Of any name: what is assigned to `__proto__` would be no key. */
export const setOwn = (object: Record<string, Json>, key: string, value: Json): void => {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
};

/** How many keys and list items one body brings, and one document of ours holds, at most. Source: user-api.md §5. */
export const maxEntries = 10_000;
/** How deep a body goes: its own braces are the first level. */
export const maxDepth = 32;

/** How many keys and list items a value holds, however deep. */
export const entriesIn = (value: Json): number => {
  let count = 0;
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inner = innerOf(next);
    count += inner.length;
    for (const one of inner) if (isNest(one)) waiting.push(one);
  }
  return count;
};

/** Equality by content; the order of keys does not count. */
export const sameJson = (one: Json | undefined, other: Json | undefined): boolean => {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return (
      one.length === other.length && one.every((item: Json, index) => sameJson(item, (other as readonly Json[])[index]))
    );
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  );
};

/** `by-content`: as `sameJson` compares, where the order of keys does not count; `as-written`: where it does. */
type Sameness = 'by-content' | 'as-written';

/**
 * Numbers values so that two have the same number exactly where they are the same. Each part of a value is looked at once, however
 * often it or what it stands in is asked about: comparing at every level would cost the size times the depth.
 */
export const shapeNumbers = (sameness: Sameness): ((value: Json) => number) => {
  const byText = new Map<string, number>();
  const known = new WeakMap<object, number>();
  const numberOfText = (text: string): number => {
    const number = byText.get(text) ?? byText.size;
    byText.set(text, number);
    return number;
  };
  /** Of what a value holds only the numbers are written, so that the texts together are as long as the value. */
  const shapeText = (value: readonly Json[] | JsonObject): string => {
    if (!isJsonObject(value)) return `[${value.map(numberOf).join(',')}]`;
    const keys = Object.keys(value);
    if (sameness === 'by-content') keys.sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${numberOf(value[key] ?? null)}`).join(',')}}`;
  };
  const numberOf = (value: Json): number => {
    if (typeof value !== 'object' || value === null) return numberOfText(JSON.stringify(value));
    const number = known.get(value) ?? numberOfText(shapeText(value));
    known.set(value, number);
    return number;
  };
  return numberOf;
};

interface JsonBounds {
  readonly maxDepth: number;
  /** Keys and list items. */
  readonly maxEntries: number;
}

/**
 * Looks through a JSON text once, before it is parsed: three hundred bytes of gzip can hold a hundred thousand values, each of which
 * costs more to make than to count. Answers which bound it goes beyond, if any; what is no JSON is left to the parser.
 */
export const exceededBound = (text: string, { maxDepth, maxEntries }: JsonBounds): keyof JsonBounds | null => {
  let depth = 0;
  let entries = 0;
  /** Behind a bracket that nothing has followed yet. */
  let isOpened = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === space || code === tab || code === newline || code === carriageReturn) continue;
    const isClosing = code === closingBrace || code === closingBracket;
    if (code === comma || (isOpened && !isClosing)) entries += 1;
    isOpened = code === brace || code === bracket;
    if (isOpened) depth += 1;
    else if (isClosing) depth -= 1;
    else if (code === quote) at = endOfText(text, at);
    if (depth > maxDepth) return 'maxDepth';
    if (entries > maxEntries) return 'maxEntries';
  }
  return null;
};

/** Where the quote stands that ends a text; the end of everything where there is none. */
const endOfText = (text: string, begin: number): number => {
  for (let at = text.indexOf('"', begin + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
};

const [space, tab, newline, carriageReturn] = [0x20, 0x09, 0x0a, 0x0d];
const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [brace, closingBrace, bracket, closingBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

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
  const source = texts.get(document);
  if (source === undefined) return JSON.stringify(value);
  const { marked, textOf } = withMarks(source, value);
  return textOf(marked);
};

/** As `exactText`, each key's value by itself: the document is looked through once for all of them. */
export const exactTexts = (value: JsonObject, document: JsonObject = value): ReadonlyMap<string, string> => {
  const source = texts.get(document);
  const { marked, textOf } =
    source === undefined ? { marked: value, textOf: JSON.stringify } : withMarks(source, value);
  return new Map(Object.entries(marked).map(([key, inner]) => [key, textOf(inner)]));
};

interface Marked {
  readonly marked: JsonObject;
  /** Of it, or of a part. */
  readonly textOf: (part: Json) => string;
}

/** Numbers travel as marked texts, under a mark that stands nowhere else. */
const withMarks = (source: string, value: JsonObject): Marked => {
  const mark = unusedMark([source, JSON.stringify(value)]);
  const original = JSON.parse(source.replace(tokens, (token) => (isMore(token) ? `"${mark}${token}"` : token))) as Json;
  const taking = { mark, numberOf: shapeNumbers('as-written') };
  const markedText = new RegExp(`"${mark}([^"]*)"`, 'g');
  return {
    marked: takenKeys({ marked: original, plain: asDoubles(original, mark) }, value, taking),
    textOf: (part) => JSON.stringify(part).replaceAll(markedText, '$1'),
  };
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
  return isJsonObject(value) ? takenKeys(original, value, taking) : value;
};

const takenKeys = ({ marked, plain }: Original, value: JsonObject, taking: Taking): JsonObject => {
  if (!isJsonObject(marked) || !isJsonObject(plain)) return value;
  return mapped(value, (inner, key) => taken(originalAt(marked, plain, key), inner, taking));
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
  return mapped(value, (inner) => asDoubles(inner, mark));
};

const isSameNumber = (original: Json | undefined, value: number, mark: string): original is string =>
  typeof original === 'string' && original.startsWith(mark) && Number(original.slice(mark.length)) === value;

/**
 * A position in a list, with what the list was asked by (`bound`): in a list of anything else it would be another. To be sealed as a
 * cursor; it does not run out. `bytes`: as long at least, where its length would tell.
 */
export const cursorText = (bound: string, position: readonly Json[], bytes = 0): string => {
  const text = JSON.stringify([bound, ...position]);
  return text + ' '.repeat(Math.max(0, bytes - Buffer.byteLength(text)));
};

/** The position in such a text; null: it is in another list. What a seal opens was sealed by us, so that its form is known. */
export const positionIn = (text: string | null, bound: string): readonly Json[] | null => {
  const [of, ...position] = text === null ? [] : (JSON.parse(text) as readonly Json[]);
  return of === bound ? position : null;
};
