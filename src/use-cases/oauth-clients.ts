import { clientsAtIssuer, type OauthClient } from '../domain/sites/oauth-client.ts';
import { Fault } from '../domain/fault.ts';
import type { Site } from '../domain/sites/site.ts';
import { isLive, type UserRow } from '../domain/users/user.ts';
import type { Ports } from '../ports/index.ts';
import type { AllSites } from '../ports/site-store.ts';
import type { PlaceRow } from '../ports/user-store.ts';
import type { Profile } from '../domain/people/oauth-profile.ts';
import { atLeast, type UserRole } from '../domain/actor.ts';
import type { Place } from '../domain/users/user-rules.ts';

/** Which sites are registered at which OAuth server as whom. */
export interface OauthClients {
  /** Read past the cache: a site that is not among these is gone. Else another instance may just have made it. */
  readonly isNow: boolean;
  readonly site: (siteId: number | null) => Site | null;
  /** The OAuth client id of a site (also of one that is gone by now) at an issuer; null when the site is not there. */
  readonly clientId: (siteId: number | null, issuer: string) => string | null;
  /** All client ids of a site at an issuer, under whatever name its settings have them. */
  readonly siteClientIds: (siteId: number, issuer: string) => readonly string[];
  /** Distinct client ids of some rows' sites. */
  readonly clientIds: (rows: readonly Pick<UserRow, 'siteId'>[], issuer: string) => readonly string[];
  /** Who our sites are there, past ones too, under whatever name their settings have it. */
  readonly allAt: (issuer: string) => readonly OauthClient[];
  /** Their client ids. */
  readonly allClientIds: (issuer: string) => readonly string[];
  /** Sites that share one client, and so its roles. */
  readonly sitesOfClient: (issuer: string, clientId: string) => readonly number[];
  /** As `credentials`, or null when no site is at that issuer any more. */
  readonly known: (issuer: string, preferred: readonly (number | null)[], attempts?: number) => OauthClient | null;
  /**
   * Credentials at an issuer: those of the sites named first, else of any site there, else the global ones. `attempts` takes the
   * next, when one is refused.
   */
  readonly credentials: (issuer: string, preferred: readonly (number | null)[], attempts?: number) => OauthClient;
}

/** Fault `oauth-not-configured` from `credentials` when no site is at that issuer any more. Source: oauth-server.md §1. */
export const oauthClients = async ({ sites, settings }: Pick<Ports, 'sites' | 'settings'>): Promise<OauthClients> => {
  const [all, past] = await Promise.all([sites.all(), sites.past()]);
  return { ...clientsOf({ all, past }, settings), isNow: false };
};

/** The clients of all sites as they are now, past the cache, for what cannot be taken back. Two statements. */
export const oauthClientsNow = async ({
  sites,
  settings,
}: Pick<Ports, 'sites' | 'settings'>): Promise<OauthClients> => ({
  ...clientsOf(await sites.allNow(), settings),
  isNow: true,
});

/** What is known of the same lists of sites is worked out once: a write asks many times, and there may be hundreds of them. */
const workedOut = new WeakMap<AllSites['all'], Pick<AllSites, 'past'> & { globals: unknown; clients: Clients }>();
type Clients = Omit<OauthClients, 'isNow'>;

const clientsOf = (sites: AllSites, { globalOauthClient: globals }: Ports['settings']): Clients => {
  const kept = workedOut.get(sites.all);
  if (kept?.past === sites.past && kept.globals === globals) return kept.clients;
  const clients = clientsAmong(sites, globals);
  workedOut.set(sites.all, { past: sites.past, globals, clients });
  return clients;
};

const clientsAmong = ({ all, past }: AllSites, globals: Ports['settings']['globalOauthClient']): Clients => {
  const ever = [...all, ...past];
  const byId = new Map(all.map((site) => [site.id, site]));
  const everById = new Map(ever.map((site) => [site.id, site]));
  const site = (siteId: number | null): Site | null => (siteId === null ? null : (byId.get(siteId) ?? null));
  const siteOnce = (siteId: number | null): Site | null => (siteId === null ? null : (everById.get(siteId) ?? null));
  const there = perIssuer((issuer) => {
    const ofSite = new Map(ever.map((one) => [one, clientsAtIssuer(one, issuer, globals)]));
    const own = globals?.issuer === issuer ? [globals] : [];
    const bySite = [...ofSite.values()];
    const siteIds = new Map<string, number[]>();
    for (const one of all) {
      const clientId = ofSite.get(one)?.[0]?.clientId;
      if (clientId === undefined) continue;
      const ids = siteIds.get(clientId);
      if (ids === undefined) siteIds.set(clientId, [one.id]);
      else ids.push(one.id);
    }
    const allAt = distinctClients([...bySite.flat(), ...own]);
    return {
      ofSite,
      firsts: distinctClients([...bySite.flatMap(([first]) => first ?? []), ...own]),
      allAt,
      allIds: distinct(allAt.map(({ clientId }) => clientId)),
      siteIds,
    };
  });
  const clientsOnce = (siteId: number | null, issuer: string): readonly OauthClient[] => {
    const one = siteOnce(siteId);
    return one === null ? [] : (there(issuer).ofSite.get(one) ?? []);
  };
  const clientId = (siteId: number | null, issuer: string): string | null =>
    clientsOnce(siteId, issuer)[0]?.clientId ?? null;
  const known: OauthClients['known'] = (issuer, preferred, attempts = 0) => {
    const named = preferred.flatMap((siteId) => clientsOnce(siteId, issuer)[0] ?? []);
    const unique = distinctClients([...named, ...there(issuer).firsts]);
    const first = attempts % Math.max(unique.length, 1);
    const [chosen = null, ...others] = [...unique.slice(first), ...unique.slice(0, first)];
    return chosen === null || others.length === 0 ? chosen : { ...chosen, others };
  };
  return {
    site,
    clientId,
    siteClientIds: (siteId, issuer) => distinct(clientsOnce(siteId, issuer).map((client) => client.clientId)),
    clientIds: (rows, issuer) => distinct(rows.flatMap((row) => clientId(row.siteId, issuer) ?? [])),
    allAt: (issuer) => there(issuer).allAt,
    allClientIds: (issuer) => there(issuer).allIds,
    sitesOfClient: (issuer, wanted) => there(issuer).siteIds.get(wanted) ?? [],
    known,
    credentials: (issuer, preferred, attempts) => {
      const chosen = known(issuer, preferred, attempts);
      if (chosen === null)
        throw new Fault(
          'oauth-not-configured',
          { provider: 'default' },
          'No site has credentials at this person’s OAuth server.',
        );
      return chosen;
    },
  };
};

/** People come of few; who has many does not fill the memory. */
const mostIssuers = 16;
const perIssuer = <T>(workOut: (issuer: string) => T): ((issuer: string) => T) => {
  const known = new Map<string, T>();
  return (issuer) => {
    const kept = known.get(issuer);
    if (kept !== undefined) return kept;
    if (known.size >= mostIssuers) known.clear();
    const there = workOut(issuer);
    known.set(issuer, there);
    return there;
  };
};

const distinct = (ids: readonly string[]): readonly string[] => [...new Set(ids)];

/** A secret of before and the one of now of the same client are two: one of them may be refused. */
const distinctClients = (clients: readonly OauthClient[]): readonly OauthClient[] => {
  const seen = new Map<string, OauthClient>();
  for (const client of clients) {
    const key = keyOf(client);
    if (!seen.has(key)) seen.set(key, client);
  }
  return [...seen.values()];
};
const keys = new WeakMap<OauthClient, string>();
const keyOf = (client: OauthClient): string => {
  const key = keys.get(client) ?? JSON.stringify([client.internalUrl, client.clientId, client.clientSecret]);
  keys.set(client, key);
  return key;
};

/**
 * Where a person is: at the sites of their live rows, and at those of OAuth clients where they have a role above member, also
 * without a row, and also at clients of none of our sites. `said`: as the OAuth server just said; roles absent: it was not asked.
 * A row at a site that is not known is somewhere, unless the sites were read past the cache.
 */
export const placesOf = (
  rows: readonly PlaceRow[],
  { issuer, roles = {}, roleElsewhere = null }: Said & { readonly issuer: string | null },
  clients: OauthClients,
): readonly Place[] => {
  const sitesOf = (clientId: string): readonly (number | null)[] => {
    const sites = issuer === null ? [] : clients.sitesOfClient(issuer, clientId);
    // A client of none of our sites: nobody here has a right there.
    return sites.length > 0 ? sites : [null];
  };
  const living = rows.filter((row) => isLive(row) && (clients.site(row.siteId) !== null || !clients.isNow));
  const isOnlyAdded = (clientId: string): boolean => {
    const its = living.filter(({ siteId }) => issuer !== null && clients.clientId(siteId, issuer) === clientId);
    return its.length > 0 && its.every(({ profileWithheld }) => profileWithheld);
  };
  return [
    ...living.map(({ siteId, role, profileWithheld }) => ({
      siteId: clients.site(siteId) === null ? null : siteId,
      role,
      isOnlyAdded: profileWithheld,
    })),
    ...Object.entries(roles).flatMap(([clientId, role]) =>
      isStaff(role) ? sitesOf(clientId).map((siteId) => ({ siteId, role, isOnlyAdded: isOnlyAdded(clientId) })) : [],
    ),
    ...(isStaff(roleElsewhere) ? [{ siteId: null, role: roleElsewhere }] : []),
  ];
};
type Said = Pick<Profile, 'roles' | 'roleElsewhere'>;

const isStaff = (role: UserRole | null): role is UserRole => role !== null && atLeast(role, 'moderator');
