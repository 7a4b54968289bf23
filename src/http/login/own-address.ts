import { Fault } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { withoutTrailingSlashes } from '../../domain/sites/oauth-client.ts';
import type { Browser } from '../requests/headers.ts';
import type { LoginParameters } from '../requests/login-query.ts';
import type { Services } from '../route.ts';

/**
 * This API as the browser reaches it, without a slash at its end: where the OAuth server sends the browser back to. Without
 * PUBLIC_URL a request's own word (`Host`) counts only where it names the browser's own machine, or the one site that there is:
 * sites belong to strangers, several may be one OAuth client, and whoever could make us believe another host would get the codes of
 * whoever follows, for any of them. Fault `malformed-request`. Source: docs/adr/0008.
 */
export const ownAddress = async (
  { login: { publicUrl }, sites }: Pick<Services, 'login' | 'sites'>,
  { origin }: Browser,
  site: Site,
): Promise<string> => {
  if (publicUrl !== null) return withoutTrailingSlashes(publicUrl);
  if (origin !== null && (isThisMachine(origin) || (isHostOf(site, origin) && (await sites.all()).length === 1)))
    return origin;
  throw new Fault(
    'malformed-request',
    { errors: [{ pointer: 'Host', detail: 'is not one that a login to this site can come back to' }] },
    'This address is not one that a login to this site can come back to; PUBLIC_URL says where this API is reached.',
  );
};

const isThisMachine = (origin: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname);

const isHostOf = (site: Site, origin: string): boolean => {
  const { host, hostname } = new URL(origin);
  return [host, hostname].includes(site.domain.toLowerCase());
};

/** Where a login at this site begins, without logging out before it. */
export const loginUrl = (
  own: string,
  site: Site,
  { redirectUrl, useOauth, loginPriviliged }: LoginParameters,
): string => {
  const parameters: readonly (readonly [string, string])[] = Object.entries({
    redirectUrl,
    useOauth,
    loginPriviliged,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return `${own}/oauth/site/${site.id}/login?${new URLSearchParams(Object.fromEntries(parameters)).toString()}`;
};

/** Where the OAuth server sends the browser back to: with the state in it where its pages lose `state`, else the same each time. */
export const redirectUriOf = (own: string, site: Site, state: string, stateIsIn: 'state' | 'redirect-uri'): string =>
  `${own}/oauth/site/${site.id}/digest-login${stateIsIn === 'state' ? '' : `?state=${state}`}`;
