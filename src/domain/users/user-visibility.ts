import { owns, roleAt, visitor, type Actor } from '../actor.ts';
import type { JsonObject } from '../json/json.ts';
import { atLeast } from '../role.ts';
import type { Site } from '../sites/site.ts';
import type { KeyAudience } from '../sites/site-config.ts';
import { ruleOf, userFieldNames, type UserField } from './user-fields.ts';
import { displayName, fullName, initials } from './user-names.ts';
import type { User, UserRow } from './user.ts';

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
