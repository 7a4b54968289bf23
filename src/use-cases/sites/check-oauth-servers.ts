import { isFault } from '../../domain/fault.ts';
import {
  hostOf,
  isAllowedHost,
  oauthClientOf,
  type GlobalOauthClient,
  type OauthAdapter,
  type OauthClient,
} from '../../domain/sites/oauth-client.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';

/** An OAuth client that sites use (a server, and who we are there), or settings of sites that make none. No secret in it. */
export interface OauthServerState {
  /** The host that we call, with its port, as AUTH_ALLOWED_HOSTS names it; null: the settings hold no address. */
  readonly host: string | null;
  readonly adapter: OauthAdapter | null;
  /** Sites that use it, in id order; at most ten of `sites`. */
  readonly siteIds: readonly number[];
  readonly sites: number;
  /** Whether the settings make a whole client: address, id and secret are one set. */
  readonly complete: boolean;
  /** Whether the host is the global one or in AUTH_ALLOWED_HOSTS. A server that is not allowed is never called. */
  readonly allowed: boolean;
  /** null: not asked. */
  readonly reachable: boolean | null;
  /** null: not asked, no good answer, or the server has no way to say. */
  readonly credentialsAccepted: boolean | null;
  /** What to do, naming the setting; null: all is well, as far as it was asked. */
  readonly remedy: string | null;
}
export type CheckOauthServers = () => Promise<readonly OauthServerState[]>;

const maxClients = 100;
const maxAtOnce = 4;
const maxSiteIds = 10;

/**
 * How the OAuth servers are that sites use, the global one included: each client is asked once, a few at a time, a hundred at
 * most. Rejects only when the sites cannot be read. Source: oauth-server.md §1 "Addresses"; running.md "Databases".
 */
export const checkOauthServers =
  ({ sites, identity, settings }: Pick<Ports, 'sites' | 'identity' | 'settings'>): CheckOauthServers =>
  async () => {
    const { globalOauthClient, allowedOauthHosts } = settings;
    const isAllowed = (host: string): boolean => isAllowedHost(host, allowedOauthHosts, globalOauthClient);
    const all = await sites.all();
    const used = usedClients(all, globalOauthClient).slice(0, maxClients);
    const odd = sitesReadingOtherwise(all, globalOauthClient);
    const states: OauthServerState[] = [];
    for (let first = 0; first < used.length; first += maxAtOnce) {
      const some = used.slice(first, first + maxAtOnce);
      states.push(...(await Promise.all(some.map((one) => stateOf(one, isAllowed, identity, odd)))));
    }
    return states;
  };

interface UsedClient {
  /** null: the settings make none. */
  readonly client: OauthClient | null;
  readonly host: string | null;
  readonly siteIds: readonly number[];
}

/** Each client once, with its sites; the global one first, also where no site uses it. */
const usedClients = (sites: readonly Site[], globals: GlobalOauthClient): readonly UsedClient[] => {
  const found = new Map<string, UsedClient & { siteIds: number[] }>();
  const add = (client: OauthClient | null, host: string | null, siteId?: number): void => {
    const key = JSON.stringify([host, client?.adapter, client?.internalUrl, client?.clientId, client?.clientSecret]);
    const known = found.get(key) ?? { client, host, siteIds: [] };
    found.set(key, known);
    if (siteId !== undefined && known.siteIds.at(-1) !== siteId) known.siteIds.push(siteId);
  };
  if (globals !== null) add(globals, hostOf(globals.internalUrl) ?? null);
  for (const site of sites)
    for (const provider of new Set(['default', ...site.config.oauth.keys()])) {
      const client = oauthClientOf(site, provider, globals);
      const said = site.config.oauth.get(provider) ?? {};
      const address = client?.internalUrl ?? said['auth-internal-server-url'] ?? said['auth-server-url'];
      add(client, hostOf(address) ?? null, site.id);
    }
  return [...found.values()];
};

const stateOf = async (
  { client, host, siteIds }: UsedClient,
  isAllowed: (host: string) => boolean,
  identity: Pick<Ports['identity'], 'credentialsAccepted'>,
  odd: ReadonlySet<number>,
): Promise<OauthServerState> => {
  const allowed = host !== null && isAllowed(host);
  const answer = client !== null && allowed ? await asked(identity, client) : notAsked;
  const state = {
    host,
    adapter: client?.adapter ?? null,
    siteIds: siteIds.slice(0, maxSiteIds),
    sites: siteIds.length,
    complete: client !== null,
    allowed,
    reachable: answer.reachable,
    credentialsAccepted: answer.credentialsAccepted,
  };
  const oddSites = siteIds.filter((siteId) => odd.has(siteId)).slice(0, maxSiteIds);
  return { ...state, remedy: remedyFor({ ...state, answersOddly: answer.answersOddly, oddSites }) };
};

interface Answer extends Pick<OauthServerState, 'reachable' | 'credentialsAccepted'> {
  readonly answersOddly: boolean;
}
const notAsked: Answer = { reachable: null, credentialsAccepted: null, answersOddly: false };

const asked = async (
  identity: Pick<Ports['identity'], 'credentialsAccepted'>,
  client: OauthClient,
): Promise<Answer> => {
  try {
    return { reachable: true, credentialsAccepted: await identity.credentialsAccepted(client), answersOddly: false };
  } catch (error) {
    const answersOddly = isFault(error, 'oauth-refused');
    if (!answersOddly && !isFault(error)) throw error;
    return { reachable: answersOddly, credentialsAccepted: null, answersOddly };
  }
};

interface Known extends Omit<OauthServerState, 'remedy'>, Pick<Answer, 'answersOddly'> {
  /** Those that read the server otherwise than others do. */
  readonly oddSites: readonly number[];
}
const remedyFor = ({
  host,
  complete,
  allowed,
  reachable,
  credentialsAccepted,
  answersOddly,
  oddSites,
}: Known): string | null => {
  if (host === null)
    return 'Set oauth.default of these sites (auth-server-url, auth-client-id, auth-client-secret), or AUTH_SERVER_URL, AUTH_CLIENT_ID and AUTH_CLIENT_SECRET for all.';
  if (!allowed) return hostNotAllowed(host);
  if (!complete)
    return `Complete the sites' settings for ${host}: auth-server-url, auth-client-id and auth-client-secret are one set.`;
  if (reachable === false)
    return `See why ${host} does not answer in time, or name the address by which it is reached from here in auth-internal-server-url (AUTH_INTERNAL_SERVER_URL for the global one).`;
  if (answersOddly)
    return `See what answers at ${host}: it is not as an OAuth server of this kind does (auth-internal-server-url, adapter).`;
  if (credentialsAccepted === false)
    return `Put auth-client-id and auth-client-secret right (AUTH_CLIENT_ID and AUTH_CLIENT_SECRET for the global one): ${host} does not accept them.`;
  if (oddSites.length > 0)
    return `Look through the oauth settings of site ${oddSites.join(', ')}: they read ${host} otherwise than other sites there do (auth-internal-server-url, adapter, claims, auth-server-get-user-path or auth-server-exchange-code-path), which decides who people are at all of them. Make them agree.`;
  return null;
};

const hostNotAllowed = (host: string): string =>
  `Add ${host} to AUTH_ALLOWED_HOSTS (authorization.allowedHosts), or correct the site's address: hosts that are not listed are never called.`;

/**
 * Sites that read an OAuth server otherwise than another site there does, and not in the plain way: by another address of it,
 * adapter, claims or path. Whoever decides that decides who people are at every site there; admins of one site once could. Source:
 * docs/reference/neighbours.md.
 */
const sitesReadingOtherwise = (sites: readonly Site[], globals: GlobalOauthClient): ReadonlySet<number> => {
  const readings = new Map<string, Set<string>>();
  const used = sites.flatMap((site) => clientsOf(site, globals).map((client) => ({ siteId: site.id, client })));
  for (const { client } of used)
    readings.set(client.issuer, (readings.get(client.issuer) ?? new Set()).add(of(client)));
  const differs = ({ client }: (typeof used)[number]): boolean =>
    (readings.get(client.issuer)?.size ?? 0) > 1 && of(client) !== plainReading(client, globals);
  return new Set(used.filter(differs).map(({ siteId }) => siteId));
};

const clientsOf = (site: Site, globals: GlobalOauthClient): readonly OauthClient[] =>
  [...new Set(['default', ...site.config.oauth.keys()])].flatMap((name) => oauthClientOf(site, name, globals) ?? []);

/** What decides whom an answer is about, as a text. */
const of = ({ adapter, internalUrl, settings, claims }: OauthClient): string =>
  JSON.stringify([
    adapter,
    internalUrl,
    settings['auth-server-get-user-path'],
    settings['auth-server-exchange-code-path'],
    claims === undefined ? null : { ...claims, role: claims.role && [claims.role.claim, ...claims.role.values] },
  ]);

const plainReading = (client: OauthClient, globals: GlobalOauthClient): string => {
  const isGlobal = globals?.issuer === client.issuer && globals.internalUrl === client.internalUrl;
  const internalUrl = isGlobal ? client.internalUrl : client.issuer;
  return of({ issuer: client.issuer, clientId: '', clientSecret: '', adapter: 'openstad', internalUrl, settings: {} });
};
