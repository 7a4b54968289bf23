import { writeForSite } from '../domain/extra-data.ts';
import { Fault, isFault, mayHaveHappened } from '../domain/fault.ts';
import { oauthClientOf, type OauthClient } from '../domain/oauth-client.ts';
import { profileFields, type Profile } from '../domain/oauth-profile.ts';
import type { UserRole } from '../domain/role.ts';
import type { Site } from '../domain/site.ts';
import { siteValuesOf } from '../domain/user-change.ts';
import type { Ports } from '../ports/index.ts';
import type { Lease } from '../ports/leases.ts';
import { abandonAtGoneSite, abandonCreation } from './abandon-creation.ts';
import { beingRemoved, finishAfterMs, intentMessage, later, type Intent } from './creation-intent.ts';
import { addressTaken } from './give-addresses.ts';
import { takeKnownPerson } from './known-person.ts';
import { insertRow } from './newcomer-row.ts';
import { oauthClients } from './oauth-clients.ts';

type Needs = Omit<Ports, 'inOneSnapshot'>;

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
      // Of a creation at a site that is gone, or of an address that is, nothing is left to finish.
      if (!isOver(error) && (there.wrote || mayHaveHappened(error)))
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
  if (site === null && intent.creating) await abandonAtGoneSite(ports, intent);
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
    // Another profile than the one found: this site's values were written into it.
    there.wrote ||= profile !== found;
    await lease.assertHeld();
    const role = await giveRole(ports, intent, client, profile);
    return enrolled(ports, lease, intent, site, client, { profile, role, ours: there.creating });
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
  return enrolled(ports, lease, intent, site, client, { profile, role, ours: true });
};

const enrolled: typeof insertRow = async (ports, lease, intent, site, client, newcomer) => {
  try {
    return await insertRow(ports, lease, intent, site, client, newcomer);
  } catch (error) {
    if (newcomer.ours && isOver(error)) await abandonCreation(ports, intent, client, newcomer.profile.externalId);
    throw error;
  }
};

/** Whoever we made at the OAuth server for it has no row to come. */
const isOver = (error: unknown): boolean =>
  isFault(error, 'site-not-found') || (isFault(error, 'conflict') && error.facts.rule === addressTaken().facts.rule);

const newPerson = ({ change }: Intent, site: Site): Parameters<Needs['identity']['create']>[1] => ({
  ...Object.fromEntries(profileFields.filter((field) => change[field] != null).map((field) => [field, change[field]])),
  email: change.email.trim(),
  extraData: writeForSite({}, site.id, site.config, siteValuesOf(change)),
});

/** The role is written at the OAuth server first. Without a wish, one that the person has at this client stays theirs. */
const giveRole = async (
  { identity }: Needs,
  { change }: Intent,
  client: OauthClient,
  profile: Profile,
): Promise<UserRole> => {
  const present = profile.roles?.[client.clientId] ?? null;
  const wanted = change.role ?? present ?? 'member';
  if (wanted === present) return wanted;
  try {
    await identity.update(client, profile.externalId, { roles: { [client.clientId]: wanted } });
  } catch (error) {
    // Removed there between our look-up and this: no refusal, but a reason to come back.
    const isRefusal = isFault(error, 'oauth-refused') && !mayHaveHappened(error);
    if (isRefusal && (await identity.find(client, profile.externalId, [])) === null) throw beingRemoved();
    throw error;
  }
  return wanted;
};
