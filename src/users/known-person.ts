import { highestRole, roleAt } from '../domain/actor.ts';
import { isSiteSpecific, withoutSites, writeForSite } from '../domain/extra-data.ts';
import { sameJson, type JsonObject } from '../domain/json.ts';
import type { Profile } from '../domain/oauth-profile.ts';
import { atLeast, highest, type UserRole } from '../domain/role.ts';
import { siteValuesOf } from '../domain/user-change.ts';
import { refuse } from '../domain/user-rules.ts';
import { isLive } from '../domain/user.ts';
import { isFoundAnonymized, isNamedOtherwise } from '../domain/written-past-us.ts';
import type { Ports } from '../ports/index.ts';
import { alreadyHere, beingRemoved, type Intent } from './creation-intent.ts';
import type { CreationRights, RightsNow } from './creation-rights.ts';
import { personLease } from './person-names.ts';

type Needs = Pick<Ports, 'users' | 'persons' | 'identity' | 'secrets' | 'withLease'>;

/** Somebody the OAuth server knew before: their profile stays as it is; only this site's values and an allowed role are written. */
export const takeKnownPerson = async (
  ports: Needs,
  intent: Intent,
  rights: RightsNow,
  found: Profile,
): Promise<Profile> => {
  const now = await rights();
  await mustBeAddable(ports, now, found);
  if (sameJson(asItShallBe(now, intent, found), found.extraData ?? {})) return found;
  const { issuer } = now.client;
  return ports.withLease(personLease(ports.secrets, { issuer, externalId: found.externalId }), async () => {
    const before = await rights();
    const profile = await ports.identity.find(
      before.client,
      found.externalId,
      before.clients.allClientIds(before.client.issuer),
    );
    if (profile === null) throw beingRemoved();
    const after = await rights();
    await mustBeAddable(ports, after, profile);
    const extraData = asItShallBe(after, intent, profile);
    const answer = await ports.identity.update(after.client, found.externalId, { extraData });
    return { ...answer, ...(profile.roles === undefined ? {} : { roles: profile.roles }) };
  });
};

/** Faults: `conflict` when they are at this site already, `forbidden` when their role is higher than the actor's, at whatever site or client of ours. */
const mustBeAddable = async (
  { persons, users }: Needs,
  { actor, site, client }: CreationRights,
  found: Profile,
): Promise<void> => {
  const known = await persons.byExternalId(client.issuer, found.externalId);
  const rows =
    known === null
      ? []
      : ((await users.person(known.id, 'plain'))?.rows ?? []).filter(
          (row) => isLive(row) && !isFoundAnonymized(row, known) && !isNamedOtherwise(row, known),
        );
  if (rows.some((row) => row.siteId === site.id)) throw alreadyHere();
  const role = roleAt(actor, site.id);
  if (!atLeast(role, highestRole(rows)) || !atLeast(role, highest(rolesOf(found))))
    refuse(actor, 'higher-role-elsewhere');
};

/**
 * extraData with this site's values. What an earlier row here may have left behind is not this row's: it starts with what the body
 * gives. Generic keys are theirs on every site: nobody who only knows an address writes into those.
 */
const asItShallBe = ({ site }: CreationRights, { change }: Intent, { extraData = {} }: Profile): JsonObject => {
  const ofThisSite = Object.entries(siteValuesOf(change)).filter(([key]) => isSiteSpecific(key, site.config));
  return writeForSite(withoutSites(extraData, [site.id]), site.id, site.config, Object.fromEntries(ofThisSite));
};

const rolesOf = ({ roles = {} }: Profile): readonly UserRole[] => Object.values(roles).filter((role) => role !== null);
