import { owns, roleAt, roles, visitor, type Actor, atLeast, type Role } from '../actor.ts';
import type { JsonObject } from '../json.ts';
import type { Site, KeyAudience, SiteConfig } from '../sites/site.ts';
import {
  derivedFields,
  derivedViewers,
  ruleOf,
  userFieldNames,
  type DerivedField,
  type UserField,
  type Viewers,
} from './user-fields.ts';
import type { User, UserRow } from './user.ts';
import { isBlank } from './personal-text.ts';

/**
 * Tells everything that this actor may see of a user, name by name: a field that is not theirs to see is not told. `site` is the
 * row's own; null where it is gone. `as`: what the row becomes is told instead; who sees a value sees what replaces it.
 * Source: user-api.md §2.
 */
export const tellVisible = (
  actor: Actor,
  user: User,
  site: Site | null,
  tell: (name: string, value: unknown) => void,
  as: User = user,
): void => {
  const seen = shownIn(viewpointAt(actor, user, site));
  for (const field of seen.fields) tell(field, valueOf(field, actor, as, site));
  const shown = shownName(as, site);
  for (const name of seen.derived) tell(name, derivedValues[name](as, shown));
};

/** The display name at the row's site; where that is gone it says nothing of names. */
export const shownName = (user: User, site: Site | null): string | null =>
  site === null ? fullName(user) : displayName(user, site.config);

/**
 * Whether everybody sees that a row became another. Else its `updatedAt` stays where it is on the person's other rows: it is shown to
 * all, and would tell which rows, at whatever site, are one person's.
 */
export const isSeenByAll = (before: User, after: UserRow, site: Site | null): boolean =>
  seenByAll(before, site) !== seenByAll({ ...after, person: before.person }, site);

const seenByAll = (user: User, site: Site | null): string => {
  const seen: unknown[] = [];
  tellVisible(visitor, user, site, (name, value) => {
    if (name !== 'updatedAt') seen.push([name, value]);
  });
  return JSON.stringify(seen);
};

/** Of which rows of a site something is seen. `of-details`: of those whose details are; `key-by-key`: `mayViewKey` says. */
type RowsSeen = 'every-row' | 'of-details' | 'key-by-key' | 'no-row';

/** THE decision on fields: what each kind of viewers comes to for an admin of the site, and for everybody else. */
const decided = {
  everybody: { admin: 'every-row', others: 'every-row' },
  details: { admin: 'every-row', others: 'of-details' },
  admin: { admin: 'every-row', others: 'no-row' },
  'by-key': { admin: 'key-by-key', others: 'key-by-key' },
  nobody: { admin: 'no-row', others: 'no-row' },
} as const satisfies Readonly<Record<Viewers, Readonly<Record<'admin' | 'others', RowsSeen>>>>;

/** `decided` for an actor of this role at the site. Answers, filters, sort, export and OpenAPI ask this, and SQL is written by it. */
export const rowsSeen = (field: UserField, role: Role): RowsSeen => rowsSeenBy(ruleOf(field).view, role === 'admin');
const rowsSeenBy = (viewers: Viewers, isAdmin: boolean): RowsSeen => decided[viewers][isAdmin ? 'admin' : 'others'];

/** What somebody sees, be it an admin. */
export const shownFields: readonly UserField[] = userFieldNames.filter(
  (field) => rowsSeen(field, 'admin') !== 'no-row',
);

/** Elsewhere it is absent, and nobody sets it or asks by it. A site that is gone does not say, and hides nothing. */
export const isFieldAt = (site: Site | null, field: UserField): boolean =>
  isThereWith(site === null || site.config.users.allowUseOfNicknames, field);
const isThereWith = (nickNames: boolean, field: UserField): boolean => field !== 'nickName' || nickNames;

/** What of a row tells who sees what of it. */
type RowInView = Pick<UserRow, 'id' | 'siteId' | 'personId' | 'detailsViewableByRole'>;

/** Moderators and above (or the role that the user chose instead) and the owner. `role`: the actor's at the row's site. */
export const seesDetails = (actor: Actor, user: RowInView, role: Role = roleAt(actor, user.siteId)): boolean =>
  owns(actor, user) || isAmongViewers(role, user.detailsViewableByRole);

/** Of a row's `listableByRole` and `detailsViewableByRole`; null, where nothing is said: moderators and above. */
const isAmongViewers = (role: Role, said: Role | null): boolean => atLeast(role, said ?? 'moderator');

/** Which values of those two columns let in an actor of this role, for SQL. */
export const saidFor = (role: Role): readonly (Role | null)[] =>
  [...roles, null].filter((said) => isAmongViewers(role, said));

export const mayView = (actor: Actor, field: UserField, user: RowInView, site: Site | null): boolean =>
  isFieldSeen(field, viewpointAt(actor, user, site));

/** Whether a list for somebody of this role goes by the value in this row; else, as in SQL, by null. */
export const isListedBy = (
  field: UserField,
  { actor, role }: { readonly actor: Actor; readonly role: Role },
  user: User,
): boolean => isFieldSeen(field, viewpointOf(role, seesDetails(actor, user, role), null));

/** Nothing can be probed: by details ask moderators, and rows whose details they do not see count as null. Source: user-api.md §2. */
export const mayQuery = (actor: Actor, field: UserField, site: Site): boolean => {
  const role = roleAt(actor, site.id);
  const seen = rowsSeen(field, role);
  const isTheirs = seen === 'every-row' || (seen === 'of-details' && atLeast(role, 'moderator'));
  return isTheirs && ruleOf(field).query && isFieldAt(site, field);
};

/** All that decides which fields somebody sees of a row, and nothing else may: what is found out for one viewpoint is kept for its like. */
interface Viewpoint {
  readonly details: boolean;
  readonly isAdmin: boolean;
  readonly hasSite: boolean;
  readonly hasNickNames: boolean;
}
const viewpointBits = Object.entries({
  details: 1,
  isAdmin: 2,
  hasSite: 4,
  hasNickNames: 8,
} satisfies Readonly<Record<keyof Viewpoint, number>>) as readonly (readonly [keyof Viewpoint, number])[];

const viewpointOf = (role: Role, details: boolean, site: Site | null): Viewpoint => ({
  details,
  isAdmin: role === 'admin',
  hasSite: site !== null,
  hasNickNames: isFieldAt(site, 'nickName'),
});
const viewpointAt = (actor: Actor, user: RowInView, site: Site | null): Viewpoint => {
  const role = roleAt(actor, user.siteId);
  return viewpointOf(role, seesDetails(actor, user, role), site);
};

const isFieldSeen = (field: UserField, viewpoint: Viewpoint): boolean =>
  isSeen(ruleOf(field).view, viewpoint) && isThereWith(viewpoint.hasNickNames, field);

const isSeen = (viewers: Viewers, { details, isAdmin, hasSite }: Viewpoint): boolean => {
  switch (rowsSeenBy(viewers, isAdmin)) {
    case 'every-row':
      return true;
    case 'of-details':
      return details;
    case 'key-by-key':
      return hasSite;
    case 'no-row':
      return false;
  }
};

interface Shown {
  readonly fields: readonly UserField[];
  readonly derived: readonly DerivedField[];
}

/** Found out once for each way to look at a row: there are sixteen, and lists ask for everybody in them. */
const shownIn = (viewpoint: Viewpoint): Shown => {
  let way = 0;
  for (const [part, bit] of viewpointBits) if (viewpoint[part]) way += bit;
  return (shownByWay[way] ??= {
    fields: userFieldNames.filter((field) => isFieldSeen(field, viewpoint)),
    derived: derivedFields.filter((name) => isSeen(derivedViewers[name], viewpoint)),
  });
};
const shownByWay: (Shown | undefined)[] = [];

/** Keys that the site's config declares: its audience, or everybody; other keys: moderators and the owner. */
export const mayViewKey = (actor: Actor, key: string, user: User, site: Site): boolean => {
  const defined = site.config.users.extraData.get(key);
  if (defined === undefined) return seesDetails(actor, user);
  return defined.viewableBy === null || isAmong(actor, user, defined.viewableBy);
};

export const isAmong = (actor: Actor, user: User, audience: readonly KeyAudience[]): boolean =>
  audience.some((who) => (who === 'owner' ? owns(actor, user) : atLeast(roleAt(actor, user.siteId), who)));

const valueOf = (field: UserField, actor: Actor, user: User, site: Site | null): unknown => {
  if (field === 'externalUserId') return externalIdOf(user);
  if (field === 'updatedAt' && user.anonymizedAt !== null && !isOfRow(actor, user)) return dayOf(user.updatedAt);
  return field === 'extraData' && site !== null ? visibleExtraData(actor, user, site) : user[field];
};

const derivedValues: Readonly<Record<DerivedField, (user: User, shown: string | null) => unknown>> = {
  fullName: (user) => fullName(user),
  displayName: (_user, shown) => shown,
  initials: (_user, shown) => initials(shown),
};

const isOfRow = (actor: Actor, user: User): boolean =>
  owns(actor, user) || atLeast(roleAt(actor, user.siteId), 'moderator');

/** Rows of one person are anonymized in one moment, which would tell all who see them at several sites that they were one. */
const dayOf = (date: Date): Date => new Date(Math.floor(date.getTime() / 86_400_000) * 86_400_000);

const visibleExtraData = (actor: Actor, user: User, site: Site): JsonObject => {
  const isShown = (key: string): boolean => mayViewKey(actor, key, user, site);
  // Most see all of it: then no copy is made.
  if (Object.keys(user.extraData).every(isShown)) return user.extraData;
  return Object.fromEntries(Object.entries(user.extraData).filter(([key]) => isShown(key)));
};

/**
 * A decimal external id is answered as a number, as OpenStad does. Of somebody who was added and has not logged in it is not told:
 * a low one would say that they were there before.
 */
export const externalIdOf = (user: User): string | number | null => {
  if (user.profileWithheld) return null;
  const id = user.person?.externalId ?? user.externalUserId;
  return typeof id === 'string' && /^[1-9]\d{0,14}$/.test(id) ? Number(id) : id;
};

type Names = Pick<UserRow, 'firstName' | 'lastName' | 'nickName'>;

/** First and last name, or null when there is neither. */
export const fullName = ({ firstName, lastName }: Names): string | null => joined([firstName, lastName]);

/** Which names a site shows to everybody: `nick-name` is never the real name. Source: user-api.md §2. */
export type Naming = 'full-name' | 'nick-name-or-full-name' | 'nick-name';

export const namingAt = ({ users }: SiteConfig): Naming => {
  if (users.displayName === 'nick') return 'nick-name';
  return users.allowUseOfNicknames ? 'nick-name-or-full-name' : 'full-name';
};

/** Whoever has no nick name where only nick names are shown. */
const nameless = 'Deelnemer';

/** Whether a word finds those who have no nick name where only nick names are shown, by what stands there instead. */
export const isStandIn = (word: string, naming: Naming): boolean =>
  naming === 'nick-name' && nameless.toLowerCase().startsWith(word);

/** The search words that can be looked up in the index. "Deelnemer" cannot: it stands for people without a nick name. */
export const leadingWords = ({
  words,
  naming,
}: {
  readonly words: readonly string[];
  readonly naming: Naming;
}): readonly string[] => words.filter((word) => !isStandIn(word, naming));

/** Whether only rows of some ids are asked for: those are looked up by themselves, whatever words or conditions come with them. */
export const namesIds = (conditions: readonly { readonly field: UserField; readonly is: string }[]): boolean =>
  conditions.some(({ field, is }) => field === 'id' && (is === 'equal' || is === 'one-of'));

/** What everybody sees. An anonymized user shows the replaced name everywhere. Source: user-api.md §2. */
export const displayName = (user: Names & Pick<UserRow, 'anonymizedAt'>, config: SiteConfig): string | null => {
  if (user.anonymizedAt !== null) return fullName(user);
  // Old rows hold nick names of blanks: they are none.
  const nickName = user.nickName === null || isBlank(user.nickName) ? null : user.nickName;
  switch (namingAt(config)) {
    case 'nick-name':
      return nickName ?? nameless;
    case 'nick-name-or-full-name':
      return nickName ?? fullName(user);
    case 'full-name':
      return fullName(user);
  }
};

/** Of the display name, so that initials never tell more than it does: first letters of its first and last word. */
export const initials = (shown: string | null): string => {
  const words = (shown ?? '').split(/\s+/).filter((word) => word !== '');
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => firstLetter(word ?? '').toUpperCase()).join('');
};

/** Whole, also where it takes two units of UTF-16. */
const firstLetter = (word: string): string => (word === '' ? '' : String.fromCodePoint(word.codePointAt(0) ?? 0));

const joined = (parts: readonly (string | null)[]): string | null => {
  const said = parts.filter((part) => part !== null && !isBlank(part));
  return said.length === 0 ? null : said.join(' ');
};
