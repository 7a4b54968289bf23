import type { Profile } from '../domain/oauth-profile.ts';
import type { Person } from '../domain/person.ts';
import { changedRow, type UserChange } from '../domain/user-change.ts';
import type { Ports } from '../ports/index.ts';
import type { Lease } from '../ports/leases.ts';
import { isFresh } from './freshness.ts';
import { mirrorOf, saveChanged } from './mirrored-rows.ts';
import { oauthClients } from './oauth-clients.ts';
import { personLease, refreshKey } from './person-names.ts';

export type RefreshNeeds = Pick<
  Ports,
  | 'users'
  | 'sessions'
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

/** `unsupported`: nobody can be asked about by id there; the next login tells. */
export type Refreshed = 'refreshed' | 'unknown-there' | 'unsupported';

/**
 * Reads the person anew from the OAuth server and mirrors the profile to all rows; with `if-stale` only where nobody else has done
 * so meanwhile. Somebody the server no longer knows stays as they are here, but for their sessions: nothing is anonymized by
 * itself. Faults: those of the OAuth server, `busy`. Source: oauth-server.md §3.
 */
export const refreshPerson =
  (ports: RefreshNeeds) =>
  async (person: Person, siteId: number | null, when: 'now' | 'if-stale' = 'now'): Promise<Refreshed> => {
    const clients = await oauthClients(ports);
    if (!ports.identity.can(clients.credentials(person.issuer, [siteId]), 'find')) return 'unsupported';
    return ports.withLease(personLease(ports.secrets, person), async (lease) => {
      const isEnough = when === 'if-stale' && isFresh(ports, (await ports.persons.find(person.id))?.fetchedAt ?? null);
      if (isEnough) return 'refreshed';
      const profile = await fetchProfile(ports, person, siteId);
      if (profile === null) {
        await noLongerKnown(ports, person.id);
        return 'unknown-there';
      }
      await mirrorProfile(ports, lease, person.id, profile);
      return 'refreshed';
    });
  };

/** Their sessions end; the rows stay as they are: nothing is anonymized by itself. */
export const noLongerKnown = async (
  { sessions, log }: Pick<Ports, 'sessions' | 'log'>,
  personId: number,
): Promise<void> => {
  log.warn({ personId }, 'the OAuth server no longer knows a person who has rows here');
  await sessions.endOfPerson(personId);
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

interface Mirroring {
  /** What somebody just had written through one of the rows. */
  readonly written?: { readonly userId: number; readonly change: UserChange };
  /** False: an access token's answer, which leaves fields and roles unsaid. It makes nobody fresh and ends no waiting refresh. */
  readonly isWhole?: boolean;
}

/**
 * Writes a profile to all rows of the person, each with its own site's view, in one transaction that ends a waiting refresh.
 * A row whose profile is withheld takes only what was written through it. Rows that were anonymized or deleted meanwhile no longer belong to the person and stay untouched.
 */
export const mirrorProfile = (
  ports: Pick<RefreshNeeds, 'users' | 'persons' | 'sites' | 'settings' | 'inOneTransaction' | 'clock' | 'outbox'>,
  lease: Lease,
  personId: number,
  profile: Profile,
  { written, isWhole = true }: Mirroring = {},
): Promise<void> =>
  ports.inOneTransaction(async () => {
    await lease.assertHeld();
    const held = await ports.users.person(personId, 'locked');
    if (isWhole) await ports.outbox.cancel('person.refresh', refreshKey(personId));
    if (held?.person == null) return;
    const { issuer } = held.person;
    const clients = await oauthClients(ports);
    const mirror = mirrorOf(clients, issuer, profile);
    await saveChanged(ports, held.rows, (row) => {
      const its = mirror(row);
      return row.profileWithheld && written?.userId === row.id ? changedRow(its, written.change) : its;
    });
    if (isWhole) await ports.persons.setFetchedAt(personId, ports.clock.now());
  });
