import Joi from 'joi';
import type { Secrets } from '../../ports/platform.ts';
import type { Browser } from '../requests/headers.ts';

/**
 * The whole way back of a login, which travels to the OAuth server and back as `state`: nothing of it is kept here meanwhile, so
 * that a link opened in another browser, or after the cookie ran out, still says where its login was to lead.
 */
export interface LoginState {
  /** null: the global OAuth server, for the console. */
  readonly siteId: number | null;
  readonly provider: string;
  /** As the login was asked for (of the console a path); null where the site's own settings say where it leads. */
  readonly redirectUrl: string | null;
  /** What the browser's cookie must hold, too. */
  readonly nonce: string;
  /** In seconds since 1970. */
  readonly expiresAt: number;
}
export type LoginSecrets = Pick<Secrets, 'seal' | 'open' | 'newToken' | 'fingerprint'>;

/** An e-mail link of OpenStad's server lives ten minutes, and people look for their mail. Source: oauth-server.md §1. */
const loginSeconds = 30 * 60;

/** base64url throughout: a percent sign in a redirect_uri makes some of OpenStad's pages cut it. Source: oauth-server.md §1. */
export const sealState = (
  { seal }: Pick<LoginSecrets, 'seal'>,
  state: Omit<LoginState, 'expiresAt'>,
  purpose: LoginPurpose = 'login',
): string =>
  Buffer.from(seal(purpose, JSON.stringify({ ...state, expiresAt: now() + loginSeconds }))).toString('base64url');

/** A login at a site ends at none other than that, and one at the console there. */
export type LoginPurpose = 'login' | 'console login';

/** Null: not ours, changed, or sealed for something else. */
export const openState = (
  { open }: Pick<LoginSecrets, 'open'>,
  state: string,
  purpose: LoginPurpose = 'login',
): LoginState | null => {
  const opened = /^[\w-]+$/.test(state) ? open(purpose, Buffer.from(state, 'base64url').toString()) : null;
  if (opened === null) return null;
  // What opens was sealed by us, but an older version may have sealed another form.
  const result: Joi.ValidationResult<LoginState> = shape.validate(JSON.parse(opened), { convert: false });
  return result.error === undefined ? result.value : null;
};

export const isExpired = ({ expiresAt }: LoginState): boolean => expiresAt <= now();

/** What an OpenID Connect server is told besides: each follows from the nonce, and tells nothing of it. */
export const derivedSecrets = (
  { fingerprint }: Pick<LoginSecrets, 'fingerprint'>,
  { nonce }: Pick<LoginState, 'nonce'>,
): { readonly nonce: string; readonly codeVerifier: string } => ({
  nonce: fingerprint('login nonce', nonce),
  codeVerifier: fingerprint('login code verifier', nonce),
});

const now = (): number => Math.floor(Date.now() / 1000);

const shape = Joi.object<LoginState>({
  siteId: Joi.number().allow(null).required(),
  provider: Joi.string().required(),
  redirectUrl: Joi.string().allow(null).required(),
  nonce: Joi.string().required(),
  expiresAt: Joi.number().required(),
});

/** Binds logins to the browser that began them: one cookie a login, which holds the nonce of its state and is good once. */
interface LoginCookies {
  readonly keep: (nonce: string) => void;
  /** Whether this browser has the cookie of this nonce; it has not any more. */
  readonly take: (nonce: string) => boolean;
}

/** Logins in several tabs; older ones give way … */
const maxKept = 10;
/** … so many at a time: each is a header, of which hundreds cost much more than their length, and make a head that proxies refuse. */
const maxTakenBack = 20;

/** `ownUrl`: as browsers reach us. Under https a cookie is bound to our host, so that no neighbouring host can put one there. */
export const loginCookies = ({ cookies, setCookie }: Browser, ownUrl: string): LoginCookies => {
  const isSecure = ownUrl.startsWith('https:');
  const prefix = `${isSecure ? '__Host-' : ''}civitas-login-`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const forget = (name: string): void => {
    setCookie(`${name}=; Max-Age=0; ${attributes}`);
  };
  return {
    keep: (nonce) => {
      // A browser sends those that it has had longest first (RFC 6265, 5.4).
      const held = [...cookies.keys()].filter((name) => name.startsWith(prefix));
      const tooMany = Math.max(0, held.length - maxKept + 1);
      for (const name of held.slice(0, Math.min(tooMany, maxTakenBack))) forget(name);
      setCookie(`${prefix}${nonce.slice(0, 8)}=${nonce}; Max-Age=${loginSeconds}; ${attributes}`);
    },
    take: (nonce) => {
      const name = prefix + nonce.slice(0, 8);
      const held = cookies.get(name);
      if (held === undefined) return false;
      forget(name);
      return held === nonce;
    },
  };
};
