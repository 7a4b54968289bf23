import { oauthClientOf, type GlobalOauthClient, type OauthClient } from './oauth-client.ts';
import type { Site } from './site.ts';

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

const clientsOf = (site: Registered, globals: GlobalOauthClient): readonly OauthClient[] =>
  [...new Set(['default', ...site.config.oauth.keys()])].flatMap((name) => oauthClientOf(site, name, globals) ?? []);

/** As the OAuth server tells clients apart: its database compares without case, accents and spaces at the end. */
const nameOf = ({ issuer, clientId }: OauthClient): string =>
  JSON.stringify([issuer, clientId.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()]);
