import { isBeyond, isEverywhere, isPlatformAdmin, owns, type Actor, atLeast, roleAt, type Role } from '../actor.ts';
import { isSiteSpecific } from '../users/extra-data.ts';
import type { Profile } from './oauth-profile.ts';
import type { SiteConfig } from '../sites/site.ts';
import { perSiteFields } from '../users/user-fields.ts';
import type { UserChange } from '../users/user-change.ts';
import type { EntryRow, User, Person, UserRow } from '../users/user.ts';

/** Whether a row shows this actor what was written here only, as its person was added by their address and has not logged in. */
export const isWithheldFrom = (actor: Actor, user: Pick<User, 'id' | 'personId' | 'profileWithheld'>): boolean =>
  user.profileWithheld && !owns(actor, user);

/**
 * Whether the person of these rows has come to one of their sites by themselves: else that they were added must not say who they are
 * elsewhere, by an id or by what others keep of them.
 */
export const hasCome = (rows: readonly Pick<User, 'profileWithheld'>[]): boolean =>
  rows.some((row) => !row.profileWithheld);

/**
 * Whether what becomes of a person at the OAuth server may be told to whoever acted on these rows, and that they are one person's: of a
 * withheld one it would say whether they were there before, and whose it is.
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
  person.isOursToRemove &&
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

/** As many sites fit in the column; of more, those that are left out do not vouch. */
const mostSites = 20;

/**
 * An actor changed the e-mail address or phone that a person logs in with, through the row of `user` (null: a person who is made).
 * Answers the sites that vouch for the new one: those where the actor is editor, or whose pages the owner used. A site that vouched
 * before (`before`) and does not now vouches no more; an editor of all sites changes nothing. Source: docs/reference/neighbours.md.
 */
export const loginSetBy = (
  actor: Actor,
  user: User | null,
  rows: readonly Pick<User, 'siteId'>[],
  before: Person['loginSetAt'],
): Person['loginSetAt'] => {
  if (isEverywhere(actor, 'editor')) return before;
  const isOwner = user !== null && owns(actor, user);
  const through = actor.reach.kind === 'one-site' ? actor.reach.siteId : reachedSite(actor, user);
  const sites = new Set(rows.flatMap(({ siteId }) => (siteId === null ? [] : [siteId])));
  const vouching = [...sites].filter(
    (siteId) => atLeast(roleAt(actor, siteId), 'editor') || (isOwner && siteId === through),
  );
  return vouching.filter((siteId) => before?.includes(siteId) !== false).slice(0, mostSites);
};

/** Of a console session the site of the row, where its login is worth one there. */
const reachedSite = (actor: Actor, user: User | null): number | null =>
  user === null || isBeyond(actor, user.siteId) ? null : user.siteId;

/** Whether others than this site have set by what somebody logs in: whoever that is may be nobody whom this site means. */
export const isLoginSetElsewhere = (loginSetAt: Person['loginSetAt'], siteId: number | null): boolean =>
  loginSetAt !== null && (siteId === null || !loginSetAt.includes(siteId));

/** A role that would be given, above member and above what there is. */
export const isRaised = (wanted: Role | undefined, present: Role): boolean =>
  wanted !== undefined && atLeast(wanted, 'moderator') && !atLeast(present, wanted);

/**
 * Whether a role is not given, as the row's person is not known to be whom the site means. `present`: what they have. A withheld
 * row does not say: it holds a role that may have been held back before, and lowering that one would give the rest.
 */
export const isRoleHeldBack = (
  wanted: Role | undefined,
  { role, profileWithheld, person, siteId }: User,
  present: Role = profileWithheld ? 'member' : role,
): boolean => isRaised(wanted, present) && isLoginSetElsewhere(person?.loginSetAt ?? null, siteId);

/** Whether giving this role is a platform admin's word that the person is whom it is meant for. */
export const vouchesByRole = (actor: Actor, wanted: Role | undefined, user: User): boolean =>
  isPlatformAdmin(actor) && !user.profileWithheld && isRoleHeldBack(wanted, user);

/** What names a person where no site does; null: nothing. */
export interface Anywhere {
  readonly email: string | null;
  readonly externalId: number | null;
}
const nothing: Anywhere = { email: null, externalId: null };

/**
 * By what rows of tables without a site are this row's person's, once nobody of the person is left: by what a login has shown to be
 * theirs. Not by an address that somebody else gave, who would reach other sites' rows by it: of a row that was added (withheld)
 * nothing is shown, and an address that was written through any row of the person's is none of theirs. Rows of an adopted database
 * hold what people logged in by. `rows`: all rows of the person. See docs/reference/neighbours.md.
 */
export const namesAnywhere = (
  user: EntryRow,
  rows: readonly Omit<UserRow, 'extraData'>[],
  nobodyLeft: boolean,
): Anywhere => {
  if (!nobodyLeft || user.profileWithheld) return nothing;
  return {
    email: addressesWritten(rows) !== null ? null : user.email,
    externalId: user.externalUserId,
  };
};

/** As many are told apart (of 32 characters in a column of 255); beyond it any address may be a written one. */
const mostNames = 7;
const any = 'any';

/** What was written as the address of these rows' person, and `name` with it; null: nothing was. Names: `addressFingerprint`. */
export const addressesWritten = (
  rows: readonly Pick<UserRow, 'addressWritten'>[],
  name: string | null = null,
): string | null => {
  const told = rows.flatMap(({ addressWritten }) => addressWritten?.split(' ') ?? []);
  const names = new Set(name === null ? told : [...told, name]);
  if (names.size === 0) return null;
  return names.size > mostNames || names.has(any) ? any : [...names].join(' ');
};

/**
 * Whether a login shows another address than any that was written through us: one that came to the OAuth server by itself, whoever
 * read it there first. That a login brings a written one shows nothing, as whoever is logged in at the server already is not asked
 * there again.
 */
export const bringsAnother = (written: string, name: string): boolean =>
  written !== any && !written.split(' ').includes(name);
