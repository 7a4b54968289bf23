import { isPlatformAdmin, owns, roleAt, type Actor } from '../actor.ts';
import type { Person } from './person.ts';
import { atLeast, type Role } from '../role.ts';
import type { User } from '../users/user.ts';

/** As many sites fit in the column; of more, those that are left out do not vouch. */
const mostSites = 20;

/**
 * The sites that vouch for a login once this actor has written by what the person logs in (address or phone), through the row of
 * `user` (null: somebody who is made): where they are editors, or whose pages the owner used. Whoever vouched before and does not now vouches no more; an editor
 * of all sites changes nothing. `before`: as it was. Source: docs/reference/neighbours.md.
 */
export const loginSetBy = (
  actor: Actor,
  user: User | null,
  rows: readonly Pick<User, 'siteId'>[],
  before: Person['loginSetAt'],
): Person['loginSetAt'] => {
  if (actor.reach.kind === 'everywhere' && atLeast(actor.reach.role, 'editor')) return before;
  const isOwner = user !== null && owns(actor, user);
  const through = actor.reach.kind === 'one-site' ? actor.reach.siteId : user?.siteId;
  const sites = new Set(rows.flatMap(({ siteId }) => (siteId === null ? [] : [siteId])));
  const vouching = [...sites].filter(
    (siteId) => atLeast(roleAt(actor, siteId), 'editor') || (isOwner && siteId === through),
  );
  return vouching.filter((siteId) => before?.includes(siteId) !== false).slice(0, mostSites);
};

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
