import type { Site } from '../../domain/site.ts';
import type { WayIn } from '../../users/commands.ts';
import type { Answer } from '../answer.ts';
import { isTrue } from '../requests/flag.ts';
import type { LoginParameters } from '../requests/login-query.ts';
import { malformed } from '../requests/malformed.ts';
import type { Asked, House } from '../route.ts';
import type { AtSite } from '../where.ts';
import { ownAddress } from './own-address.ts';
import { pendingLogins, redirectUriOf } from './pending-login.ts';
import { redirectTarget } from './redirect-target.ts';
import { seeOther } from './see-other.ts';
import { travel } from './strategy.ts';

/** Sends the browser to the OAuth server, and leaves it a cookie to come back with. Source: oauth-server.md §4. */
export const beginLogin = async (
  { stories, login: { publicUrl, secrets } }: House,
  { where: { site }, query, browser }: Asked<AtSite, LoginParameters>,
): Promise<Answer> => {
  if (query.redirectUrl !== undefined) redirectTarget(query.redirectUrl, site);
  const provider = query.useOauth ?? 'default';
  const own = ownAddress(publicUrl, browser, site);
  const wayIn = stories.wayIn({ site, provider });
  const returnTo = targetOf(query, wayIn, site, own);
  if (isTrue(query.forceNewLogin)) {
    const again = await wayIn.logoutAddress(loginAddress(own, site, query));
    if (again !== null) return seeOther(again);
  }
  const pending = {
    siteId: site.id,
    provider,
    state: secrets.newToken(),
    nonce: secrets.newToken(),
    codeVerifier: secrets.newToken(),
    back: `${own}/oauth/site/${site.id}/digest-login`,
    returnTo,
  };
  const redirectUri = redirectUriOf(pending, wayIn.stateTravelsIn);
  const authorizationUrl = await wayIn.authorizationAddress({
    ...pending,
    redirectUri,
    privileged: isTrue(query.loginPriviliged),
  });
  const road = { ...pending, wayIn, authorizationUrl, redirectUri };
  const onward = await travel({ ...road, exchange: neverYet, arrive: neverYet }, {});
  if (onward.kind !== 'sent') throw new Error('a login that has not begun cannot arrive');
  pendingLogins(secrets, browser).keep(pending);
  return seeOther(onward.address);
};

const neverYet = (): Promise<never> => Promise.reject(new Error('a login that has not begun has nothing to exchange'));

/** What the login says, else what the site's settings say: there an address of our own may be written without its host. */
const targetOf = ({ redirectUrl }: LoginParameters, { afterLogin }: WayIn, site: Site, own: string): string => {
  if (redirectUrl !== undefined) return redirectTarget(redirectUrl, site);
  if (afterLogin === null) throw malformed('redirectUrl', 'is needed, as this site has no after-login-redirect-uri');
  if (/^\/(?![/\\])/.test(afterLogin)) return new URL(afterLogin, own).href;
  return redirectTarget(afterLogin, site);
};

/** This login, without logging out before it. */
const loginAddress = (own: string, site: Site, { redirectUrl, useOauth, loginPriviliged }: LoginParameters): string => {
  const parameters: readonly (readonly [string, string])[] = Object.entries({
    redirectUrl,
    useOauth,
    loginPriviliged,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return `${own}/oauth/site/${site.id}/login?${new URLSearchParams(Object.fromEntries(parameters)).toString()}`;
};
