import { isPlatformAdmin, isVisitor, roleAt, type Actor, atLeast, type Role } from './actor.ts';
import { Fault } from './fault.ts';

/** Every reason for a refusal, as a client reads it in the problem's `rule`. Source: user-api.md §1–3, anonymization.md §1. */
export const rules = {
  'moderator-needed': 'Only moderators and above of this site may do this.',
  'moderator-of-a-site-needed': 'Only moderators and above of a site may do this.',
  'owner-or-moderator': 'Only the user themself, or moderators and above of this site, may do this.',
  'owner-by-site-or-platform-admin':
    'Only the user themself, through a login at this site, or platform admins may do this.',
  'higher-role': 'Nobody acts on somebody of a higher role than their own.',
  'higher-role-elsewhere': 'This reaches the whole person, who has a higher role than yours.',
  'not-moderator-everywhere':
    'This reaches rows on sites where you are not a moderator; leave them out with onlySiteIds or onlyUserIds.',
  'staff-by-own-site':
    'What reaches beyond the site of this login is not done through it to somebody who is moderator or above anywhere.',
  'owner-by-own-site': 'You set this field through a login at this site only.',
  'not-editor-everywhere':
    'Whoever changes an address or a phone number can log in as that person: this needs an editor of every site where they are.',
  'field-not-writable': 'You may not set this field.',
  'role-not-grantable': 'You may not give or take this role.',
  'login-set-elsewhere':
    'Another site set the e-mail address or phone number that this person logs in with: only platform admins give them a role above member here.',
  'nicknames-not-allowed': 'This site does not use nick names.',
  'exposing-is-for-the-owner': 'Only the user themself may show their details to a role below moderator.',
  'site-creates-no-users': 'This site does not create new users.',
  'admin-needed': 'Only admins of this site may do this.',
  'admin-of-a-site-needed': 'Only admins of a site may do this.',
  'editor-needed': 'Only editors and above of this site may do this.',
  'console-needed': 'Only whoever is signed in at the console may do this.',
  'platform-admin-needed': 'Only platform admins may do this.',
} as const satisfies Record<string, string>;
export type RuleName = keyof typeof rules;

/** Refuses: a visitor is asked for a credential (401), everybody else is told the rule (403). */
export const refuse = (actor: Actor, rule: RuleName, field?: string): never => {
  if (isVisitor(actor)) throw new Fault('unauthenticated', { reason: 'no-token' }, 'A token is needed for this.');
  throw new Fault('forbidden', { rule, ...(field === undefined ? {} : { field }) }, rules[rule]);
};

/** The same for a user whom this actor may not know of as for one that there never was. Source: user-api.md §3. */
export const noSuchUser = (): Fault<'user-not-found'> =>
  new Fault('user-not-found', {}, 'There is no such user at this site.');

export const mustBeModerator = (actor: Actor, siteId: number): void => {
  if (!atLeast(roleAt(actor, siteId), 'moderator')) refuse(actor, 'moderator-needed');
};

/** Admins of the site, and a management client that may manage people there. */
export const mustBeAdmin = (actor: Actor, siteId: number): void => {
  if (roleAt(actor, siteId) !== 'admin') refuse(actor, 'admin-needed');
};

/** A person of this role. Management clients are refused, whatever their scopes: they are there for people, not for sites. */
const isPersonWith = (actor: Actor, siteId: number, needed: Role): boolean =>
  actor.client === undefined && atLeast(roleAt(actor, siteId), needed);

export const mustBeEditor = (actor: Actor, siteId: number): void => {
  if (!isPersonWith(actor, siteId, 'editor')) refuse(actor, 'editor-needed');
};

/** As `mustBeAdmin`, but no management client. `field`: what only an admin may change. */
export const mustBeSiteAdmin = (actor: Actor, siteId: number, field?: string): void => {
  if (!isPersonWith(actor, siteId, 'admin')) refuse(actor, 'admin-needed', field);
};

/**
 * The sites where a person is admin, by id; `all`: a platform admin. Fault `forbidden` for who is admin nowhere, and for management
 * clients, which are there for people, not for sites.
 */
export const sitesAsAdmin = (actor: Actor): readonly number[] | 'all' => {
  if (isPlatformAdmin(actor)) return 'all';
  const siteIds = [...actor.roleBySite.keys()].filter((siteId) => isPersonWith(actor, siteId, 'admin'));
  return siteIds.length === 0 ? refuse(actor, 'admin-of-a-site-needed') : siteIds.sort((one, other) => one - other);
};

export const mustBePlatformAdmin = (actor: Actor, field?: string): void => {
  if (!isPlatformAdmin(actor)) refuse(actor, 'platform-admin-needed', field);
};
