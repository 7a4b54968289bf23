import { isPerSiteField, writeForSite, type ExtraDataChange } from './extra-data.ts';
import { sameJson, type Json, type JsonObject } from '../json/json.ts';
import { profileFields, type ProfileChange, type ProfileField } from '../people/oauth-profile.ts';
import type { Site } from '../sites/site.ts';
import { perSiteFields, type PerSiteField } from './user-fields.ts';
import type { UserRow } from './user.ts';

/** What a body asks for, already of the right shape: absent leaves, null clears. */
export type UserChange = Readonly<Partial<Pick<UserRow, ProfileField | PerSiteField | 'role'>>> & {
  readonly extraData?: ExtraDataChange;
  /** Beside another `postcode` only: until the row tells which of the two is meant (`onePostcode`). */
  readonly zipCode?: string | null;
};

/**
 * The change with one postcode: whoever sends a whole record back changed one of its two names. Source: user-api.md §2.
 */
export const onePostcode = (row: UserRow, { zipCode, ...change }: UserChange): UserChange => {
  if (zipCode === undefined) return change;
  const { postcode = row.postcode } = change;
  return { ...change, postcode: postcode === row.postcode && zipCode !== row.zipCode ? zipCode : postcode };
};

/**
 * What of a change would really change the row; extraData key by key, an absent key being the same as null. A field that was
 * named inside extraData counts whatever its value: who clears it there must hear that this is not the place.
 */
export const realChange = (row: UserRow, change: UserChange): UserChange => {
  const { extraData, ...fields } = change;
  const changed = Object.fromEntries(
    Object.entries(fields).filter(([field, value]) => value !== row[field as keyof typeof fields]),
  );
  const keys = Object.entries(extraData ?? {}).filter(
    ([key, value]) => isPerSiteField(key) || !sameJson(ownValue(row.extraData, key) ?? null, value),
  );
  return { ...changed, ...(keys.length === 0 ? {} : { extraData: Object.fromEntries(keys) }) };
};

export const isEmptyChange = (change: UserChange): boolean => Object.keys(change).length === 0;

/** The part of a change that lives in the OAuth server's plain columns and extraData, merged into what stands there. */
export const profileChangeOf = (change: UserChange, raw: JsonObject, site: Site): ProfileChange => {
  const plain = Object.fromEntries(
    profileFields.filter((field) => change[field] !== undefined).map((field) => [field, change[field]]),
  );
  const siteValues = siteValuesOf(change);
  if (Object.keys(siteValues).length === 0) return plain;
  return { ...plain, extraData: writeForSite(raw, site.id, site.config, siteValues) };
};

/** Everything of a change that is kept inside the OAuth server's extraData: the five fields and the keys. */
export const siteValuesOf = (change: UserChange): ExtraDataChange => ({
  ...change.extraData,
  ...Object.fromEntries(
    perSiteFields
      .filter((field) => change[field] !== undefined)
      .map((field) => [field, change[field] ?? null] as const),
  ),
});

/** The row with a change in it, for rows that are their own truth and for rows that hold what a body gave. */
export const changedRow = (row: UserRow, change: UserChange): UserRow => {
  const { extraData, ...fields } = change;
  const merged = Object.entries({ ...row.extraData, ...extraData }).filter(([, value]) => value !== null);
  const postcode = change.postcode === undefined ? row.postcode : change.postcode;
  return { ...row, ...fields, postcode, zipCode: postcode, extraData: Object.fromEntries(merged) };
};

/** Only what the object itself holds: `constructor` is no key of `{}`. */
const ownValue = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
