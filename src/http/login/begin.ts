import type { Answer } from '../answer.ts';
import { isTrue } from '../requests/flag.ts';
import type { LoginParameters } from '../requests/login-query.ts';
import type { Asked, House } from '../route.ts';
import type { AtSite } from '../where.ts';
import { derivedSecrets, sealState } from './login-state.ts';
import { loginCookies } from './login-cookies.ts';
import { loginUrl, ownAddress, redirectUriOf } from './own-address.ts';
import { redirectTarget, targetOf } from './redirect-target.ts';
import { seeOther } from './see-other.ts';
import { travel } from './strategy.ts';

/** Sends the browser to the OAuth server, and leaves it a cookie to come back with. Source: oauth-server.md §4. */
export const beginLogin = async (
  house: House,
  { where: { site }, query, browser }: Asked<AtSite, LoginParameters>,
): Promise<Answer> => {
  const {
    stories,
    login: { secrets },
  } = house;
  if (query.redirectUrl !== undefined) redirectTarget(query.redirectUrl, site);
  const provider = query.useOauth ?? 'default';
  const own = await ownAddress(house, browser, site);
  const wayIn = stories.wayIn({ site, provider });
  const redirectUrl = query.redirectUrl ?? null;
  targetOf(redirectUrl, wayIn, site, own);
  if (isTrue(query.forceNewLogin)) {
    const again = await wayIn.logoutAddress(loginUrl(own, site, query));
    if (again !== null) return seeOther(again);
  }
  const nonce = secrets.newToken();
  const state = sealState(secrets, { siteId: site.id, provider, redirectUrl, nonce });
  const redirectUri = redirectUriOf(own, site, state, wayIn.stateTravelsIn);
  const authorizationUrl = await wayIn.authorizationAddress({
    ...derivedSecrets(secrets, { nonce }),
    state,
    redirectUri,
    privileged: isTrue(query.loginPriviliged),
  });
  const road = { wayIn, state, authorizationUrl, redirectUri };
  const onward = await travel({ ...road, exchange: neverYet, arrive: neverYet }, {});
  if (onward.kind !== 'sent') throw new Error('a login that has not begun cannot arrive');
  loginCookies(browser, own).keep(nonce);
  return seeOther(onward.address);
};

const neverYet = (): Promise<never> => Promise.reject(new Error('a login that has not begun has nothing to exchange'));
