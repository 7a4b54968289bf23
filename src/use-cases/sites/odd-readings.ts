import { oauthClientOf, type GlobalOauthClient, type OauthClient } from '../../domain/oauth-client.ts';
import type { Site } from '../../domain/site.ts';

/**
 * Sites that read an OAuth server otherwise than another site there does, and not in the plain way: by another address of it,
 * adapter, claims or path. Whoever decides that decides who people are at every site there; admins of one site once could. Source:
 * docs/adr/0022.
 */
export const sitesReadingOtherwise = (sites: readonly Site[], globals: GlobalOauthClient): ReadonlySet<number> => {
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
