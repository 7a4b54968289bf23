import { malformed } from './malformed.ts';

/** What `If-Match` or `If-None-Match` lists: anything at all, or these tags (quotes and `W/` taken off). */
export type EntityTags = '*' | readonly string[];

/** One element of the list with its comma; it may be empty. Source: RFC 9110 §5.6.1.2, §8.8.3. */
const element = /\s*(?:(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*)?(?:,|$)/y;

/** Fault `malformed-request` naming the header. Undefined: not said. */
const entityTagsOf = (header: string, value: string | undefined): EntityTags | undefined => {
  if (value === undefined) return undefined;
  if (value.trim() === '*') return '*';
  const tags: string[] = [];
  for (element.lastIndex = 0; element.lastIndex < value.length;) {
    const found = value.length > 8192 ? null : element.exec(value);
    if (found === null) throw malformed(header, 'is no list of entity tags');
    if (found[1] !== undefined) tags.push(found[1]);
  }
  // Nothing listed is nothing said, which no caller means.
  if (tags.length === 0) throw malformed(header, 'is no list of entity tags');
  return tags;
};

interface Conditions {
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
}

/**
 * The conditions of a request. One that would be overlooked is refused wherever something is done, as then what was not wanted would
 * be: `If-Match` where the call is not `conditional`, `If-None-Match`, and a date, which says less than a tag (beside one it is
 * for nobody). Fault `malformed-request` naming the header.
 */
export const conditionsIn = (
  { method, conditional = false }: { readonly method: string; readonly conditional?: boolean },
  header: (name: string) => string | undefined,
): Conditions => {
  const ifMatch = entityTagsOf('If-Match', header('if-match'));
  const ifNoneMatch = entityTagsOf('If-None-Match', header('if-none-match'));
  if (method === 'get') return { ifMatch, ifNoneMatch };
  if (ifMatch !== undefined && !conditional) throw malformed('If-Match', 'is not supported by this call');
  if (ifNoneMatch !== undefined) throw malformed('If-None-Match', 'is not supported by this call');
  if (header('if-unmodified-since') !== undefined && ifMatch === undefined)
    throw malformed(
      'If-Unmodified-Since',
      conditional
        ? 'is not supported: send If-Match with the ETag that you read'
        : 'is not supported, nor is If-Match here',
    );
  return { ifMatch, ifNoneMatch };
};

/** Whether a tag (without quotes) is among them. Weak ones count, as proxies weaken what they compress; others mark the tag. */
export const isAmongTags = (tags: EntityTags, tag: string): boolean =>
  tags === '*' || tags.some((given) => given === tag || given.replace(compressed, '') === tag);

const compressed = /[-;](?:gzip|br)$/;

/** Fault `malformed-request` for what is no key: 1 to 255 visible characters. Undefined: not said. */
export const repeatKeyOf = (value: string | undefined): string | undefined => {
  if (value === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(value)) throw malformed('Idempotency-Key', 'must be 1 to 255 visible characters');
  return value;
};
