import type { Site } from '../../domain/sites/site.ts';
import type { LoginProvider } from '../../use-cases/sessions/commands.ts';
import { isAllowedOrigin } from '../middleware/cross-origin.ts';
import { malformed } from '../requests/validate.ts';

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
