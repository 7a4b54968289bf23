import { isPerSiteField, writeForSite, type ExtraDataChange, isSiteSpecific, partsOf } from './extra-data.ts';
import { sameJson, type Json, type JsonObject, exactText, entriesIn } from '../json.ts';
import { profileFields, type ProfileChange, type ProfileField } from '../people/oauth-profile.ts';
import type { Site } from '../sites/site.ts';
import { perSiteFields, type PerSiteField } from './user-fields.ts';
import type { UserRow, User } from './user.ts';
import { type FieldError, invalidValues, pointerToken } from '../fault.ts';

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

const kB = 1024;
/**
 * The OAuth server takes no body over 100 kB: no site may use up what all of them share. So keys are counted by share, as bytes are:
 * what one site has of its own is in no other's way. The fields that each site has of its own (`isPerSiteField`) are short, and count
 * nowhere, so that nothing hinders them. Entries are keys and list items at every depth, as no record of more than 20,000 is read
 * (identity/oauth-operation.ts): what remains of these is for the fields of each site and what the server says beside extraData.
 * Source: oauth-server.md §1.
 */
const limits = {
  own: { most: 8 * kB, words: 'would hold over 8 kB of this site' },
  plain: { most: 32 * kB, words: 'would hold over 32 kB of values that all sites share' },
  whole: { most: 90 * kB, words: 'would hold over 90 kB, those of other sites included' },
  ownKeys: { most: 200, words: 'would hold over 200 keys of this site' },
  plainKeys: { most: 200, words: 'would hold over 200 keys that all sites share' },
  ownEntries: { most: 600, words: 'would hold over 600 keys and list items of this site' },
  plainEntries: { most: 4000, words: 'would hold over 4000 keys and list items that all sites share' },
  wholeEntries: { most: 12_000, words: 'would hold over 12000 keys and list items, those of other sites included' },
} as const;
/** Bytes that a write of extraData holds at most: its body has other fields, too. */
const maxSent = 96 * kB;
type Measure = keyof typeof limits;

/** What is wrong with the size of a person's raw extraData after one site's write; what does not grow is never refused. */
export const extraDataLimitErrors = (
  before: JsonObject,
  after: JsonObject,
  siteId: number,
  measures: readonly Measure[] = Object.keys(limits) as Measure[],
): readonly FieldError[] => {
  const [was, is] = [measured(before, siteId), measured(after, siteId)];
  return measures
    .filter((measure) => is[measure] > limits[measure].most && is[measure] > was[measure])
    .slice(0, 1)
    .map((measure) => ({
      pointer: measure.endsWith('Entries') ? pointerOfGrown(measure, before, after, siteId) : '/extraData',
      detail: limits[measure].words,
    }));
};

/**
 * More new keys than a share may ever hold, or more keys and list items: refused at first sight, as each of the rules that come next
 * goes through all of them, before and after each wait. Source: neighbours.md "Cost".
 */
export const firstSightErrors = (
  { extraData }: Pick<UserRow, 'extraData'>,
  real: UserChange,
  { config }: Site,
): readonly FieldError[] => {
  const changed = Object.entries(real.extraData ?? {}).filter(([key]) => !isPerSiteField(key));
  const errors = (share: 'own' | 'plain'): readonly FieldError[] => {
    const [keys, entries] = [`${share}Keys`, `${share}Entries`] as const;
    const here = changed.filter(([key]) => isSiteSpecific(key, config) === (share === 'own'));
    const given = here.filter(([, value]) => value !== null);
    if (given.filter(([key]) => !Object.hasOwn(extraData, key)).length > limits[keys].most)
      return [{ pointer: '/extraData', detail: limits[keys].words }];
    const sizes = given.map(([key, value]) => ({ key, size: 1 + entriesIn(value) }));
    const before = here.map(([key]) => ownValue(extraData, key)).filter((value) => value !== undefined);
    const size = sum(sizes.map((one) => one.size));
    if (size <= limits[entries].most || size <= sum(before.map((value) => 1 + entriesIn(value)))) return [];
    const [largest] = sizes.toSorted((one, other) => other.size - one.size);
    return [{ pointer: `/extraData/${pointerToken(largest?.key ?? '')}`, detail: limits[entries].words }];
  };
  return [...errors('own'), ...errors('plain')];
};

/** What one site is told of, whatever others keep there. */
export const ownMeasures = ['own', 'ownKeys', 'ownEntries'] as const;

/** Whether there is no room for one site's write at the OAuth server, of which the site is told nothing. */
export const isTooFullFor = (before: JsonObject, after: JsonObject, siteId: number): boolean =>
  extraDataLimitErrors(before, after, siteId).length > 0 || sizeOf(after) > maxSent;

/**
 * What is wrong with the size of extraData in a row that holds more than the OAuth server would say: of somebody whom no server knows, or who was added by their
 * address and has not logged in. What it holds is measured as the server would hold it, so that it is refused in each alike, and
 * nobody lets a row grow without an end.
 */
export const rowLimitErrors = (user: User, real: UserChange, site: Site): readonly FieldError[] => {
  if (user.person !== null && !user.profileWithheld) return [];
  const held = (row: UserRow): JsonObject => writeForSite({}, site.id, site.config, siteValuesOf(row));
  return extraDataLimitErrors(held(user), held(changedRow(user, real)), site.id);
};

/** Characters of a row's extraData: whoever looks at it, or at a list, waits for them. The limits above stay below, whatever is escaped. */
const maxStored = 1024 * 1024;

/** The last bound, of the column, whoever writes it; what old databases hold may stay and become less. Fault `invalid-values`. */
export const mustBeReadable = (
  { extraData }: Pick<UserRow, 'extraData'>,
  before?: Pick<UserRow, 'extraData'>,
): void => {
  if (extraData === before?.extraData) return;
  const size = exactText(extraData, before?.extraData).length;
  if (size > maxStored && (before === undefined || size > exactText(before.extraData).length))
    throw invalidValues([{ pointer: '/extraData', detail: 'would hold over 1 MB' }]);
};

const measured = (raw: JsonObject, siteId: number): Readonly<Record<Measure, number>> => {
  const parts = Object.entries(raw)
    .filter(([key]) => !isPerSiteField(key))
    .map(([key, value]) => ({ key, value, ...partsOf(value) }));
  const own = parts.flatMap(({ key, entries }) =>
    entries.filter((entry) => Number(entry['siteId']) === siteId).map((entry) => ({ [key]: entry })),
  );
  const plain = parts.flatMap((part) => (part.plain === undefined ? [] : [{ [part.key]: part.plain }]));
  const whole: JsonObject = Object.fromEntries(parts.map(({ key, value }) => [key, value]));
  return {
    own: sum(own.map(sizeOf)),
    plain: sum(plain.map(sizeOf)),
    whole: sizeOf(whole),
    ownKeys: own.length,
    plainKeys: plain.length,
    // As the site sees them: two hundred keys of one value each are within every limit.
    ownEntries: sum(own.flatMap((part) => Object.values(part).map(({ value = null }) => 1 + entriesIn(value)))),
    plainEntries: sum(plain.map(entriesIn)),
    // As they stand.
    wholeEntries: entriesIn(whole),
  };
};

/** The key that got most of it: the one to write less of. */
const pointerOfGrown = (measure: Measure, before: JsonObject, after: JsonObject, siteId: number): string => {
  const had = new Map(Object.entries(before));
  const grownBy = ([key, value]: readonly [string, Json]): number =>
    measured({ [key]: value }, siteId)[measure] - measured({ [key]: had.get(key) ?? null }, siteId)[measure];
  const [most] = Object.entries(after)
    .map((entry) => ({ key: entry[0], by: grownBy(entry) }))
    .toSorted((one, other) => other.by - one.by);
  return `/extraData/${pointerToken(most?.key ?? '')}`;
};

/** Bytes as they are sent: the server's dialect writes three signs as entities. */
const sizeOf = (value: JsonObject): number => {
  const text = JSON.stringify(value);
  return new TextEncoder().encode(text).length + 4 * countOf(text, '&') + 3 * (countOf(text, '<') + countOf(text, '>'));
};

/** Without a list of what was found: a record may hold millions. */
const countOf = (text: string, sign: string): number => {
  let count = 0;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) count += 1;
  return count;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
