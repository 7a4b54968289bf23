import type { ClaimRules } from '../users/claim-rules.ts';
import type { OauthSettings, Site } from './site.ts';

/** Our registration at an OAuth server: how to reach it and who we are there. Address, id and secret are one set. */
export interface OauthClient {
  /** The person's issuer: `auth-server-url` as browsers reach it, normalised. */
  readonly issuer: string;
  /** As browsers reach it, where that is not its name any more: the global one's only. */
  readonly browserUrl?: string;
  /** As we reach it; no trailing slash. */
  readonly internalUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Which language the server speaks. */
  readonly adapter: OauthAdapter;
  /** The site's own settings as written: paths and what else only the adapter knows. Empty for the global client. */
  readonly settings: OauthSettings;
  /** Who else we are there, for when this id and secret are refused: sites of the same issuer. */
  readonly others?: readonly OauthClient[];
  /** What its claims mean, where the adapter is `oidc`; absent: the usual. */
  readonly claims?: ClaimRules;
}

export const oauthAdapters = ['openstad', 'oidc'] as const;
export type OauthAdapter = (typeof oauthAdapters)[number];
const isAdapter = (name: string): name is OauthAdapter => oauthAdapters.some((one) => one === name);

/** The global `authorization.*` settings; null where none is configured. */
export type GlobalOauthClient = OauthClient | null;

/**
 * One spelling per OAuth server, so that the same server never makes two persons of one human:
 * lower-case scheme and host, no default port, no trailing slash, no query. Anything that is no http(s) address: null.
 */
export const normalisedIssuer = (address: string): string | null => {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '') return null;
  return `${url.protocol}//${url.host}${withoutTrailingSlashes(url.pathname)}`;
};

/**
 * Whether we may call this host (with port where it is not the scheme's own): one that is configured, or the global client's.
 * Source: oauth-server.md §1 "Addresses".
 */
export const isAllowedHost = (host: string, allowedHosts: readonly string[], globals: GlobalOauthClient): boolean =>
  [...allowedHosts, hostOf(globals?.internalUrl), hostOf(globals?.issuer)].some(
    (allowed) => allowed?.trim().toLowerCase() === host,
  );

/** As isAllowedHost says; undefined for what is no address. */
export const hostOf = (address: string | undefined): string | undefined =>
  address !== undefined && URL.canParse(address) ? new URL(address).host : undefined;

/**
 * The client that a site's config names. What is missing comes from the global settings, but the global id and secret go
 * to the global address only: a site that names another address must bring its own. Source: oauth-server.md §1.
 * Returns null for an unknown name, an unknown adapter or an incomplete set.
 */
export const oauthClientOf = (
  site: Pick<Site, 'config'>,
  provider: string,
  globals: GlobalOauthClient,
): OauthClient | null => {
  const settings = site.config.oauth.get(provider);
  if (settings === undefined) return provider === 'default' ? globals : null;
  const adapter = settings['adapter'] ?? 'openstad';
  if (!isAdapter(adapter)) return null;
  const address = settings['auth-server-url'];
  const issuer = address === undefined ? globals?.issuer : normalisedIssuer(address);
  if (issuer === undefined || issuer === null) return null;
  const shared = globals?.issuer === issuer ? globals : null;
  const named = settings['auth-internal-server-url'];
  const internalUrl = named === undefined ? (shared?.internalUrl ?? issuer) : normalisedIssuer(named);
  const ownId = settings['auth-client-id'];
  const ownSecret = settings['auth-client-secret'];
  // id and secret are one set as well: a site's own id is never paired with the global secret.
  const [clientId, clientSecret] = ownId === undefined ? [shared?.clientId, shared?.clientSecret] : [ownId, ownSecret];
  if (internalUrl === null || clientId === undefined || clientSecret === undefined) return null;
  // Global credentials go to the global internal address only.
  if (ownId === undefined && internalUrl !== shared?.internalUrl) return null;
  const claims = adapter === 'oidc' ? site.config.oauthClaims.get(provider) : undefined;
  const moved = shared?.browserUrl === undefined ? {} : { browserUrl: shared.browserUrl };
  const client = { issuer, ...moved, internalUrl, clientId, clientSecret, adapter, settings };
  return claims === undefined ? client : { ...client, claims };
};

/**
 * The issuer of the people whose rows stand at a site without saying whose they are (OpenStad's): what the default settings
 * name, complete or not, else the global one. Null where neither says. Source: running.md, "Adopting".
 */
export const defaultIssuerOf = (config: Site['config'], globalIssuer: string | null): string | null => {
  const address = config.oauth.get('default')?.['auth-server-url'];
  return address === undefined ? globalIssuer : normalisedIssuer(address);
};

/** The site's client at a person's issuer: its default one if that is there, else any other of its settings that names the issuer. */
export const clientAtIssuer = (site: Site, issuer: string, globals: GlobalOauthClient): OauthClient | null =>
  clientsAtIssuer(site, issuer, globals)[0] ?? null;

/** All of them, the default one first. */
export const clientsAtIssuer = (site: Site, issuer: string, globals: GlobalOauthClient): readonly OauthClient[] =>
  [...new Set(['default', ...site.config.oauth.keys()])]
    .map((provider) => oauthClientOf(site, provider, globals))
    .flatMap((client) => (client?.issuer === issuer ? [client] : []));

type Registered = Pick<Site, 'id' | 'config'>;

/** Why a site cannot be the platform's own, at which platform admins are made. `sharedWith`: a site that uses its OAuth client, too. */
export type PlatformFault =
  { readonly kind: 'no-such-site' | 'no-client' } | { readonly kind: 'shared'; readonly sharedWith: number };

/**
 * Roles hang on OAuth clients: whoever is admin at one site of a client makes admins at every other. So the platform's own site has one
 * that serves no other site, under whatever name of its settings. Null: it has. Source: docs/adr/0027.
 */
export const platformFault = (
  platformSiteId: number,
  sites: readonly Registered[],
  globals: GlobalOauthClient,
): PlatformFault | null => {
  const own = sites.find(({ id }) => id === platformSiteId);
  if (own === undefined) return { kind: 'no-such-site' };
  const names = new Set(clientsOf(own, globals).map(nameOf));
  if (names.size === 0) return { kind: 'no-client' };
  const sharing = sites.find((site) => site !== own && clientsOf(site, globals).some((one) => names.has(nameOf(one))));
  return sharing === undefined ? null : { kind: 'shared', sharedWith: sharing.id };
};

/** Through whose OAuth settings somebody logged in at the console; site null: the global ones. */
export interface ConsoleLoginThrough {
  readonly siteId: number | null;
  readonly provider: string;
}

/**
 * At which sites a login at the console is worth what one at the site itself is; null: at all. A server of OpenStad gives a client's code
 * to whatever address the client allows, pages of its site among them, and takes it from anybody who is begun as that client: so a code
 * that a site's pages got hold of is worth no more than there, at the sites that use its client. The platform's own client, which serves
 * no other site, has no such pages; and with OpenID Connect a code is bound to our address. `platformSiteId`: where it counts.
 */
export const sitesOfLogin = (
  { siteId, provider }: ConsoleLoginThrough,
  platformSiteId: number | null,
  sites: readonly Registered[],
  globals: GlobalOauthClient,
): ReadonlySet<number> | null => {
  if (siteId !== null && siteId === platformSiteId) return null;
  const through = sites.find(({ id }) => id === siteId);
  const own = through === undefined ? null : oauthClientOf(through, provider, globals);
  const client = siteId === null ? globals : own;
  if (client === null) return new Set();
  if (client.adapter === 'oidc') return null;
  const name = nameOf(client);
  return new Set(
    sites.filter((site) => clientsOf(site, globals).some((one) => nameOf(one) === name)).map(({ id }) => id),
  );
};

const clientsOf = (site: Registered, globals: GlobalOauthClient): readonly OauthClient[] =>
  [...new Set(['default', ...site.config.oauth.keys()])].flatMap((name) => oauthClientOf(site, name, globals) ?? []);

/** As the OAuth server tells clients apart: its database compares without case, accents and spaces at the end. */
const nameOf = ({ issuer, clientId }: OauthClient): string =>
  JSON.stringify([issuer, clientId.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()]);

/** A path or address without the slashes at its end. `/\/+$/` would look at a long run of them from each of its slashes. */
export const withoutTrailingSlashes = (text: string): string => {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
};
