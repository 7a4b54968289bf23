import { owns, roleAt, type Actor } from './actor.ts';
import type { JsonObject } from './json.ts';
import { atLeast } from './role.ts';
import { siteSummary, type Site } from './site.ts';
import type { KeyAudience } from './site-config.ts';
import { ruleOf, userFieldNames, type UserField } from './user-fields.ts';
import { displayName, fullName, initials } from './user-names.ts';
import type { User } from './user.ts';

/** A user as somebody may see them; a field that is not theirs to see is absent. */
export type VisibleUser = Readonly<Record<string, unknown>>;

/** Everything this actor may see of a user. `site` is the row's own; null where it is gone. Source: user-api.md §2. */
export const visibleTo = (actor: Actor, user: User, site: Site | null): VisibleUser => {
  const shown = site === null ? fullName(user) : displayName(user, site.config);
  const seesAll = seesDetails(actor, user);
  const visible: Record<string, unknown> = {};
  for (const field of userFieldNames)
    if (isVisible(field, seesAll, actor, user, site)) visible[field] = valueOf(field, user);
  if (site !== null) {
    visible['extraData'] = visibleExtraData(actor, user, site);
    visible['site'] = siteSummary(site);
  }
  if (seesAll) visible['fullName'] = fullName(user);
  visible['displayName'] = shown;
  visible['initials'] = initials(shown);
  return visible;
};

/** Moderators and above (or the role that the user chose instead) and the owner. */
export const seesDetails = (actor: Actor, user: User): boolean =>
  owns(actor, user) || atLeast(roleAt(actor, user.siteId), user.detailsViewableByRole ?? 'moderator');

export const mayView = (actor: Actor, field: UserField, user: User, site: Site | null): boolean =>
  isVisible(field, seesDetails(actor, user), actor, user, site);

const isVisible = (field: UserField, seesAll: boolean, actor: Actor, user: User, site: Site | null): boolean => {
  if (field === 'nickName' && site?.config.users.allowUseOfNicknames === false) return false;
  switch (ruleOf(field).view) {
    case 'everybody':
      return true;
    case 'details':
      return seesAll;
    case 'admin':
      return roleAt(actor, user.siteId) === 'admin';
    case 'by-key':
      return site !== null;
    case 'nobody':
      return false;
  }
};

/** Keys that the site's config declares: its audience, or everybody; other keys: moderators and the owner. */
export const mayViewKey = (actor: Actor, key: string, user: User, site: Site): boolean => {
  const defined = site.config.users.extraData.get(key);
  if (defined === undefined) return seesDetails(actor, user);
  return defined.viewableBy === null || isAmong(actor, user, defined.viewableBy);
};

export const isAmong = (actor: Actor, user: User, audience: readonly KeyAudience[]): boolean =>
  audience.some((who) => (who === 'owner' ? owns(actor, user) : atLeast(roleAt(actor, user.siteId), who)));

const visibleExtraData = (actor: Actor, user: User, site: Site): JsonObject =>
  Object.fromEntries(Object.entries(user.extraData).filter(([key]) => mayViewKey(actor, key, user, site)));

/** A decimal external id is answered as a number, as OpenStad does. */
const valueOf = (field: UserField, user: User): unknown => {
  if (field !== 'externalUserId') return user[field];
  const id = user.person?.externalId ?? user.externalUserId;
  return typeof id === 'string' && /^[1-9]\d{0,14}$/.test(id) ? Number(id) : id;
};
