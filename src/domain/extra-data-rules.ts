import type { FieldError } from './fault.ts';
import { isForbiddenKey, isPerSiteField, looksSiteSpecific, type ExtraDataChange } from './extra-data.ts';
import { isJsonObject, sameJson, type Json } from './json.ts';
import type { ExtraDataKey, SiteConfig } from './site-config.ts';

/** What is wrong with a body's extraData, one entry per wrong key. Source: user-api.md §4. */
export const extraDataErrors = (change: ExtraDataChange, config: SiteConfig): readonly FieldError[] =>
  Object.entries(change).flatMap(([key, value]) => {
    const detail = wrong(key, value, config);
    return detail === null ? [] : [{ pointer: `/extraData/${pointerToken(key)}`, detail }];
  });

/** One step of a JSON pointer (RFC 6901). */
export const pointerToken = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

const wrong = (key: string, value: Json, config: SiteConfig): string | null => {
  if (isForbiddenKey(key) || holdsForbiddenKey(value)) return 'is a key that JSON from elsewhere must not carry';
  if (isPerSiteField(key)) return 'is a field of the user: set it beside extraData, not inside';
  if (looksSiteSpecific(value))
    return 'must not hold an object with siteId: this call writes the value for its own site';
  const defined = config.users.extraData.get(key);
  if (defined === undefined) return config.users.extraDataMustBeDefined ? 'is not defined by this site' : null;
  return value === null ? null : unfit(value, defined);
};

const unfit = (value: Json, { values, type }: ExtraDataKey): string | null => {
  if (values !== null && !values.some((allowed) => sameJson(allowed, value)))
    return `must be one of ${JSON.stringify(values)}`;
  return type === null || fits(value, type) ? null : `must be of type ${type}`;
};

const fits = (value: Json, type: string): boolean => {
  switch (type) {
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    default:
      return true;
  }
};

const holdsForbiddenKey = (value: Json): boolean => {
  if (Array.isArray(value)) return value.some((item: Json) => holdsForbiddenKey(item));
  return (
    isJsonObject(value) && Object.entries(value).some(([key, inner]) => isForbiddenKey(key) || holdsForbiddenKey(inner))
  );
};
