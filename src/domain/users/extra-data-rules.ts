import type { FieldError } from '../fault.ts';
import { isForbiddenKey, isPerSiteField, looksSiteSpecific, type ExtraDataChange } from './extra-data.ts';
import { pointerToken } from './invalid-values.ts';
import { inexact, isExactNumber, isJsonObject, sameJson, type Json, type JsonObject } from '../json/json.ts';
import type { ExtraDataKey, SiteConfig } from '../sites/site-config.ts';

/** What is wrong with a body's extraData, one entry per wrong key or number; `before`: what is there. Source: user-api.md §2 "Numbers", §4. */
export const extraDataErrors = (
  change: ExtraDataChange,
  config: SiteConfig,
  before: JsonObject = {},
): readonly FieldError[] =>
  Object.entries(change).flatMap(([key, value]) => {
    const pointer = `/extraData/${pointerToken(key)}`;
    const detail = wrong(key, value, config);
    if (detail !== null) return [{ pointer, detail }];
    return inexactAt(Object.hasOwn(before, key) ? before[key] : undefined, value, pointer);
  });

/** Numbers that would become others, but for those that stand there already. */
const inexactAt = (before: Json | undefined, value: Json, pointer: string): readonly FieldError[] => {
  if (typeof value === 'number') return isExactNumber(value) || before === value ? [] : [{ pointer, detail: inexact }];
  if (typeof value !== 'object' || value === null) return [];
  const old = typeof before === 'object' && before !== null ? new Map(Object.entries(before)) : new Map<string, Json>();
  return Object.entries(value).flatMap(([key, inner]: [string, Json]) =>
    inexactAt(old.get(key), inner, `${pointer}/${pointerToken(key)}`),
  );
};

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
    return `must be one of ${allowedText(values)}`;
  return type === null || fits(value, type) ? null : `must be of type ${type}`;
};

/** As many as a person reads. */
const allowedText = (values: readonly Json[]): string => {
  const text = JSON.stringify(values.slice(0, 20));
  return text.length <= 500 && values.length <= 20 ? text : `${text.slice(0, 500)}…`;
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
