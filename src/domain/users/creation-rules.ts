import { roleAt, type Actor } from '../actor.ts';
import { isTooFullFor } from './extra-data-limits.ts';
import { isSiteSpecific, withoutSites, writeForSite } from './extra-data.ts';
import type { JsonObject } from '../json/json.ts';
import type { OauthClient } from '../sites/oauth-client.ts';
import type { Profile } from '../people/oauth-profile.ts';
import { atLeast, type UserRole } from '../role.ts';
import type { Site } from '../sites/site.ts';
import { siteValuesOf, type UserChange } from './user-change.ts';
import { highestOf, mayGrant, mustBeCreator, mustWriteNewFields, type Place } from './user-rules.ts';
import { refuse } from '../refusals.ts';

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
