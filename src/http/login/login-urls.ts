import { Fault } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { withoutTrailingSlashes } from '../../domain/sites/oauth-client.ts';
import type { Browser } from '../requests/headers.ts';
import type { LoginParameters } from '../requests/login-query.ts';
import type { Services, Answer } from '../route.ts';
import type { LoginProvider } from '../../use-cases/sessions/commands.ts';
import { isAllowedOrigin } from '../middleware/cross-origin.ts';
import { malformed } from '../requests/validate.ts';

/**
 * This API as the browser reaches it, without a slash at its end: where the OAuth server sends the browser back to. Without
 * PUBLIC_URL a request's own word (`Host`) counts only where it names the browser's own machine, or the one site that there is:
 * sites belong to strangers, several may be one OAuth client, and whoever could make us believe another host would get the codes of
 * whoever follows, for any of them. Fault `malformed-request`. Source: docs/adr/0008.
 */
export const ownAddress = async (
  { login: { publicUrl }, sites }: Pick<Services, 'login' | 'sites'>,
  { origin }: Pick<Browser, 'origin'>,
): Promise<string> => {
  if (publicUrl !== null) return withoutTrailingSlashes(publicUrl);
  if (origin !== null && (isThisMachine(origin) || (await isHostOfOnlySite(sites, origin)))) return origin;
  throw new Fault(
    'malformed-request',
    { errors: [{ pointer: 'Host', detail: 'is not one that a login can come back to' }] },
    'This address is not one that a login can come back to; PUBLIC_URL says where this API is reached.',
  );
};

export const isThisMachine = (origin: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname);

const isHostOfOnlySite = async (sites: Pick<Services['sites'], 'all'>, origin: string): Promise<boolean> => {
  const [only, ...more] = await sites.all();
  return only !== undefined && more.length === 0 && isHostOf(only, origin);
};

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

/** Where a browser comes back to from a login at this site. */
export const wayBackTo = (own: string, site: Site): string => `${own}/oauth/site/${site.id}/digest-login`;

/** Where the OAuth server is told to send the browser back to: with the state in it where its pages lose `state`, else the same each time. */
export const redirectUriAt = (wayBack: string, state: string, stateIsIn: 'state' | 'redirect-uri'): string =>
  `${wayBack}${stateIsIn === 'state' ? '' : `?state=${state}`}`;

/** It travels in an address, sealed, and has to fit into one. */
const longest = 1500;
const placeholder = /\[\[jwt\]\]|%5B%5Bjwt%5D%5D/gi;

/**
 * Where a browser may be sent: an http(s) address whose host the site allows, in the one spelling that every browser reads alike.
 * Whatever a reader of addresses could take for something else is refused, not mended. Fault `malformed-request`.
 * Source: oauth-server.md §4.
 */
export const redirectTarget = (given: string, site: Site): string => {
  const isPlain =
    given.length <= longest &&
    /^https?:\/\/[^/?#@\\]+(?:[/?#]|$)/i.test(given) &&
    !/[\s\\\p{Cc}\p{Cf}\p{Cs}]/u.test(given) &&
    URL.canParse(given);
  const url = isPlain ? new URL(given) : null;
  if (url?.username !== '' || url.password !== '' || !isAllowedOrigin(url.origin, site)) {
    throw malformed(
      'redirectUrl',
      `must be an http(s) address of at most ${longest} characters whose host is one of the site's allowedDomains`,
    );
  }
  return url.href;
};

/** What the login says, else what the site's settings say: there an address of our own may be written without its host. */
export const targetOf = (
  redirectUrl: string | null,
  { afterLogin }: LoginProvider,
  site: Site,
  own: string,
): string => {
  if (redirectUrl !== null) return redirectTarget(redirectUrl, site);
  if (afterLogin === null) throw malformed('redirectUrl', 'is needed, as this site has no after-login-redirect-uri');
  if (/^\/(?![/\\])/.test(afterLogin)) return new URL(afterLogin, own).href;
  return redirectTarget(afterLogin, site);
};

/** The address with the token where it says `[[jwt]]`, else as `jwt=` in its query. */
export const withToken = (target: string, jwt: string): string => {
  if (target.search(placeholder) !== -1) return target.replace(placeholder, jwt);
  const url = new URL(target);
  // One of an earlier login would be read first.
  if (url.searchParams.has('jwt')) url.searchParams.delete('jwt');
  url.search = `${url.search === '' ? '?' : `${url.search}&`}jwt=${jwt}`;
  return url.href;
};

export const withoutToken = (target: string): string => target.replace(placeholder, '');

/** Sends a browser on. The address may hold a token, so nothing of it is kept or told on (also helmet's `no-referrer`). */
export const seeOther = (address: string): Answer => ({
  status: 302,
  headers: { Location: address, 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' },
});
