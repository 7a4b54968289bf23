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
    level = level.flatMap((nest): readonly Json[] => Object.values(nest ?? {}) as readonly Json[]).filter(isNest);
  }
  return false;
};
const isNest = (value: Json): boolean => typeof value === 'object' && value !== null;

/** How many keys and list items one body brings, and one document of ours holds, at most. Source: user-api.md §5. */
export const maxEntries = 10_000;
/** How deep a body goes: its own braces are the first level. */
export const maxDepth = 32;

/** How many keys and list items a value holds, however deep. */
export const entriesIn = (value: Json): number => {
  let count = 0;
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    for (const inner of Object.values(next) as readonly Json[]) {
      count += 1;
      waiting.push(inner);
    }
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
