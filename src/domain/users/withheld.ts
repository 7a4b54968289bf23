import { isPlatformAdmin, owns, type Actor } from '../actor.ts';
import { isSiteSpecific } from './extra-data.ts';
import type { Profile } from '../people/oauth-profile.ts';
import { atLeast } from '../role.ts';
import type { SiteConfig } from '../sites/site-config.ts';
import { perSiteFields } from './user-fields.ts';
import type { UserChange } from './user-change.ts';
import type { User } from './user.ts';

/** Whether a row shows this actor what was written here only, as its person was added by their address and has not logged in. */
export const isWithheldFrom = (actor: Actor, user: User): boolean => user.profileWithheld && !owns(actor, user);

/**
 * Whether the person of these rows has come to one of their sites by themselves: else that they were added must not say who they are
 * elsewhere, by an id or by what others keep of them.
 */
export const hasCome = (rows: readonly Pick<User, 'profileWithheld'>[]): boolean =>
  rows.some((row) => !row.profileWithheld);

/**
 * Whether what becomes of a person at the OAuth server may be told to whoever acted on these rows: of a withheld one it would say
 * whether they were there before.
 */
export const mayHearOfPerson = (actor: Actor, rows: readonly User[]): boolean =>
  isPlatformAdmin(actor) || !rows.some((row) => isWithheldFrom(actor, row));

/**
 * Whether the person behind a withheld row still is in the hands of the site that made them: made by POST, nobody has logged in as
 * them, they are at no other site, and have no role at the OAuth server but at the row's own site (`siteClientIds`), and none above
 * the row's there. All others are somebody's, and what is theirs everywhere is not for others to write. Where roles were not said: no.
 */
export const isStillMade = (
  { id, person, role }: User,
  rows: readonly Pick<User, 'id'>[],
  { roles = {}, roleElsewhere }: Pick<Profile, 'roles' | 'roleElsewhere'>,
  siteClientIds: readonly string[],
): boolean =>
  person !== null &&
  person.createdByUs &&
  person.isUnclaimed &&
  rows.every((row) => row.id === id) &&
  roleElsewhere === null &&
  Object.entries(roles).every(
    ([clientId, there]) => there === null || (siteClientIds.includes(clientId) && atLeast(role, there)),
  );

/** The part of a change that is the site's own at the OAuth server: its values, and the role at its client. */
export const ofSiteOnly = ({ extraData = {}, role, ...fields }: UserChange, config: SiteConfig): UserChange => {
  const own = Object.fromEntries(perSiteFields.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
  const keys = Object.entries(extraData).filter(([key]) => isSiteSpecific(key, config));
  return {
    ...own,
    ...(role === undefined ? {} : { role }),
    ...(keys.length === 0 ? {} : { extraData: Object.fromEntries(keys) }),
  };
};
