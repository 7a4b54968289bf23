import { owns, roleAt, visitor, type Actor, atLeast } from '../actor.ts';
import type { JsonObject } from '../json.ts';
import type { Site, KeyAudience, SiteConfig } from '../sites/site.ts';
import { ruleOf, userFieldNames, type UserField } from './user-fields.ts';
import type { User, UserRow } from './user.ts';
import { isBlank } from './personal-text.ts';

/**
 * Tells everything that this actor may see of a user, name by name: a field that is not theirs to see is not told. `site` is the
 * row's own; null where it is gone. Source: user-api.md §2.
 */
export const tellVisible = (
  actor: Actor,
  user: User,
  site: Site | null,
  tell: (name: string, value: unknown) => void,
): void => {
  const shown = site === null ? fullName(user) : displayName(user, site.config);
  const seesAll = seesDetails(actor, user);
  for (const field of fieldsSeen(sightOf(actor, user, site, seesAll))) tell(field, valueOf(field, actor, user, site));
  if (seesAll) tell('fullName', fullName(user));
  tell('displayName', shown);
  tell('initials', initials(shown));
};

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

/** Moderators and above (or the role that the user chose instead) and the owner. */
export const seesDetails = (actor: Actor, user: User): boolean =>
  owns(actor, user) || atLeast(roleAt(actor, user.siteId), user.detailsViewableByRole ?? 'moderator');

export const mayView = (actor: Actor, field: UserField, user: User, site: Site | null): boolean =>
  isSeen(field, sightOf(actor, user, site, seesDetails(actor, user)));

/** All that decides which fields of a row somebody sees. */
interface Sight {
  readonly details: boolean;
  readonly admin: boolean;
  readonly site: boolean;
  readonly nickNames: boolean;
}

const sightOf = (actor: Actor, { siteId }: User, site: Site | null, details: boolean): Sight => ({
  details,
  admin: roleAt(actor, siteId) === 'admin',
  site: site !== null,
  nickNames: site?.config.users.allowUseOfNicknames !== false,
});

const isSeen = (field: UserField, { details, admin, site, nickNames }: Sight): boolean => {
  if (field === 'nickName' && !nickNames) return false;
  switch (ruleOf(field).view) {
    case 'everybody':
      return true;
    case 'details':
      return details;
    case 'admin':
      return admin;
    case 'by-key':
      return site;
    case 'nobody':
      return false;
  }
};

/** Found out once for each way to look at a row: there are sixteen, and lists ask for everybody in them. */
const fieldsSeen = (sight: Sight): readonly UserField[] => {
  const { details, admin, site, nickNames } = sight;
  const way = Number(details) + 2 * Number(admin) + 4 * Number(site) + 8 * Number(nickNames);
  return (seenInWay[way] ??= userFieldNames.filter((field) => isSeen(field, sight)));
};
const seenInWay: (readonly UserField[] | undefined)[] = [];

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
