import { isPlatformAdmin, type Actor } from '../actor.ts';
import { Fault } from '../fault.ts';
import { isRoleHeldBack } from '../people/login-set.ts';
import type { Site } from '../sites/site.ts';
import { onePostcode, realChange, type UserChange } from './user-change.ts';
import {
  isMeansOfLogin,
  judgedFields,
  mustBeAbleToActOn,
  mustReachPerson,
  mustWriteFields,
  reachesPerson,
  type Place,
} from './user-rules.ts';
import { refuse } from '../refusals.ts';
import type { User } from './user.ts';
import { isWithheldFrom } from './withheld.ts';
import { isFoundAnonymized } from '../people/written-past-us.ts';

/** A change that somebody asks for, and who they are. */
export interface AskedChange {
  readonly actor: Actor;
  readonly site: Site;
  readonly user: User;
  readonly change: UserChange;
}
/** What of the person lies beyond the row, all of one moment. */
export interface Surroundings {
  readonly places: readonly Place[];
  /** Users of fixed tokens among the person's rows, with whether each has its role from this site's client. */
  readonly tokenRows: readonly { readonly id: number; readonly sharesRole: boolean }[];
  readonly sitesOfClient: readonly number[];
}

/** What of it would really change the row. */
export const realChangeOf = ({ user, change }: AskedChange): UserChange => realChange(user, onePostcode(user, change));

/** Whether it has to be known where else the person is. */
export const isWhole = (asked: AskedChange): boolean => {
  const { actor, user, site, change } = asked;
  const real = realChangeOf(asked);
  if (isWithheldFrom(actor, user)) return real.role !== undefined;
  return (
    reachesPerson(real, site.config) ||
    judgedFields(actor, user, site, onePostcode(user, change), real).some(isMeansOfLogin)
  );
};

/**
 * What of the change would really change this user, once all rules agree: the actor may act on the row, write each field, and reach
 * the whole person where a field does. Source: user-api.md §1–4.
 */
export const judgedChange = (asked: AskedChange, { places, tokenRows, sitesOfClient }: Surroundings): UserChange => {
  const { actor, site, user } = asked;
  mustBeAbleToActOn(actor, user);
  const real = realChangeOf(asked);
  // What others write into a withheld row stays there, but for a role: a refusal must not tell where else they are.
  const withheld = isWithheldFrom(actor, user);
  const isUserOfToken = tokenRows.some(({ id }) => id === user.id);
  mustWriteFields(actor, user, site, onePostcode(user, asked.change), real, {
    places: withheld ? [user] : places,
    isNamedByFixedToken: withheld ? isUserOfToken : tokenRows.length > 0,
    sitesOfClient,
  });
  // A fixed token's role holds on every site: an admin of one could else make a token of theirs the admin of all, by any row that shares it.
  const isTokens = isUserOfToken || tokenRows.some(({ sharesRole }) => sharesRole);
  if (real.role !== undefined && isTokens && !isPlatformAdmin(actor)) refuse(actor, 'platform-admin-needed', 'role');
  // Of a withheld row it stays in the row, silently: a refusal would tell that they were there before.
  if (!withheld && isRoleHeldBack(real.role, user) && !isPlatformAdmin(actor))
    refuse(actor, 'login-set-elsewhere', 'role');
  if (withheld ? real.role !== undefined : reachesPerson(real, site.config)) mustReachPerson(actor, user, { places });
  if (user.anonymizedAt !== null || isFoundAnonymized(user, user.person))
    throw new Fault('conflict', { rule: 'already-anonymized' }, 'An anonymized user cannot be changed.');
  return real;
};
