import { isJsonObject, type Json } from './json.ts';

/** The value that a JSON pointer (RFC 6901) names; undefined where there is none. */
export const valueAt = (root: Json, pointer: string): Json | undefined =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Json | undefined>((value, key) => {
      if (Array.isArray(value)) return (value as readonly Json[])[Number(key)];
      return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    }, root);
