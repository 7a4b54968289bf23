import type { Site } from '../../domain/sites/site.ts';
import type { ConsoleClaims } from '../../use-cases/sessions/commands.ts';
import { keepConsole } from '../auth/console-cookie.ts';
import type { ConsoleLoginParameters, ReturnParameters } from '../requests/login-query.ts';
import { malformed } from '../requests/validate.ts';
import type { Answer, HandlerInput, Services } from '../route.ts';
import { siteNamed } from '../where.ts';
import { authorize, codeIn, neverYet, notBegunHere, openedLogin, withLinkToBeginAnew } from './flow.ts';
import { derivedSecrets, isExpired, loginCookies, sealState, type LoginState } from './login-state.ts';
import { isThisMachine, ownAddress, redirectUriAt, seeOther } from './login-urls.ts';

type Input<Q> = HandlerInput<null, Q>;
const purpose = 'console login';

/**
 * Sends the browser to an OAuth server, as the platform's own site, the global client or the site that is named, to come back to the
 * console. Faults: `malformed-request`, `oauth-not-configured`, those of the OAuth server. Source: people.md §6, docs/adr/0027.
 */
export const beginConsoleLogin = async (
  services: Services,
  { query, browser }: Input<ConsoleLoginParameters>,
): Promise<Answer> => {
  const {
    useCases,
    login: { secrets },
  } = services;
  const own = await consoleAddress(services, browser);
  const returnTo = pathIn(own, query.returnTo ?? '/console');
  const site = query.site === undefined ? await useCases.consoleLoginSite() : await siteOf(services, query.site);
  const loginProvider = useCases.loginProvider({ site, provider: 'default' });
  const nonce = secrets.newToken();
  const state = sealState(
    secrets,
    { siteId: site?.id ?? null, provider: 'default', redirectUrl: returnTo, nonce },
    purpose,
  );
  const redirectUri = redirectUriAt(`${own}${wayBack}`, state, loginProvider.stateIsIn);
  const authorizationUrl = await loginProvider.authorizationAddress({
    ...derivedSecrets(secrets, { nonce }),
    ...{ state, redirectUri, privileged: false },
  });
  const flow = { loginProvider, state, authorizationUrl, redirectUri };
  const onward = await authorize({ ...flow, exchange: neverYet, complete: neverYet }, {});
  if (onward.kind !== 'sent') throw new Error('a login that has not begun cannot be completed');
  loginCookies(browser, own).keep(nonce);
  return seeOther(onward.address);
};

/** The browser is back: with a session, which it keeps as a cookie, on to where the login was to lead. Faults: `login-refused` and those of logins. */
export const finishConsoleLogin = async (
  services: Services,
  { query, rawQuery, browser }: Input<ReturnParameters>,
): Promise<Answer> => {
  const {
    useCases,
    login: { secrets },
  } = services;
  const login = openedLogin(secrets, query.state, purpose);
  const own = await consoleAddress(services, browser);
  const site = login.siteId === null ? null : await siteOf(services, String(login.siteId));
  const { provider } = login;
  const loginProvider = useCases.loginProvider({ site, provider });
  return withLinkToBeginAnew(againUrl(own, login), async () => {
    if (!loginCookies(browser, own).take(login.nonce) || isExpired(login)) throw notBegunHere();
    const code = codeIn(query);
    const state = query.state ?? '';
    const redirectUri = redirectUriAt(`${own}${wayBack}`, state, loginProvider.stateIsIn);
    const address = `${own}${wayBack}?${new URLSearchParams(rawQuery).toString()}`;
    const answer = { ...derivedSecrets(secrets, login), state, redirectUri, address };
    const completed = await authorize<ConsoleClaims>(
      {
        ...{ loginProvider, state, redirectUri, authorizationUrl: loginProvider.issuer },
        exchange: () => loginProvider.exchange(answer),
        complete: (loggedIn) => useCases.logIntoConsole({ site, provider, loggedIn, state }),
      },
      { code },
    );
    if (completed.kind !== 'completed') throw new Error('a login with a code is not sent on');
    keepConsole({ secrets }, browser, own, completed.result);
    return seeOther(`${own}${pathIn(own, login.redirectUrl ?? '/console')}`);
  });
};

const wayBack = '/oauth/console/digest-login';

/**
 * Where the console is, as the browser reaches it. Over plain http it is at this machine only: elsewhere browsers do not say from which
 * page a request comes, and everybody on the way would read the cookie. Fault `malformed-request`.
 */
export const consoleAddress = async (services: Services, browser: Input<unknown>['browser']): Promise<string> => {
  const own = await ownAddress(services, browser);
  if (own.startsWith('https:') || isThisMachine(own)) return own;
  throw malformed('Host', 'is reached by plain http, over which the console is not used: it needs https');
};

const siteOf = async ({ sites }: Pick<Services, 'sites'>, name: string): Promise<Site> => {
  const site = await siteNamed(name, sites);
  if (site === null) throw malformed('site', 'is no site');
  return site;
};

/** Below the console, as our own address has it: whatever else a reader of addresses could take it for is refused. Fault `malformed-request`. */
const pathIn = (own: string, given: string): string => {
  const isPlain =
    given.length <= 1000 && /^\/console(?:[/?#]|$)/.test(given) && !/[\s\\\p{Cc}\p{Cf}\p{Cs}]/u.test(given);
  const url = isPlain && URL.canParse(given, own) ? new URL(given, own) : null;
  const isInside = url?.origin === new URL(own).origin && /^\/console(?:\/|$)/.test(url.pathname);
  if (url === null || !isInside) throw malformed('returnTo', 'must be a path below /console');
  return `${url.pathname}${url.search}${url.hash}`;
};

const againUrl = (own: string, { siteId, redirectUrl }: LoginState): string => {
  const parameters = {
    ...(siteId === null ? {} : { site: String(siteId) }),
    ...(redirectUrl === null ? {} : { returnTo: redirectUrl }),
  };
  return `${own}/oauth/console/login?${new URLSearchParams(parameters).toString()}`;
};
