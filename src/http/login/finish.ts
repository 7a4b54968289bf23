import { Fault, isFault } from '../../domain/fault.ts';
import type { Session } from '../../domain/session.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { Answer, HandlerInput, Services } from '../route.ts';
import type { ReturnParameters } from '../requests/login-query.ts';
import { malformed } from '../requests/validate.ts';
import type { AtSite } from '../where.ts';
import { derivedSecrets, isExpired, openState, type LoginSecrets, type LoginState } from './login-state.ts';
import { loginCookies } from './login-cookies.ts';
import { loginUrl, ownAddress, redirectUriOf } from './own-address.ts';
import { targetOf, withToken } from './redirect-target.ts';
import { seeOther } from './see-other.ts';
import { authorize } from './strategy.ts';

/**
 * The browser is back: if it is the one that began this login, the code is exchanged, the use case told, and the browser sent on
 * with its token. Whatever comes of it, the login is used; where it does not count, the answer says how to begin it anew.
 * Source: oauth-server.md §1, §4.
 */
export const finishLogin = async (
  services: Services,
  { where: { site }, query, rawQuery, browser }: HandlerInput<AtSite, ReturnParameters>,
): Promise<Answer> => {
  const {
    useCases,
    login: { secrets, sign },
  } = services;
  const login = loginOf(secrets, query.state, site);
  const { provider, redirectUrl, nonce } = login;
  const own = await ownAddress(services, browser, site);
  const loginProvider = useCases.loginProvider({ site, provider });
  const target = targetOf(redirectUrl, loginProvider, site, own);
  return orAgain(againUrl(own, site, login), async () => {
    if (!loginCookies(browser, own).take(nonce) || isExpired(login)) throw notBegunHere();
    // OpenStad's server says why in words; they are not ours to show.
    if (query.error !== undefined) throw broken('The OAuth server did not let this login through.');
    if (query.code === undefined || query.code === '') throw broken('The OAuth server sent no code along.');
    const state = query.state ?? '';
    const redirectUri = redirectUriOf(own, site, state, loginProvider.stateIsIn);
    const address = `${redirectUri.split('?', 1)[0] ?? ''}?${new URLSearchParams(rawQuery).toString()}`;
    const answer = { ...derivedSecrets(secrets, login), state, redirectUri, address };
    const arrived = await authorize<Session>(
      {
        ...{ loginProvider, state, redirectUri, authorizationUrl: loginProvider.issuer },
        exchange: () => loginProvider.exchange(answer),
        arrive: (loggedIn) => useCases.logIn({ site, provider, loggedIn, state }),
      },
      { code: query.code },
    );
    if (arrived.kind !== 'arrived') throw new Error('a login with a code is not sent on');
    return seeOther(withToken(target, await sign(arrived.arrival)));
  });
};

const loginOf = (secrets: LoginSecrets, state: string | undefined, site: Site): LoginState => {
  if (state === undefined || state === '') throw notBegunHere();
  const login = openState(secrets, state);
  if (login === null) throw malformed('state', 'is not one that a login here begins with, or was changed on the way');
  if (login.siteId !== site.id) throw notBegunHere();
  return login;
};

/**
 * The ordinary way in also for administrators: whoever came back has proved at the OAuth server who they are, and their own way in
 * would ask once more, by a link that opens in the other browser once more.
 */
const againUrl = (own: string, site: Site, { provider, redirectUrl }: LoginState): string =>
  loginUrl(own, site, {
    ...(redirectUrl === null ? {} : { redirectUrl }),
    ...(provider === 'default' ? {} : { useOauth: provider }),
  });

const orAgain = async (again: string, work: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    if (!isFault(error, 'login-refused')) throw error;
    throw new Fault('login-refused', { ...error.facts, again }, error.message, { cause: error });
  }
};

const notBegunHere = (): Fault<'login-refused'> =>
  new Fault(
    'login-refused',
    { reason: 'state' },
    'This login was begun in another browser or too long ago, or has been used. A link in an e-mail often opens in another browser. Log in again.',
  );
const broken = (detail: string): Fault<'login-refused'> =>
  new Fault('login-refused', { reason: 'code' }, `${detail} Log in again.`);
