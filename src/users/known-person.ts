import { mustBeAddable, withValuesOfSite } from '../domain/creation-rules.ts';
import { sameJson } from '../domain/json.ts';
import type { Profile } from '../domain/oauth-profile.ts';
import { permitSiteValues } from '../domain/permit.ts';
import { isLive, type User } from '../domain/user.ts';
import { isFoundAnonymized, isNamedOtherwise } from '../domain/written-past-us.ts';
import type { Ports } from '../ports/index.ts';
import { alreadyHere, beingRemoved } from './creation-intent.ts';
import type { CreationRights, RightsNow } from './creation-rights.ts';
import { personLease } from './person-names.ts';

type Needs = Pick<Ports, 'users' | 'persons' | 'identity' | 'secrets' | 'withLease'>;

/** Somebody the OAuth server knew before: their profile stays as it is; only this site's values and an allowed role are written. */
export const takeKnownPerson = async (ports: Needs, rights: RightsNow, found: Profile): Promise<Profile> => {
  const now = await rights();
  mustBeAddable(now, await rowsElsewhere(ports, now, found), found);
  if (sameJson(withValuesOfSite(now, found), found.extraData ?? {})) return found;
  const { issuer } = now.client;
  return ports.withLease(personLease(ports.secrets, { issuer, externalId: found.externalId }), async (lease) => {
    const { client, clients } = await rights();
    const profile = await ports.identity.find(client, found.externalId, clients.allClientIds(client.issuer));
    if (profile === null) throw beingRemoved();
    await lease.assertHeld();
    const then = await rights();
    const permit = permitSiteValues(then, await rowsElsewhere(ports, then, profile), profile);
    if (permit === null) return profile;
    const answer = await ports.identity.update(permit);
    return { ...answer, ...(profile.roles === undefined ? {} : { roles: profile.roles }) };
  });
};

/** The person's live rows, none of which is at this site. Fault `conflict` when one is. */
const rowsElsewhere = async (
  { persons, users }: Needs,
  { site, client }: CreationRights,
  { externalId }: Profile,
): Promise<readonly User[]> => {
  const known = await persons.byExternalId(client.issuer, externalId);
  const held = known === null ? null : await users.person(known.id, 'plain');
  const rows = (held?.rows ?? []).filter(
    (row) => isLive(row) && !isFoundAnonymized(row, known) && !isNamedOtherwise(row, known),
  );
  if (rows.some((row) => row.siteId === site.id)) throw alreadyHere();
  return rows;
};
