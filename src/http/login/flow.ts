import passport, { type Authenticator } from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import { Fault, isFault } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { LoggedIn } from '../../ports/identity-provider.ts';
import type { LoginProvider } from '../../use-cases/sessions/commands.ts';
import type { Browser } from '../requests/headers.ts';
import type { LoginParameters, ReturnParameters } from '../requests/login-query.ts';
import { isTrue, malformed } from '../requests/validate.ts';
import type { Answer, HandlerInput, Services } from '../route.ts';
import type { SiteOfAddress } from '../where.ts';
import {
  loginUrl,
  ownAddress,
  redirectTarget,
  redirectUriAt,
  seeOther,
  targetOf,
  wayBackTo,
  withToken,
} from './login-urls.ts';
import {
  derivedSecrets,
  isExpired,
  loginCookies,
  openState,
  sealState,
  type LoginPurpose,
  type LoginSecrets,
  type LoginState,
} from './login-state.ts';

/** Sends the browser to the OAuth server, and leaves it a cookie to come back with. Source: oauth-server.md §4. */
export const beginLogin = async (
  services: Services,
  { where: { site }, query, browser }: HandlerInput<SiteOfAddress, LoginParameters>,
): Promise<Answer> => {
  const {
    useCases,
    login: { secrets },
  } = services;
  if (query.redirectUrl !== undefined) redirectTarget(query.redirectUrl, site);
  const provider = query.useOauth ?? 'default';
  const own = await ownAddress(services, browser);
  const loginProvider = useCases.loginProvider({ site, provider });
  const redirectUrl = query.redirectUrl ?? null;
  targetOf(redirectUrl, loginProvider, site, own);
  if (isTrue(query.forceNewLogin)) {
    const again = await loginProvider.logoutAddress(loginUrl(own, site, query));
    if (again !== null) return seeOther(again);
  }
  return sendOn(
    { secrets, browser, own, wayBack: wayBackTo(own, site), loginProvider },
    { siteId: site.id, provider, redirectUrl },
    { purpose: 'login', privileged: isTrue(query.loginPriviliged) },
  );
};

/**
 * The browser is back: if it is the one that began this login, the code is exchanged, the use case told, and the browser sent on
 * with its token. Whatever comes of it, the login is used; where it does not count, the answer says how to begin it anew.
 * Source: oauth-server.md §1, §4.
 */
export const finishLogin = async (
  services: Services,
  { where: { site }, query, rawQuery, browser }: HandlerInput<SiteOfAddress, ReturnParameters>,
): Promise<Answer> => {
  const {
    useCases,
    login: { secrets, sign },
  } = services;
  const login = loginOf(secrets, query.state, site);
  const { provider, redirectUrl } = login;
  const own = await ownAddress(services, browser);
  const loginProvider = useCases.loginProvider({ site, provider });
  const target = targetOf(redirectUrl, loginProvider, site, own);
  const way = { secrets, browser, own, wayBack: wayBackTo(own, site), loginProvider };
  return withLinkToBeginAnew(againUrl(own, site, login), async () => {
    const session = await takeBack(way, login, { query, rawQuery }, (loggedIn, state) =>
      useCases.logIn({ site, provider, loggedIn, state }),
    );
    return seeOther(withToken(target, await sign(session)));
  });
};

/** What a login at a site and one at the console go by alike. */
interface LoginWay {
  readonly secrets: LoginSecrets;
  readonly browser: Browser;
  /** This API as the browser reaches it. */
  readonly own: string;
  /** Where the browser comes back to. */
  readonly wayBack: string;
  readonly loginProvider: LoginProvider;
}

/** Sends the browser to the OAuth server, with a state that none but it comes back with. */
export const sendOn = async (
  { secrets, browser, own, wayBack, loginProvider }: LoginWay,
  login: Omit<LoginState, 'nonce' | 'expiresAt'>,
  { purpose, privileged }: { readonly purpose: LoginPurpose; readonly privileged: boolean },
): Promise<Answer> => {
  const nonce = secrets.newToken();
  const state = sealState(secrets, { ...login, nonce }, purpose);
  const redirectUri = redirectUriAt(wayBack, state, loginProvider.stateIsIn);
  const authorizationUrl = await loginProvider.authorizationAddress({
    ...derivedSecrets(secrets, { nonce }),
    ...{ state, redirectUri, privileged },
  });
  const flow = { loginProvider, state, authorizationUrl, redirectUri };
  const onward = await authorize({ ...flow, exchange: neverYet, complete: neverYet }, {});
  if (onward.kind !== 'sent') throw new Error('a login that has not begun cannot be completed');
  loginCookies(browser, own).keep(nonce);
  return seeOther(onward.address);
};

const neverYet = (): Promise<never> => Promise.reject(new Error('a login that has not begun has nothing to exchange'));

/** Takes a browser back that began this login, which is used by it: what the code comes to. Faults: `login-refused`, those of `complete`. */
export const takeBack = async <T>(
  { secrets, browser, own, wayBack, loginProvider }: LoginWay,
  login: LoginState,
  { query, rawQuery }: Pick<HandlerInput<unknown, ReturnParameters>, 'query' | 'rawQuery'>,
  complete: (loggedIn: LoggedIn, state: string) => Promise<T>,
): Promise<T> => {
  if (!loginCookies(browser, own).take(login.nonce) || isExpired(login)) throw notBegunHere();
  const code = codeIn(query);
  const state = query.state ?? '';
  const redirectUri = redirectUriAt(wayBack, state, loginProvider.stateIsIn);
  const address = `${wayBack}?${new URLSearchParams(rawQuery).toString()}`;
  const answer = { ...derivedSecrets(secrets, login), state, redirectUri, address };
  const completed = await authorize<T>(
    {
      ...{ loginProvider, state, redirectUri, authorizationUrl: loginProvider.issuer },
      exchange: () => loginProvider.exchange(answer),
      complete: (loggedIn) => complete(loggedIn, state),
    },
    { code },
  );
  if (completed.kind !== 'completed') throw new Error('a login with a code is not sent on');
  return completed.result;
};

const loginOf = (secrets: LoginSecrets, state: string | undefined, site: Site): LoginState => {
  const login = openedLogin(secrets, state, 'login');
  if (login.siteId !== site.id) throw notBegunHere();
  return login;
};

/** Faults: `login-refused` where there is no state, `malformed-request` for one that is none of ours. */
export const openedLogin = (secrets: LoginSecrets, state: string | undefined, purpose: LoginPurpose): LoginState => {
  if (state === undefined || state === '') throw notBegunHere();
  const login = openState(secrets, state, purpose);
  if (login === null) throw malformed('state', 'is not one that a login here begins with, or was changed on the way');
  return login;
};

/** What the OAuth server vouches with. OpenStad's says why it does not in words; they are not ours to show. Fault `login-refused`. */
const codeIn = ({ error, code }: ReturnParameters): string => {
  if (error !== undefined) throw notLetThrough('The OAuth server did not let this login through.');
  if (code === undefined || code === '') throw notLetThrough('The OAuth server sent no code along.');
  return code;
};

/**
 * The ordinary login also for administrators: whoever came back has proved at the OAuth server who they are, and the login for
 * administrators would ask once more, by a link that opens in the other browser once more.
 */
const againUrl = (own: string, site: Site, { provider, redirectUrl }: LoginState): string =>
  loginUrl(own, site, {
    ...(redirectUrl === null ? {} : { redirectUrl }),
    ...(provider === 'default' ? {} : { useOauth: provider }),
  });

export const withLinkToBeginAnew = async (again: string, work: () => Promise<Answer>): Promise<Answer> => {
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
const notLetThrough = (detail: string): Fault<'login-refused'> =>
  new Fault('login-refused', { reason: 'code' }, `${detail} Log in again.`);

/** One step of an authorization code grant, made for one request. */
interface AuthorizationFlow<T> {
  readonly loginProvider: LoginProvider;
  /** With everything that this server wants to be told. */
  readonly authorizationUrl: string;
  readonly redirectUri: string;
  readonly state: string;
  /** Code → token → whose it is; through the identity port, so that time limits, circuit and allowed hosts hold. */
  readonly exchange: () => Promise<LoggedIn>;
  /** What a good answer comes to. */
  readonly complete: (loggedIn: LoggedIn) => Promise<T>;
}
/** What passport made of a request: sent on to the OAuth server, or back from it. */
type Authorized<T> =
  { readonly kind: 'sent'; readonly address: string } | { readonly kind: 'completed'; readonly result: T };

/**
 * Takes the next step of the authorization code grant with passport: without a code in `query` the browser is sent to the OAuth
 * server, with one it is exchanged. That `state` is this browser's own is seen before (`openState`): a session store, which
 * passport has for that, we do not keep. Faults: those of `exchange` and `complete`.
 */
const authorize = <T>(flow: AuthorizationFlow<T>, query: { readonly code?: string }): Promise<Authorized<T>> =>
  new Promise((resolve, reject) => {
    const strategy = new FlowStrategy(flow, (result) => {
      resolve({ kind: 'completed', result });
    });
    // A server that loses `state` finds it inside redirect_uri.
    const options = flow.loginProvider.stateIsIn === 'state' ? { state: flow.state } : {};
    const step = strategies.authenticate(strategy, { session: false, ...options }, (error: unknown) => {
      if (error !== null && error !== undefined) reject(causeOf(error));
    });
    let address = '';
    const setHeader = (name: string, value: string): void => {
      if (name === 'Location') address = value;
    };
    const end = (): void => {
      resolve({ kind: 'sent', address });
    };
    step({ query }, { setHeader, end }, reject);
  });

/** As much of a request and a response as a strategy without sessions looks at. */
type Step = (
  request: { readonly query: { readonly code?: string } },
  response: { readonly setHeader: (name: string, value: string) => void; readonly end: () => void },
  next: (error: Error) => void,
) => void;
const strategies: Pick<Authenticator<unknown, Step>, 'authenticate'> = new passport.Passport();

/** passport-oauth2, but for two things: it asks the identity port for the token, and keeps nothing. */
class FlowStrategy<T> extends OAuth2Strategy {
  constructor(
    { loginProvider, authorizationUrl, redirectUri, exchange, complete }: AuthorizationFlow<T>,
    completed: (result: T) => void,
  ) {
    const found: LoggedIn[] = [];
    super(
      {
        authorizationURL: authorizationUrl,
        // Nothing is asked there: the exchange below takes its place.
        tokenURL: loginProvider.issuer,
        clientID: loginProvider.clientId,
        clientSecret: '',
        callbackURL: redirectUri,
        skipUserProfile: true,
      },
      (_accessToken: string, _refreshToken: string, _profile: unknown, done: OAuth2Strategy.VerifyCallback) => {
        Promise.all(found.map(complete)).then(([result]) => {
          if (result !== undefined) completed(result);
          done(null, {});
        }, done);
      },
    );
    this._oauth2.getOAuthAccessToken = (...asked: [string, unknown, Callback] | [string, Callback]) => {
      const callback = asked.length === 3 ? asked[2] : asked[1];
      exchange().then(
        (loggedIn) => {
          found.push(loggedIn);
          // Its types leave out that nothing may have gone wrong.
          callback(null as never, loggedIn.accessToken ?? 'none was given');
        },
        (error: unknown) => {
          callback(causeOf(error));
        },
      );
    };
  }
}
type Callback = (error: Error, accessToken?: string) => void;

/** Passport wraps what went wrong in the exchange. */
const causeOf = (error: unknown): Error => {
  const inner = error instanceof OAuth2Strategy.InternalOAuthError ? (error.oauthError as unknown) : error;
  return inner instanceof Error ? inner : new Error('a login failed without saying why');
};
