import { errorForLog } from './log-error.ts';

/** Whether values under this name are masked. */
export type Mask = (name: string) => boolean;

/** Names that hold credentials or whole requests, whoever writes them. */
const alwaysMasked = [
  'authorization',
  'x-authorization',
  'authentication',
  'cookie',
  'set-cookie',
  'jwt',
  'query',
  'querystring',
  'search',
];
const looksSecret = /secret|password|token|api-?key|data_?key/i;
const isAddress = /^(?:url|href|path|location|originalurl|referer|referrer)$/i;

export const maskOf = (personalFields: readonly string[]): Mask => {
  const names = new Set([...personalFields, ...alwaysMasked].map((name) => name.toLowerCase()));
  // The number of our own persons row is what a log may name instead of the person.
  names.delete('personid');
  return (name) => names.has(name.toLowerCase()) || looksSecret.test(name);
};

/** The facts of one line, fit for the log at any depth. `req` and `res` are left to their serializers. */
export const masked = (facts: object, mask: Mask): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      name === 'req' || name === 'res' ? value : safe(name, value, mask, 0),
    ]),
  );

/** Deeper than any fact that we write; what is deeper was logged by mistake. */
const deepest = 6;

const safe = (name: string, value: unknown, mask: Mask, depth: number): unknown => {
  if (value === null || value === undefined) return value;
  if (mask(name)) return '[masked]';
  if (typeof value === 'string') return isAddress.test(name) ? withoutQuery(value) : value;
  if (typeof value !== 'object') return typeof value === 'function' ? undefined : value;
  if (value instanceof Date) return value;
  if (isError(value)) return errorForLog(value);
  if (depth >= deepest) return '[deep]';
  if (Array.isArray(value)) return value.map((item: unknown) => safe(name, item, mask, depth + 1));
  // An instance of a class (a row, a response, a buffer) holds more than whoever logged it thought of.
  if (!isPlain(value)) return `[${value.constructor.name}]`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, safe(key, inner, mask, depth + 1)]));
};

/** Query strings hold tokens and addresses. */
export const withoutQuery = (address: string): string => address.split(/[?#]/, 1)[0] ?? '';

const isError = (value: object): boolean =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};
