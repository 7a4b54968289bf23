import type { Answer } from '../answer.ts';
import { isTrue } from '../requests/flag.ts';
import type { LoginParameters } from '../requests/login-query.ts';
import type { HandlerInput, Services } from '../route.ts';
import type { AtSite } from '../where.ts';
import { derivedSecrets, sealState } from './login-state.ts';
import { loginCookies } from './login-cookies.ts';
import { loginUrl, ownAddress, redirectUriOf } from './own-address.ts';
import { redirectTarget, targetOf } from './redirect-target.ts';
import { seeOther } from './see-other.ts';
import { authorize } from './strategy.ts';

/** Sends the browser to the OAuth server, and leaves it a cookie to come back with. Source: oauth-server.md §4. */
export const beginLogin = async (
  services: Services,
  { where: { site }, query, browser }: HandlerInput<AtSite, LoginParameters>,
): Promise<Answer> => {
  const {
    useCases,
    login: { secrets },
  } = services;
  if (query.redirectUrl !== undefined) redirectTarget(query.redirectUrl, site);
  const provider = query.useOauth ?? 'default';
  const own = await ownAddress(services, browser, site);
  const loginProvider = useCases.loginProvider({ site, provider });
  const redirectUrl = query.redirectUrl ?? null;
  targetOf(redirectUrl, loginProvider, site, own);
  if (isTrue(query.forceNewLogin)) {
    const again = await loginProvider.logoutAddress(loginUrl(own, site, query));
    if (again !== null) return seeOther(again);
  }
  const nonce = secrets.newToken();
  const state = sealState(secrets, { siteId: site.id, provider, redirectUrl, nonce });
  const redirectUri = redirectUriOf(own, site, state, loginProvider.stateIsIn);
  const authorizationUrl = await loginProvider.authorizationAddress({
    ...derivedSecrets(secrets, { nonce }),
    state,
    redirectUri,
    privileged: isTrue(query.loginPriviliged),
  });
  const flow = { loginProvider, state, authorizationUrl, redirectUri };
  const onward = await authorize({ ...flow, exchange: neverYet, arrive: neverYet }, {});
  if (onward.kind !== 'sent') throw new Error('a login that has not begun cannot arrive');
  loginCookies(browser, own).keep(nonce);
  return seeOther(onward.address);
};

const neverYet = (): Promise<never> => Promise.reject(new Error('a login that has not begun has nothing to exchange'));
