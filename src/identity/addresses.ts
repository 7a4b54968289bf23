import { isAllowedHost, type GlobalOauthClient, type OauthClient } from '../domain/sites/oauth-client.ts';
import { withoutTrailingSlashes } from '../domain/sites/oauth-client.ts';

/** Where to call: the server's origin, and the path that all of its paths stand under ('' for the root). */
export interface Address {
  readonly origin: string;
  readonly base: string;
}

/**
 * The address of a client's server, or null when we must not call it: it is http(s), holds no credentials, and its host (with
 * port) is configured, or that of the global client. Source: oauth-server.md §1 "Addresses".
 */
export const addressOf = (
  client: OauthClient,
  allowedHosts: readonly string[],
  globals: GlobalOauthClient,
): Address | null => {
  const url = parsed(client.internalUrl);
  if (url?.username !== '' || url.password !== '') return null;
  if (!isAllowedHost(url.host, allowedHosts, globals)) return null;
  return { origin: url.origin, base: withoutTrailingSlashes(url.pathname) };
};

const parsed = (address: string | undefined): URL | null => {
  if (address === undefined || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
};
