import { exceededBound } from '../domain/json.ts';

/** What a record of a person or a list of roles never comes near. */
const bounds = { maxDepth: 500, maxEntries: 20_000 };

/** Parsed, or undefined: no JSON, or more keys, list items or levels of it than are read. */
export const jsonOf = (text: string): unknown => {
  if (!isBounded(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

export const isBounded = (text: string): boolean => exceededBound(text, bounds) === null;
