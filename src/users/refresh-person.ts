import { changedColumns, mirrored } from '../domain/mirror.ts';
import type { Profile } from '../domain/oauth-profile.ts';
import type { Person } from '../domain/person.ts';
import { changedRow, type UserChange } from '../domain/user-change.ts';
import type { Ports } from '../ports/index.ts';
import type { Lease } from '../ports/leases.ts';
import { oauthClients } from './oauth-clients.ts';
import { personLease, refreshKey } from './person-names.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'persons'
  | 'sites'
  | 'settings'
  | 'identity'
  | 'secrets'
  | 'withLease'
  | 'inOneTransaction'
  | 'clock'
  | 'log'
  | 'outbox'
>;

/**
 * Reads the person anew from the OAuth server and mirrors the profile to all rows. Somebody the server no longer knows stays as
 * they are here: nothing is anonymized by itself. `unsupported`: nobody can be asked about by id there; the next login tells.
 * Faults: those of the OAuth server, `busy`. Source: oauth-server.md §3.
 */
export const refreshPerson =
  (ports: Needs) =>
  async (person: Person, siteId: number | null): Promise<'refreshed' | 'unknown-there' | 'unsupported'> => {
    const clients = await oauthClients(ports);
    if (!ports.identity.can(clients.credentials(person.issuer, [siteId]), 'find')) return 'unsupported';
    return ports.withLease(personLease(ports.secrets, person), async (lease) => {
      const profile = await fetchProfile(ports, person, siteId);
      if (profile === null) {
        ports.log.warn({ personId: person.id }, 'the OAuth server no longer knows a person who has rows here');
        return 'unknown-there';
      }
      await mirrorProfile(ports, lease, person.id, profile);
      return 'refreshed';
    });
  };

/** The profile with the roles at the clients that the person's rows use; null when the server does not know the person. */
export const fetchProfile = async (
  ports: Pick<Ports, 'users' | 'sites' | 'settings' | 'identity'>,
  person: Person,
  siteId: number | null,
): Promise<Profile | null> => {
  const clients = await oauthClients(ports);
  const held = await ports.users.person(person.id, 'plain');
  const rows = held?.rows ?? [];
  const credentials = clients.credentials(person.issuer, [siteId, ...rows.map((row) => row.siteId)]);
  return ports.identity.find(credentials, person.externalId, clients.clientIds(rows, person.issuer));
};

/**
 * Writes a profile to all rows of the person, each with its own site's view, in one transaction that ends a waiting refresh.
 * A row whose profile is withheld takes only what was written through it. Rows that were anonymized or deleted meanwhile no longer belong to the person and stay untouched.
 */
export const mirrorProfile = (
  ports: Pick<Needs, 'users' | 'persons' | 'sites' | 'settings' | 'inOneTransaction' | 'clock' | 'outbox'>,
  lease: Lease,
  personId: number,
  profile: Profile,
  written?: { readonly userId: number; readonly change: UserChange },
): Promise<void> =>
  ports.inOneTransaction(async () => {
    await lease.assertHeld();
    const held = await ports.users.person(personId, 'locked');
    await ports.outbox.cancel('person.refresh', refreshKey(personId));
    if (held?.person == null) return;
    const { issuer } = held.person;
    const clients = await oauthClients(ports);
    const now = ports.clock.now();
    const changes = held.rows
      .map((before) => {
        const its = mirrored(before, profile, clients.site(before.siteId), clients.clientId(before.siteId, issuer));
        return {
          before,
          after: before.profileWithheld && written?.userId === before.id ? changedRow(its, written.change) : its,
        };
      })
      .filter(({ before, after }) => changedColumns(before, after).length > 0)
      .map(({ before, after }) => ({ before, after: { ...after, updatedAt: now } }));
    await ports.users.save(changes);
    await ports.persons.setFetchedAt(personId, now);
  });
