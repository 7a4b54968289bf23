import { isPlatformAdmin } from '../../domain/actor.ts';
import { mustBeAddable, withValuesOfSite } from '../../domain/users/write-rules.ts';
import { sameJson } from '../../domain/json.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { permitSiteValues } from '../../domain/permit.ts';
import { type Place } from '../../domain/users/user-rules.ts';
import { refuse } from '../../domain/refusals.ts';
import { isLive, type User, isFoundAnonymized, namesAnotherPerson } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import { oauthClientsNow, placesOf } from '../oauth-clients.ts';
import { personLeaseName } from '../person-keys.ts';
import { isLeftAsFound } from '../person-sync/write-rows.ts';
import { alreadyHere, beingRemoved, type CreationRights, type RightsNow } from './creation-intent.ts';

type Needs = Pick<Ports, 'persons' | 'sites' | 'identity' | 'secrets' | 'settings' | 'withLease'>;

/** Somebody the OAuth server knew before: their profile stays as it is; only this site's values and an allowed role are written. */
export const adoptPerson = async (ports: Needs, rights: RightsNow, found: Profile): Promise<Profile> => {
  const now = await rights();
  await checkAddable(ports, now, found);
  if (sameJson(withValuesOfSite(now, found), found.extraData ?? {})) return found;
  const { issuer } = now.client;
  return ports.withLease(personLeaseName(ports.secrets, { issuer, externalId: found.externalId }), async (lease) => {
    const { client, clients } = await rights();
    const profile = await ports.identity.find(client, found.externalId, clients.allClientIds(client.issuer));
    if (profile === null) throw beingRemoved();
    await lease.assertHeld();
    const then = await rights();
    const permit = permitSiteValues(then, await placesElsewhere(ports, then, profile), profile);
    if (permit === null) return profile;
    const answer = await ports.identity.update(permit);
    return { ...answer, ...(profile.roles === undefined ? {} : { roles: profile.roles }) };
  });
};

/** Whether somebody who was there may be added to the site, as they and the rights are now. Faults: `forbidden`, `conflict`. */
export const checkAddable = async (ports: Needs, rights: CreationRights, profile: Profile): Promise<void> => {
  mustBeAddable(rights, await placesElsewhere(ports, rights, profile));
};

/** Where the person is, which is not this site. Faults: `conflict` when it is, those of `mustSpareToken`. */
const placesElsewhere = async (
  { persons, sites, settings }: Needs,
  rights: CreationRights,
  profile: Profile,
): Promise<readonly Place[]> => {
  const { site, client, clients } = rights;
  const held = await persons.withRows(client.issuer, profile.externalId);
  const known = held?.person ?? null;
  const rows = (held?.rows ?? []).filter(
    (row) =>
      isLive(row) &&
      (isLeftAsFound({ settings }, row) || !isFoundAnonymized(row, known)) &&
      !namesAnotherPerson(row, known),
  );
  if (rows.some((row) => row.siteId === site.id)) throw alreadyHere();
  mustSpareToken(rights, held?.rows ?? [], profile, settings.fixedTokenUserIds);
  // Gone, or made by another instance just now.
  const isStrange = !clients.isNow && rows.some((row) => clients.site(row.siteId) === null);
  const asTheyAre = isStrange ? await oauthClientsNow({ sites, settings }) : clients;
  return placesOf(rows, { ...profile, issuer: client.issuer }, asTheyAre);
};

/**
 * The role of a fixed token's user holds everywhere, and may hang on this client by a row of a site that is gone, which has no admin
 * to ask: no admin of a site gives one, not even by adding them.
 */
const mustSpareToken = (
  { actor, client, clients, change }: CreationRights,
  rows: readonly User[],
  { roles = {} }: Profile,
  fixedTokenUserIds: readonly number[],
): void => {
  const present = roles[client.clientId] ?? null;
  if (isPlatformAdmin(actor) || (change.role ?? present ?? 'member') === present) return;
  const sharesRole = ({ id, siteId }: User): boolean =>
    fixedTokenUserIds.includes(id) && clients.clientId(siteId, client.issuer) === client.clientId;
  if (rows.some(sharesRole)) refuse(actor, 'platform-admin-needed', 'role');
};
