import type { Json } from './json.ts';

/** `by-content`: as `sameJson` compares, where the order of keys does not count; `as-written`: where it does. */
type Sameness = 'by-content' | 'as-written';

/**
 * Numbers values so that two have the same number exactly where they are the same. Each part of a value is looked at once, however
 * often it or what it stands in is asked about: comparing at every level would cost the size times the depth.
 */
export const shapeNumbers = (sameness: Sameness): ((value: Json) => number) => {
  const byText = new Map<string, number>();
  const known = new WeakMap<object, number>();
  const numbered = (text: string): number => {
    const number = byText.get(text) ?? byText.size;
    byText.set(text, number);
    return number;
  };
  /** Of what a value holds only the numbers are written, so that the texts together are as long as the value. */
  const textOf = (value: object): string => {
    if (Array.isArray(value)) return `[${value.map(numberOf).join(',')}]`;
    const entries = Object.entries(value as Readonly<Record<string, Json>>);
    if (sameness === 'by-content') entries.sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${numberOf(inner)}`).join(',')}}`;
  };
  const numberOf = (value: Json): number => {
    if (typeof value !== 'object' || value === null) return numbered(JSON.stringify(value));
    const number = known.get(value) ?? numbered(textOf(value));
    known.set(value, number);
    return number;
  };
  return numberOf;
};
