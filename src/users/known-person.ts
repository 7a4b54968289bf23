import { highestRole } from '../domain/actor.ts';
import { isSiteSpecific, withoutSites, writeForSite } from '../domain/extra-data.ts';
import { Fault } from '../domain/fault.ts';
import { sameJson, type JsonObject } from '../domain/json.ts';
import type { OauthClient } from '../domain/oauth-client.ts';
import type { Profile } from '../domain/oauth-profile.ts';
import { atLeast, highest, type UserRole } from '../domain/role.ts';
import type { Site } from '../domain/site.ts';
import { siteValuesOf } from '../domain/user-change.ts';
import { isLive } from '../domain/user.ts';
import { isFoundAnonymized, isNamedOtherwise } from '../domain/written-past-us.ts';
import type { Ports } from '../ports/index.ts';
import { alreadyHere, beingRemoved, type Intent } from './creation-intent.ts';
import { personLease } from './person-names.ts';

type Needs = Pick<Ports, 'users' | 'persons' | 'identity' | 'secrets' | 'withLease'>;

/** Somebody the OAuth server knew before: their profile stays as it is; only this site's values and an allowed role are written. */
export const takeKnownPerson = async (
  ports: Needs,
  { change, actorRole }: Intent,
  site: Site,
  client: OauthClient,
  found: Profile,
): Promise<Profile> => {
  const known = await ports.persons.byExternalId(client.issuer, found.externalId);
  const rows =
    known === null
      ? []
      : ((await ports.users.person(known.id, 'plain'))?.rows ?? []).filter(
          (row) => isLive(row) && !isFoundAnonymized(row, known) && !isNamedOtherwise(row, known),
        );
  if (rows.some((row) => row.siteId === site.id)) throw alreadyHere();
  if (!atLeast(actorRole, highestRole(rows)) || !atLeast(actorRole, highest(rolesOf(found)))) {
    throw new Fault('forbidden', { rule: 'higher-role-elsewhere' }, 'This person has a higher role than yours.');
  }
  // What an earlier row here may have left behind is not this row's: it starts with what the body gives.
  // Generic keys are theirs on every site: nobody who only knows an address writes into those.
  const ofThisSite = Object.entries(siteValuesOf(change)).filter(([key]) => isSiteSpecific(key, site.config));
  const asItShallBe = ({ extraData = {} }: Profile): JsonObject =>
    writeForSite(withoutSites(extraData, [site.id]), site.id, site.config, Object.fromEntries(ofThisSite));
  if (sameJson(asItShallBe(found), found.extraData ?? {})) return found;
  return ports.withLease(
    personLease(ports.secrets, { issuer: client.issuer, externalId: found.externalId }),
    async () => {
      const profile = await ports.identity.find(client, found.externalId, [client.clientId]);
      if (profile === null) throw beingRemoved();
      const answer = await ports.identity.update(client, found.externalId, { extraData: asItShallBe(profile) });
      return { ...answer, ...(profile.roles === undefined ? {} : { roles: profile.roles }) };
    },
  );
};

const rolesOf = ({ roles = {} }: Profile): readonly UserRole[] => Object.values(roles).filter((role) => role !== null);
