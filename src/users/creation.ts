import { highestRole } from '../domain/actor.ts';
import { isSiteSpecific, withoutSites, writeForSite } from '../domain/extra-data.ts';
import { Fault, mayHaveHappened, type FaultCode } from '../domain/fault.ts';
import { sameJson, type JsonObject } from '../domain/json.ts';
import { mirrored } from '../domain/mirror.ts';
import { blankRow } from '../domain/new-user.ts';
import { oauthClientOf, type OauthClient } from '../domain/oauth-client.ts';
import { profileFields, type Profile } from '../domain/oauth-profile.ts';
import { atLeast, highest, type Role, type UserRole } from '../domain/role.ts';
import type { Site } from '../domain/site.ts';
import { changedRow, siteValuesOf, type UserChange } from '../domain/user-change.ts';
import { isLive } from '../domain/user.ts';
import type { Ports } from '../ports/index.ts';
import type { Lease } from '../ports/leases.ts';
import type { NewMessage } from '../ports/outbox.ts';
import { oauthClients } from './oauth-clients.ts';
import { personLease } from './person-names.ts';

type Needs = Omit<Ports, 'activities' | 'inOneSnapshot'>;

/** What a creation wants, as it waits in the outbox (sealed: it names an address). */
export interface Intent {
  readonly siteId: number;
  readonly provider: string;
  readonly change: UserChange & { readonly email: string };
  /** The creator's role at the site: somebody with a higher one is not theirs to add. */
  readonly actorRole: Role;
  readonly key: string;
  /** Nobody had the address, and we were about to create the person there: whoever has it later is ours. */
  readonly creating: boolean;
  /** The caller was told that it failed: what happened all the same is followed up, and nothing is begun anew. */
  readonly inDoubt: boolean;
}

export const intentMessage = (secrets: Pick<Ports['secrets'], 'seal'>, intent: Intent): NewMessage<'user.create'> => ({
  topic: 'user.create',
  key: `site-${intent.siteId}-${intent.key}`,
  payload: { sealed: secrets.seal(JSON.stringify(intent)) },
});

/**
 * The steps of a creation, under its lease; safe to run again after a stop at any of them. Answers the new row's id, or null
 * when an intent in doubt turns out to have done nothing. When it fails, what was certainly not begun at the OAuth server is
 * forgotten; else the intent stays, in doubt.
 */
export const carryOutCreation =
  (ports: Needs) =>
  async (intent: Intent, lease: Lease): Promise<number | null> => {
    const there = { creating: intent.creating, wrote: intent.creating };
    try {
      return await takeSteps(ports, intent, lease, there);
    } catch (error) {
      const { key } = intentMessage(ports.secrets, intent);
      const left = { ...intent, creating: there.creating, inDoubt: true };
      if (there.wrote || mayHaveHappened(error))
        await ports.outbox.add(intentMessage(ports.secrets, left), later(ports, 5_000));
      else await ports.outbox.cancel('user.create', key);
      throw error;
    }
  };

/** `there` remembers what was done at the OAuth server, for when a later step fails. */
const takeSteps = async (
  ports: Needs,
  intent: Intent,
  lease: Lease,
  there: { creating: boolean; wrote: boolean },
): Promise<number | null> => {
  const site = await ports.sites.byId(intent.siteId);
  const client = site === null ? null : oauthClientOf(site, intent.provider, ports.settings.globalOauthClient);
  if (site === null || client === null)
    throw new Fault(
      'oauth-not-configured',
      { provider: intent.provider },
      'This site has no OAuth server of that name.',
    );
  const clients = await oauthClients(ports);
  // Roles at every client of ours: somebody may be an admin where they have no row yet.
  const ours = clients.allClientIds(client.issuer);
  const found = await ports.identity.findByEmail(client, intent.change.email, ours);
  if (found !== null) {
    const profile = there.creating ? found : await takeKnownPerson(ports, intent, site, client, found);
    await lease.assertHeld();
    const role = await giveRole(ports, intent, client, profile);
    return insertRow(ports, lease, intent, site, client, { profile, role, ours: there.creating });
  }
  if (intent.inDoubt) {
    await ports.outbox.cancel('user.create', intentMessage(ports.secrets, intent).key);
    return null;
  }
  // From here on, whoever has this address at the OAuth server was created by us, also if we do not live to see it.
  there.creating = true;
  await ports.outbox.add(intentMessage(ports.secrets, { ...intent, creating: true }), later(ports, finishAfterMs));
  const profile = await ports.identity.create(client, newPerson(intent, site));
  there.wrote = true;
  await lease.assertHeld();
  const role = await giveRole(ports, intent, client, profile);
  return insertRow(ports, lease, intent, site, client, { profile, role, ours: true });
};

const newPerson = ({ change }: Intent, site: Site): Parameters<Needs['identity']['create']>[1] => ({
  ...Object.fromEntries(profileFields.filter((field) => change[field] != null).map((field) => [field, change[field]])),
  email: change.email.trim(),
  extraData: writeForSite({}, site.id, site.config, siteValuesOf(change)),
});

/** Somebody the OAuth server knew before: their profile stays as it is; only this site's values and an allowed role are written. */
const takeKnownPerson = async (
  ports: Needs,
  { change, actorRole }: Intent,
  site: Site,
  client: OauthClient,
  found: Profile,
): Promise<Profile> => {
  const known = await ports.persons.byExternalId(client.issuer, found.externalId);
  const rows = known === null ? [] : ((await ports.users.person(known.id, 'plain'))?.rows ?? []).filter(isLive);
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

/** The role is written at the OAuth server first. Without a wish, one that the person has at this client stays theirs. */
const giveRole = async (
  { identity }: Needs,
  { change }: Intent,
  client: OauthClient,
  profile: Profile,
): Promise<UserRole> => {
  const present = profile.roles?.[client.clientId] ?? null;
  const wanted = change.role ?? present ?? 'member';
  if (wanted !== present) await identity.update(client, profile.externalId, { roles: { [client.clientId]: wanted } });
  return wanted;
};

interface NewcomerAtSite {
  readonly profile: Profile;
  readonly role: UserRole;
  /** Created by us, and so ours to remove. */
  readonly ours: boolean;
}

/** The row and the end of the intent, in one transaction. A soft-deleted row of the same person at this site comes back, empty. */
const insertRow = (
  ports: Needs,
  lease: Lease,
  intent: Intent,
  site: Site,
  client: OauthClient,
  { profile, role, ours }: NewcomerAtSite,
): Promise<number> =>
  ports.inOneTransaction(async () => {
    await lease.assertHeld();
    const person = await ports.persons.ensure(client.issuer, profile.externalId, ours);
    if (await ports.persons.isEntombed(client.issuer, profile.externalId)) throw beingRemoved();
    if (person.state === 'removing') throw beingRemoved();
    const here = ((await ports.users.person(person.id, 'locked'))?.rows ?? []).filter((row) => row.siteId === site.id);
    if (here.some(isLive)) throw alreadyHere();
    const now = ports.clock.now();
    const given = changedRow(
      { id: 0, ...blankRow(site.id, person.id, profile.externalId, now) },
      { ...intent.change, email: intent.change.email.trim(), role },
    );
    // Of somebody who was known before, the row holds what the body gave until they log in here: nobody's profile is harvested by address.
    const row = ours
      ? { ...mirrored({ ...given, person }, profile, site, null), role }
      : { ...given, profileWithheld: true };
    const old = here.find((one) => one.slot === 0);
    const id = old === undefined ? await ports.users.insert(row) : old.id;
    if (old !== undefined) await ports.users.save([{ before: old, after: { ...row, id, createdAt: old.createdAt } }]);
    if (ours) await ports.persons.setFetchedAt(person.id, now);
    await ports.outbox.cancel('user.create', intentMessage(ports.secrets, intent).key);
    return id;
  });

/** How long a creation may take before somebody else finishes it. */
export const finishAfterMs = 60_000;
export const later = ({ clock }: Pick<Ports, 'clock'>, ms: number): Date => new Date(clock.now().getTime() + ms);

const alreadyHere = (): Fault =>
  new Fault('conflict', { rule: 'already-at-this-site' }, 'This person already is a user of this site.');
const beingRemoved = (): Fault =>
  new Fault(
    'person-being-removed',
    { retryAfterSeconds: 5 },
    'This person is just being removed from the OAuth server: try again.',
  );

/** Faults that a creation ends with for good: waiting would not change them. */
export const endsCreation: readonly FaultCode[] = ['conflict', 'forbidden', 'oauth-not-configured'];
