import { isPlatformAdmin, type Actor, roleAt, atLeast, type UserRole } from '../actor.ts';
import { Fault } from '../fault.ts';
import { isRoleHeldBack, isWithheldFrom } from '../people/vouching.ts';
import type { Site } from '../sites/site.ts';
import { onePostcode, realChange, type UserChange, siteValuesOf, isTooFullFor } from './user-change.ts';
import {
  isMeansOfLogin,
  judgedFields,
  mustBeAbleToActOn,
  mustOutrankPerson,
  mustWriteFields,
  changesWholePerson,
  type Place,
  highestOf,
  mayGrant,
  mustBeCreator,
  mustWriteNewFields,
} from './user-rules.ts';
import { refuse } from '../refusals.ts';
import { type User, isFoundAnonymized } from './user.ts';
import { isSiteSpecific, withoutSites, writeForSite } from './extra-data.ts';
import type { JsonObject } from '../json.ts';
import type { OauthClient } from '../sites/oauth-client.ts';
import type { Profile } from '../people/oauth-profile.ts';

/** A change that somebody asks for, and who they are. */
export interface AskedChange {
  readonly actor: Actor;
  readonly site: Site;
  readonly user: User;
  readonly change: UserChange;
}
/** What of the person lies beyond the row, all of one moment. */
export interface PersonElsewhere {
  readonly places: readonly Place[];
  /** Users of fixed tokens among the person's rows, with whether each has its role from this site's client. */
  readonly tokenRows: readonly { readonly id: number; readonly sharesRole: boolean }[];
  readonly sitesOfClient: readonly number[];
}

/** What of it would really change the row. */
export const realChangeOf = ({ user, change }: AskedChange): UserChange => realChange(user, onePostcode(user, change));

/** Whether it has to be known where else the person is. */
export const needsPlaces = (asked: AskedChange): boolean => {
  const { actor, user, site, change } = asked;
  const real = realChangeOf(asked);
  if (isWithheldFrom(actor, user)) return real.role !== undefined;
  return (
    changesWholePerson(real, site.config) ||
    judgedFields(actor, user, site, onePostcode(user, change), real).some(isMeansOfLogin)
  );
};

/**
 * What of the change would really change this user, once all rules agree: the actor may act on the row, write each field, and reach
 * the whole person where a field does. Source: user-api.md §1–4.
 */
export const judgedChange = (asked: AskedChange, { places, tokenRows, sitesOfClient }: PersonElsewhere): UserChange => {
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
  if (withheld ? real.role !== undefined : changesWholePerson(real, site.config))
    mustOutrankPerson(actor, user, { places });
  if (user.anonymizedAt !== null || isFoundAnonymized(user, user.person))
    throw new Fault('conflict', { rule: 'already-anonymized' }, 'An anonymized user cannot be changed.');
  return real;
};

/** Who creates whom, where, and as which client, all of one moment. */
export interface Creation {
  readonly actor: Actor;
  readonly site: Site;
  readonly client: OauthClient;
  /** The sites that share the client, and so its roles: a role is given at each of them. */
  readonly sitesOfClient: readonly number[];
  readonly change: UserChange & { readonly email: string };
}

/** With every field, and a role at every site that shares it. */
export const mustBeAbleToCreate = ({ actor, site, sitesOfClient, change }: Creation): void => {
  mustBeCreator(actor, site);
  mustWriteNewFields(actor, site, change, [...new Set([site.id, ...sitesOfClient])]);
};

/** Nobody adds somebody of a higher role than their own, wherever it is. */
export const mustBeAddable = ({ actor, site }: Creation, places: readonly Place[]): void => {
  if (!atLeast(roleAt(actor, site.id), highestOf(places))) refuse(actor, 'higher-role-elsewhere');
};

/** `present`: what the person has at this client; null: nothing. Whoever has none is a member, as whoever logs in. */
export const mustBeGrantable = ({ actor, sitesOfClient, change }: Creation, present: UserRole | null): void => {
  const { role: wanted } = change;
  if (
    wanted !== undefined &&
    !sitesOfClient.every((siteId) => mayGrant(roleAt(actor, siteId), present ?? 'all', wanted))
  )
    refuse(actor, 'role-not-grantable', 'role');
};

/**
 * A known person's extraData with this site's values. What an earlier row here may have left behind is not this row's: it starts with
 * what the body gives. Generic keys are theirs on every site: nobody who only knows an address writes into those. Where it is too
 * full by others, which is not told, these values stay in the row.
 */
export const withValuesOfSite = ({ site, change }: Creation, { extraData = {} }: Profile): JsonObject => {
  const ofThisSite = Object.entries(siteValuesOf(change)).filter(([key]) => isSiteSpecific(key, site.config));
  const without = withoutSites(extraData, [site.id]);
  const whole = writeForSite(without, site.id, site.config, Object.fromEntries(ofThisSite));
  return [whole, without].find((after) => !isTooFullFor(extraData, after, site.id)) ?? extraData;
};
