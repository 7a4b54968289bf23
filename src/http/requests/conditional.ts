import { malformed } from './malformed.ts';

/** What `If-Match` or `If-None-Match` lists: anything at all, or these tags (quotes and `W/` taken off). */
export type EntityTags = '*' | readonly string[];

const list = /^\s*(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*|$))+$/;

/** Fault `malformed-request` naming the header. Undefined: not said. */
export const entityTagsOf = (header: string, value: string | undefined): EntityTags | undefined => {
  if (value === undefined) return undefined;
  if (value.trim() === '*') return '*';
  if (value.length > 8192 || !list.test(value)) throw malformed(header, 'is no list of entity tags');
  return [...value.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
};

/** Whether a tag (without quotes) is among them. Weak ones count: proxies weaken what they compress. */
export const isAmongTags = (tags: EntityTags, tag: string): boolean => tags === '*' || tags.includes(tag);

/** Fault `malformed-request` for what is no key: 1 to 255 visible characters. Undefined: not said. */
export const repeatKeyOf = (value: string | undefined): string | undefined => {
  if (value === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(value)) throw malformed('Idempotency-Key', 'must be 1 to 255 visible characters');
  return value;
};
