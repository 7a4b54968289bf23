import type { Site } from '../../domain/sites/site.ts';
import { keepConsole } from '../auth/console-cookie.ts';
import type { ConsoleLoginParameters, ReturnParameters } from '../requests/login-query.ts';
import { malformed } from '../requests/validate.ts';
import type { Answer, HandlerInput, Services } from '../route.ts';
import { siteNamed } from '../where.ts';
import { openedLogin, sendOn, takeBack, withLinkToBeginAnew } from './flow.ts';
import type { LoginState } from './login-state.ts';
import { isThisMachine, ownAddress, seeOther } from './login-urls.ts';

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
  return sendOn(
    { secrets, browser, own, wayBack: `${own}${wayBack}`, loginProvider },
    { siteId: site?.id ?? null, provider: 'default', redirectUrl: returnTo },
    { purpose, privileged: false },
  );
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
  const way = { secrets, browser, own, wayBack: `${own}${wayBack}`, loginProvider };
  return withLinkToBeginAnew(againUrl(own, login), async () => {
    const claims = await takeBack(way, login, { query, rawQuery }, (loggedIn, state) =>
      useCases.logIntoConsole({ site, provider, loggedIn, state }),
    );
    keepConsole({ secrets }, browser, own, claims);
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
