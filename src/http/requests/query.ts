import { malformed } from './malformed.ts';

export type Query = Readonly<Record<string, string>>;

/** The query of an address, each key once. Fault `malformed-request` naming a key that is repeated. Source: user-api.md §5. */
export const queryOf = (address: string): Query => {
  const start = address.indexOf('?');
  const entries = start === -1 ? [] : [...new URLSearchParams(address.slice(start + 1))];
  const seen = new Set<string>();
  for (const [key] of entries) {
    if (seen.has(key)) throw malformed(key.slice(0, 64), 'is given more than once');
    seen.add(key);
  }
  return Object.fromEntries(entries);
};

/** The address with some parameters set or (null) left out, for links to other pages. */
export const withQuery = (
  path: string,
  query: Query,
  change: Readonly<Record<string, string | number | null>>,
): string => {
  const parameters = new URLSearchParams(query);
  for (const [key, value] of Object.entries(change)) {
    if (value === null) parameters.delete(key);
    else parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
};
