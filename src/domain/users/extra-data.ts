import { isJsonObject, type Json, type JsonObject, inexact, isExactNumber, sameJson } from '../json.ts';
import { siteSpecificByDefault, type SiteConfig, type ExtraDataKey } from '../sites/site.ts';
import { perSiteFields, type PerSiteField } from './user-fields.ts';
import { type FieldError, pointerToken } from '../fault.ts';

/**
 * Site-specific values inside the OAuth server's extraData. There a value is plain, or a list of at most one plain value and
 * any number of `{value, siteId}`. Pure; arguments are never edited. Source: user-api.md §4.
 */

/** One key at the OAuth server, taken apart. */
interface Parts {
  readonly plain: Json | undefined;
  /** `{value, siteId}` in their order and as they stand: what we do not touch is written back as it was. */
  readonly entries: readonly JsonObject[];
}

/** Writes of one site: a value sets, null removes; absent keys are not touched. */
export type ExtraDataChange = JsonObject;

/** What a site sees: its own value, else the plain one; for keys that are not site-specific here, the plain one only. */
export const readForSite = (raw: JsonObject, siteId: number, config: SiteConfig): JsonObject =>
  Object.fromEntries(
    Object.keys(raw)
      .filter((key) => !isPerSiteField(key) && !isForbiddenKey(key))
      .map((key) => [key, readKey(raw[key], siteId, isSiteSpecific(key, config))] as const)
      .filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );

/** The values that a site has of its own, as they stand, and nothing that it would see of the plain ones. */
export const ownOfSite = (raw: JsonObject, siteId: number, config: SiteConfig): JsonObject =>
  Object.fromEntries(
    Object.entries(raw).flatMap(([key, value]) => {
      const own = isSiteSpecific(key, config) ? partsOf(value).entries.find(of(siteId)) : undefined;
      return own === undefined ? [] : [[key, own] as const];
    }),
  );

/** One of the five fields that always are site-specific. */
export const readPerSiteField = (raw: JsonObject, siteId: number, field: PerSiteField): Json | undefined =>
  readKey(Object.hasOwn(raw, field) ? raw[field] : undefined, siteId, true);

/** Whether the server has ever heard of one of the five fields for this site; an explicit nothing is a word, too. */
export const isPerSiteFieldSaid = (raw: JsonObject, siteId: number, field: PerSiteField): boolean => {
  if (!Object.hasOwn(raw, field)) return false;
  const { plain, entries } = partsOf(raw[field]);
  return raw[field] === null || plain !== undefined || entries.some(of(siteId));
};

/** The whole extraData with one site's writes in it; nobody else's reading changes. */
export const writeForSite = (
  raw: JsonObject,
  siteId: number,
  config: SiteConfig,
  change: ExtraDataChange,
): JsonObject =>
  rebuilt(raw, Object.keys(change), (key, parts) => {
    const value = change[key] ?? undefined;
    return isSiteSpecific(key, config) ? withOwn(parts, siteId, value) : { ...parts, plain: value };
  });

/** The whole extraData without any value of these sites; plain values stay. */
export const withoutSites = (raw: JsonObject, siteIds: readonly number[]): JsonObject => {
  const gone = new Set(siteIds);
  const isGone = (entry: JsonObject): boolean => gone.has(Number(entry['siteId']));
  return rebuilt(
    raw,
    Object.keys(raw).filter((key) => partsOf(raw[key]).entries.some(isGone)),
    (_key, { plain, entries }) => ({ plain, entries: entries.filter((entry) => !isGone(entry)) }),
  );
};

export const isSiteSpecific = (key: string, config: SiteConfig): boolean =>
  isPerSiteField(key) || (config.users.extraData.get(key)?.siteSpecific ?? siteSpecificByDefault.includes(key));

export const isPerSiteField = (key: string): key is PerSiteField => perSiteFields.some((field) => field === key);

/** Names that JavaScript gives a meaning of its own. */
export const isForbiddenKey = (key: string): boolean =>
  key === '__proto__' || key === 'constructor' || key === 'prototype';

/** Whether a value would be read as somebody's site value: it is, or holds at the top level of a list, an object with `siteId`. */
export const looksSiteSpecific = (value: Json): boolean =>
  isEntry(value) || (Array.isArray(value) && value.some(isEntry));

const isEntry = (value: Json): boolean => isJsonObject(value) && Object.hasOwn(value, 'siteId');

/** A key's value, taken apart. */
export const partsOf = (value: Json | undefined): Parts => {
  if (value === undefined || value === null) return { plain: undefined, entries: [] };
  if (isEntry(value)) return partsOf([value]);
  if (!Array.isArray(value)) return { plain: value, entries: [] };
  const list = value as readonly Json[];
  const entries = list.filter((item): item is JsonObject => isEntry(item));
  // An ordinary list is an ordinary value.
  if (entries.length === 0) return { plain: list, entries };
  return { plain: list.find((item) => !isEntry(item) && item !== null), entries };
};

const of =
  (siteId: number) =>
  (entry: JsonObject): boolean =>
    Number(entry['siteId']) === siteId;

const assembled = ({ plain, entries }: Parts): Json | undefined => {
  if (entries.length === 0) return plain;
  return plain === undefined ? entries : [plain, ...entries];
};

/** The first entry of a site counts, as a reader that looks for it from the start would find it. */
const readKey = (value: Json | undefined, siteId: number, siteSpecific: boolean): Json | undefined => {
  const { plain, entries } = partsOf(value);
  return (siteSpecific ? entries.find(of(siteId))?.['value'] : undefined) ?? plain;
};

/** Puts a site's value where its first one stood, else last; undefined removes. */
const withOwn = ({ plain, entries }: Parts, siteId: number, value: Json | undefined): Parts => {
  const others = entries.filter((entry) => !of(siteId)(entry));
  if (value === undefined) return { plain, entries: others };
  const at = entries.findIndex(of(siteId));
  return { plain, entries: others.toSpliced(at < 0 ? others.length : at, 0, { value, siteId }) };
};

/** The object with some keys made anew; a key of which nothing is left goes. */
const rebuilt = (raw: JsonObject, keys: readonly string[], make: (key: string, parts: Parts) => Parts): JsonObject => {
  const made = new Map(Object.entries(raw));
  for (const key of keys) {
    const value = assembled(make(key, partsOf(made.get(key))));
    if (value === undefined) made.delete(key);
    else made.set(key, value);
  }
  return Object.fromEntries(made);
};

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
