import passport from 'passport';
import type { Authenticator } from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import type { LoggedIn } from '../../ports/identity-provider.ts';
import type { LoginProvider } from '../../use-cases/sessions/commands.ts';

/** One road to an OAuth server, made for one request. */
export interface AuthorizationFlow<T> {
  readonly loginProvider: LoginProvider;
  /** With everything that this server wants to be told. */
  readonly authorizationUrl: string;
  readonly redirectUri: string;
  readonly state: string;
  /** Code → token → whose it is; through the identity port, so that time limits, circuit and allowed hosts hold. */
  readonly exchange: () => Promise<LoggedIn>;
  /** What a good answer comes to. */
  readonly arrive: (loggedIn: LoggedIn) => Promise<T>;
}
/** What passport made of a request: sent on to the OAuth server, or back from it. */
export type Authorized<T> =
  { readonly kind: 'sent'; readonly address: string } | { readonly kind: 'arrived'; readonly arrival: T };

/**
 * Takes the next step of the authorization code grant with passport: without a code in `query` the browser is sent to the OAuth
 * server, with one it is exchanged. That `state` is this browser's own is seen before (login-state.ts): a session store, which
 * passport has for that, we do not keep. Faults: those of the road.
 */
export const authorize = <T>(flow: AuthorizationFlow<T>, query: { readonly code?: string }): Promise<Authorized<T>> =>
  new Promise((resolve, reject) => {
    const strategy = new FlowStrategy(flow, (arrival) => {
      resolve({ kind: 'arrived', arrival });
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
    { loginProvider, authorizationUrl, redirectUri, exchange, arrive }: AuthorizationFlow<T>,
    arrived: (arrival: T) => void,
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
        Promise.all(found.map(arrive)).then(([arrival]) => {
          if (arrival !== undefined) arrived(arrival);
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
