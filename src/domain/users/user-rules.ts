import {
  highestRole,
  isBeyond,
  isBeyondAsOwner,
  isPlatformAdmin,
  owns,
  roleAt,
  type Actor,
  atLeast,
  highest,
  type Role,
} from '../actor.ts';
import { isSiteSpecific } from './extra-data.ts';
import type { Site, SiteConfig } from '../sites/site.ts';
import { ruleOf, userFieldNames, type UserField, type Who } from './user-fields.ts';
import type { UserChange } from './user-change.ts';
import { isAmong, isFieldAt, mayView, mayViewKey, seesDetails } from './user-visibility.ts';
import type { User } from './user.ts';
import { refuse, mustBeModerator } from '../refusals.ts';

/** What can be said before the row is looked at: below moderator of the site one acts on one's own rows only. */
export const mustBeOwnerOrModerator = (actor: Actor, siteId: number, userId: number): void => {
  if (!atLeast(roleAt(actor, siteId), 'moderator') && !actor.rowIds.includes(userId))
    refuse(actor, 'owner-or-moderator');
};

/** May make users at this site. */
export const mustBeCreator = (actor: Actor, site: Site): void => {
  mustBeModerator(actor, site.id);
  if (!site.config.users.canCreateNewUsers) refuse(actor, 'site-creates-no-users');
};

/** May act on this row: the owner, or a moderator at the row's site who is not below the target. */
export const mustBeAbleToActOn = (actor: Actor, user: Pick<User, 'id' | 'personId' | 'siteId' | 'role'>): void => {
  if (owns(actor, user)) return;
  const role = roleAt(actor, user.siteId);
  if (!atLeast(role, 'moderator')) refuse(actor, 'owner-or-moderator');
  if (!atLeast(role, user.role)) refuse(actor, 'higher-role');
};

/**
 * A token of one site is in the hands of that site's pages: through it nobody who is moderator or above anywhere is anonymized or
 * deleted at another, themselves included. `rows`: those that keep the person; `going`: those of them that would go.
 */
export const mustSpareStaff = (
  actor: Actor,
  rows: Parameters<typeof highestRole>[0],
  going: readonly OwnedRow[],
): void => {
  if (!going.some((row) => isRowBeyond(actor, row))) return;
  if (atLeast(highestRole(rows), 'moderator')) refuse(actor, 'staff-by-own-site');
};

/** Whether the site of a row is beyond the actor for what they do to it. */
type OwnedRow = Pick<User, 'id' | 'personId' | 'siteId'>;
const isRowBeyond = (actor: Actor, row: OwnedRow): boolean =>
  owns(actor, row) ? isBeyondAsOwner(actor, row.siteId) : isBeyond(actor, row.siteId);

/** A site where somebody stands, and as what. Site null: somewhere that none of our sites has a right to. */
export interface Place {
  readonly siteId: number | null;
  readonly role: Role;
  /** By their address: they have never logged in there. */
  readonly isOnlyAdded?: boolean;
}
/** What of a person lies beyond one row. */
export interface Whereabouts {
  readonly places: readonly Place[];
  /** Whether a fixed token names any of their rows. */
  readonly isNamedByFixedToken: boolean;
}

/** What changes the whole person is measured against the person's highest role on any site where they have been. */
export const mustOutrankPerson = (actor: Actor, user: User, { places }: Pick<Whereabouts, 'places'>): void => {
  if (!owns(actor, user) && !atLeast(roleAt(actor, user.siteId), highestOf(places)))
    refuse(actor, 'higher-role-elsewhere');
};

/** A role that somebody was given where they have never logged in protects nobody: else whoever knows an address hinders all others. */
export const highestOf = (places: readonly Place[]): Role =>
  highest(places.filter(({ isOnlyAdded }) => isOnlyAdded !== true).map(({ role }) => role));

/** Site config `users.viewableByRole`: below it a row does not exist, except one's own. */
export const mayViewUsers = (actor: Actor, user: User, site: Site): boolean =>
  owns(actor, user) || seesUsersOf(actor, site);
/** Whether the site shows this actor others than themselves. */
export const seesUsersOf = (actor: Actor, { id, config: { users } }: Site): boolean =>
  users.viewableByRole === null || atLeast(roleAt(actor, id), users.viewableByRole);

/** Whether a change is one of the whole person, at every site: what lives at the OAuth server without being this site's own. */
export const changesWholePerson = ({ extraData = {}, ...fields }: UserChange, config: SiteConfig): boolean =>
  Object.keys(extraData).some((key) => !isSiteSpecific(key, config)) ||
  userFieldNames.some((field) => Object.hasOwn(fields, field) && ruleOf(field).home !== 'oauth-per-site');

/**
 * The fields of `asked` that have to be the actor's to write: those that would change. Where the actor may not even see the field,
 * naming it is enough: else "nothing would change" would answer whether a guess was right.
 */
export const judgedFields = (
  actor: Actor,
  user: User,
  site: Site,
  asked: UserChange,
  real: UserChange,
): readonly UserField[] =>
  userFieldNames.filter(
    (name) =>
      // Key by key: `mustWriteFields`.
      name !== 'extraData' &&
      Object.hasOwn(asked, name) &&
      (Object.hasOwn(real, name) || !mayView(actor, name, user, site)),
  );

/** By these a person logs in: whoever changes them can be that person, everywhere. */
export const isMeansOfLogin = (field: UserField): boolean => field === 'email' || field === 'phoneNumber';

/** What a change of a row affects beyond it. */
export interface Affected extends Whereabouts {
  /** The sites whose rows share the role (one OAuth client); the right is needed on each. */
  readonly sitesOfClient: readonly number[];
}

/** Refuses the first judged field that the actor may not write. */
export const mustWriteFields = (
  actor: Actor,
  user: User,
  site: Site,
  asked: UserChange,
  real: UserChange,
  affected: Affected,
): void => {
  const { extraData = {} } = asked;
  for (const field of judgedFields(actor, user, site, asked, real))
    mustWriteField(actor, user, site, field, asked, affected);
  for (const key of Object.keys(extraData)) {
    const changes = Object.hasOwn(real.extraData ?? {}, key);
    if ((changes || !mayViewKey(actor, key, user, site)) && !mayWriteKey(actor, key, user, site)) {
      refuse(actor, 'field-not-writable', `extraData.${key}`);
    }
  }
};

const mustWriteField = (
  actor: Actor,
  user: User,
  site: Site,
  field: UserField,
  asked: UserChange,
  affected: Affected,
): void => {
  if (!isWriter(actor, user, ruleOf(field).update)) refuse(actor, 'field-not-writable', field);
  if (needsOwnSite(field) && isRowBeyond(actor, user)) refuse(actor, 'owner-by-own-site', field);
  if (isMeansOfLogin(field)) mustChangeLogin(actor, user, field, affected);
  mustFitField(actor, user, site, field, asked);
  if (
    field === 'role' &&
    asked.role !== undefined &&
    !affected.sitesOfClient.every((siteId) => mayGrant(roleAt(actor, siteId), user.role, asked.role ?? 'admin'))
  ) {
    refuse(actor, 'role-not-grantable', 'role');
  }
};

/** What a site's pages must not do in the name of somebody at another: open their details, or give them another way to log in. */
const needsOwnSite = (field: UserField): boolean =>
  field === 'phoneNumber' || field === 'detailsViewableByRole' || field === 'listableByRole';

const isAboveToken = ({ reach }: Actor, role: Role): boolean =>
  reach.kind === 'everywhere' && !atLeast(reach.role, role);

const mustChangeLogin = (
  actor: Actor,
  user: User,
  field: UserField,
  { places, isNamedByFixedToken }: Whereabouts,
): void => {
  if (field === 'phoneNumber' && owns(actor, user)) {
    // Also where they have a role and no row, which a fixed token of less is not worth.
    const isStaffBeyond = places.some(
      ({ siteId, role }) => atLeast(role, 'moderator') && (isBeyondAsOwner(actor, siteId) || isAboveToken(actor, role)),
    );
    if (isStaffBeyond) refuse(actor, 'staff-by-own-site', field);
    return;
  }
  if (isNamedByFixedToken && !owns(actor, user) && !isPlatformAdmin(actor))
    refuse(actor, 'platform-admin-needed', field);
  // A role above member that waits for their first login is anybody's who can log in as them: it counts here. Of a member nobody is kept.
  const counting = places.filter(({ isOnlyAdded, role }) => isOnlyAdded !== true || atLeast(role, 'moderator'));
  if (!counting.every(({ siteId }) => atLeast(roleAt(actor, siteId), 'editor')))
    refuse(actor, 'not-editor-everywhere', field);
};

/** What a site or the owner has to agree to, for create and update alike; `user` is null for somebody who is being created. */
export const mustFitField = (
  actor: Actor,
  user: User | null,
  site: Site,
  field: UserField,
  asked: UserChange,
): void => {
  if (field === 'nickName' && asked.nickName !== null && !isFieldAt(site, field))
    refuse(actor, 'nicknames-not-allowed', field);
  // Whoever may not see the details does not say who may: by another role than now they could let themselves in.
  if (field === 'detailsViewableByRole' && user !== null && !seesDetails(actor, user))
    refuse(actor, 'field-not-writable', field);
  const exposes =
    asked.detailsViewableByRole !== undefined &&
    asked.detailsViewableByRole !== null &&
    !atLeast(asked.detailsViewableByRole, 'moderator');
  if (field === 'detailsViewableByRole' && exposes && (user === null || !owns(actor, user)))
    refuse(actor, 'exposing-is-for-the-owner', field);
};

const isWriter = (actor: Actor, user: User, writers: readonly Who[]): boolean =>
  writers.some((who) => (who === 'owner' ? owns(actor, user) : atLeast(roleAt(actor, user.siteId), who)));

/** Admins give any role; moderators and editors only `member`, to somebody below themselves. Never above one's own. */
export const mayGrant = (own: Role, current: Role, wanted: Role): boolean => {
  if (own === 'admin') return true;
  return atLeast(own, 'moderator') && wanted === 'member' && !atLeast(current, own);
};

const mayWriteKey = (actor: Actor, key: string, user: User, site: Site): boolean =>
  isAmong(actor, user, site.config.users.extraData.get(key)?.updateableBy ?? ['owner', 'moderator']);

/** Fields that a new row may hold from the start. */
export const mustWriteNewFields = (
  actor: Actor,
  site: Site,
  asked: UserChange,
  sitesOfClient: readonly number[],
): void => {
  for (const field of userFieldNames.filter((name) => name !== 'extraData' && Object.hasOwn(asked, name))) {
    if (!ruleOf(field).create.some((who) => who !== 'owner' && atLeast(roleAt(actor, site.id), who))) {
      refuse(actor, 'field-not-writable', field);
    }
    mustFitField(actor, null, site, field, asked);
  }
  const { role } = asked;
  if (role !== undefined && !sitesOfClient.every((siteId) => mayGrant(roleAt(actor, siteId), 'all', role))) {
    refuse(actor, 'role-not-grantable', 'role');
  }
  for (const key of Object.keys(asked.extraData ?? {})) {
    const audience = (site.config.users.extraData.get(key)?.updateableBy ?? ['moderator']).filter(
      (who) => who !== 'owner',
    );
    if (!audience.some((who) => atLeast(roleAt(actor, site.id), who)))
      refuse(actor, 'field-not-writable', `extraData.${key}`);
  }
};
