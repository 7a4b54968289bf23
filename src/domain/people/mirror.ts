import { isPerSiteFieldSaid, ownOfSite, readForSite, readPerSiteField, writeForSite } from '../users/extra-data.ts';
import { isJsonObject, isNestedDeeper, sameJson, type Json, type JsonObject } from '../json.ts';
import { profileFields, type Profile } from './oauth-profile.ts';
import { readText } from '../users/personal-text.ts';
import { isRole } from '../actor.ts';
import type { Site } from '../sites/site.ts';
import { perSiteFields, ruleOf, userFieldNames, type UserField } from '../users/user-fields.ts';
import { type User, type UserRow, isFoundAnonymized, namesAnotherPerson } from '../users/user.ts';

/**
 * A row as the OAuth server's profile says it should be: the cache rule. What the profile does not say stays. A value that our
 * column cannot hold is cut (text) or left out, and never fails. `absent`: what it is that one of the five per-site fields is not in
 * extraData at all. Source: oauth-server.md §1 and §3.
 */
export const mirrored = (
  user: User,
  profile: Profile,
  site: Site | null,
  clientId: string | null,
  absent: 'means-nothing' | 'is-not-said' = 'means-nothing',
): UserRow => {
  const row = rowOf(user);
  // An OpenStad API beside us took the row from this person: what it cleared is not written back.
  if (isFoundAnonymized(row, user.person) || namesAnotherPerson(row, user.person)) return row;
  // Somebody was added here by their address: nothing of their profile shows until they log in themselves.
  if (row.profileWithheld) return { ...row, ...ownValues(row, profile.extraData, site) };
  const plain = Object.fromEntries(
    profileFields
      .filter((field) => profile[field] !== undefined)
      .map((field) => [field, fitting(field, profile[field] ?? null)]),
  );
  const next: UserRow = { ...row, ...plain };
  return {
    ...next,
    zipCode: next.postcode,
    ...siteValues(profile.extraData, site),
    ...(absent === 'is-not-said' ? unsaidFields(row, profile.extraData, site) : {}),
    ...roleOf(next, profile, clientId),
  };
};

/** The columns alone, without the human behind them. */
const rowOf = (user: User): UserRow =>
  Object.fromEntries(userFieldNames.map((field) => [field, user[field]])) as unknown as UserRow;

/** The columns in which two forms of a row differ. */
export const changedColumns = (before: UserRow, after: UserRow): readonly UserField[] =>
  userFieldNames.filter((field) => !same(before[field], after[field]));

const same = (one: UserRow[UserField], other: UserRow[UserField]): boolean => {
  if (one instanceof Date || other instanceof Date)
    return one instanceof Date && other instanceof Date && one.getTime() === other.getTime();
  return sameJson(one, other);
};

/** Of the five per-site fields those that the server has never heard of for this site, as the row has them. */
const unsaidFields = (row: UserRow, raw: JsonObject | undefined, site: Site | null): Partial<UserRow> =>
  raw === undefined || site === null
    ? {}
    : Object.fromEntries(
        perSiteFields.filter((field) => !isPerSiteFieldSaid(raw, site.id, field)).map((field) => [field, row[field]]),
      );

/**
 * extraData with what rows hold and the server has never heard of, each for its row's site; where a person has several rows at a
 * site, the one that login uses speaks. `canHold`: whether the server takes a text at all. Source: oauth-server.md §3.
 */
export const withUnsaid = (
  raw: JsonObject,
  rows: readonly User[],
  siteOf: (siteId: number | null) => Site | null,
  canHold: (text: string) => boolean,
): JsonObject => {
  const speaking = rows.filter(({ deletedAt, profileWithheld }) => deletedAt === null && !profileWithheld);
  return [...speaking]
    .sort((one, other) => one.slot - other.slot)
    .reduce((so, row) => {
      const site = siteOf(row.siteId);
      if (site === null) return so;
      const unsaid = Object.entries(unsaidFields(row, so, site)).filter(
        (entry): entry is [string, string | boolean] => typeof entry[1] === 'boolean' || isHeld(entry[1], canHold),
      );
      return writeForSite(so, site.id, site.config, Object.fromEntries(unsaid));
    }, raw);
};
const isHeld = (value: unknown, canHold: (text: string) => boolean): boolean =>
  typeof value === 'string' && canHold(value);

const siteValues = (raw: JsonObject | undefined, site: Site | null): Partial<UserRow> =>
  raw === undefined || site === null
    ? {}
    : {
        extraData: Object.fromEntries(Object.entries(readForSite(raw, site.id, site.config)).filter(storable())),
        ...perSiteValues(raw, site),
      };

const perSiteValues = (raw: JsonObject, site: Site): Pick<UserRow, (typeof perSiteFields)[number]> => {
  const gender = readPerSiteField(raw, site.id, 'gender');
  const nickName = readPerSiteField(raw, site.id, 'nickName');
  const newsletter = readPerSiteField(raw, site.id, 'signedUpForNewsletter');
  return {
    nickName: typeof nickName === 'string' ? fitting('nickName', nickName) : null,
    gender: gender === 'male' || gender === 'female' ? gender : null,
    signedUpForNewsletter: typeof newsletter === 'boolean' ? newsletter : null,
    listableByRole: roleValue(readPerSiteField(raw, site.id, 'listableByRole')),
    detailsViewableByRole: roleValue(readPerSiteField(raw, site.id, 'detailsViewableByRole')),
  };
};

/** What this site itself said of somebody who has not logged in: never a plain value, which is the person's at every site. */
const ownValues = (row: UserRow, raw: JsonObject | undefined, site: Site | null): Partial<UserRow> => {
  if (raw === undefined || site === null) return {};
  const own = ownOfSite(raw, site.id, site.config);
  const { extraData, ...fields } = siteValues(own, site);
  const said = Object.entries(fields).filter(([field]) => Object.hasOwn(own, field));
  return { ...Object.fromEntries(said), extraData: { ...row.extraData, ...extraData } };
};

/** MariaDB takes JSON of 31 levels, and extraData itself is one; a body of ours (32) holds no deeper value either. */
const deepestValue = 30;
/** MySQL and MariaDB refuse JSON with half a character in it, which `JSON.stringify` writes as `\ud83d`. */
const halfCharacter = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;
/** Characters of a site's view of extraData: more than the server takes in a write (100 kB) came to be there by other ways. */
const maxView = 128 * 1024;

/** For each entry in turn whether our column can hold it beside those before. */
const storable = (): ((entry: readonly [string, Json]) => boolean) => {
  let left = maxView;
  return (entry) => {
    const size = sizeOf(entry, left);
    if (size > left || isNestedDeeper(entry[1], deepestValue) || halfCharacter.test(JSON.stringify(entry)))
      return false;
    left -= size;
    return true;
  };
};

/** The characters of all texts in it and some for each value; counts no further than `enough`. Without recursion. */
const sizeOf = (value: Json, enough: number): number => {
  let size = 0;
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined && size <= enough; next = waiting.pop()) {
    size += typeof next === 'string' ? next.length : 8;
    if (isJsonObject(next)) for (const [key, inner] of Object.entries(next)) waiting.push(key, inner);
    else if (Array.isArray(next)) for (const inner of next as readonly Json[]) waiting.push(inner);
  }
  return size;
};

const roleValue = (value: Json | undefined): UserRow['listableByRole'] => (isRole(value) ? value : null);

/** Which values of a profile, as this site sees it, our columns cannot hold: they are cut, or left out. Source: oauth-server.md §1. */
export const unfitting = (profile: Profile, site: Site | null): readonly UserField[] => {
  const plain = profileFields.filter((field) => {
    const value = profile[field];
    return typeof value === 'string' && !isWhole(field, value);
  });
  const { extraData } = profile;
  if (extraData === undefined || site === null) return plain;
  const seen = perSiteValues(extraData, site);
  const own = perSiteFields.filter((field) => {
    const value = readPerSiteField(extraData, site.id, field) ?? null;
    if (typeof value === 'string' && field === 'nickName') return !isWhole(field, value);
    return value !== null && value !== '' && seen[field] !== value;
  });
  const isLeftOut = !Object.entries(readForSite(extraData, site.id, site.config)).every(storable());
  return [...plain, ...own, ...(isLeftOut ? (['extraData'] as const) : [])];
};

/** A role counts only for rows whose site uses its client; there an absent one means member or anonymous. */
const roleOf = (row: UserRow, profile: Profile, clientId: string | null): Partial<UserRow> => {
  if (clientId === null || profile.roles === undefined || !Object.hasOwn(profile.roles, clientId)) return {};
  return { role: profile.roles[clientId] ?? (row.email !== null || row.phoneNumber !== null ? 'member' : 'anonymous') };
};

/** How often a column's length is looked at of a text: marks and tags are long, and a name of megabytes held the loop for a second. */
const lookedAt = 64;

/** A text as every text is read (personal-text.ts), and cut to our column's length: in characters, never through the middle of one. */
const fitting = (field: UserField, value: string | null): string | null => {
  const { shape } = ruleOf(field);
  if (value === null || value === '' || !('maxLength' in shape)) return value === '' ? null : value;
  const beginning = value.trimStart().slice(0, lookedAt * shape.maxLength);
  if (shape.kind === 'email' && beginning.length < value.trim().length) return null;
  const text = readText(shape.kind, beginning).value;
  if (text === null || text.length <= shape.maxLength) return text;
  const characters = Array.from(text);
  if (characters.length <= shape.maxLength) return text;
  // Half an address is somebody else's address.
  return shape.kind === 'email' ? null : characters.slice(0, shape.maxLength).join('').trimEnd();
};

/** White space at the ends is nothing that anybody would miss. */
const isWhole = (field: UserField, value: string): boolean => (fitting(field, value) ?? '') === value.trim();
