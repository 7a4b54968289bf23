import Joi from 'joi';
import type { Secrets } from '../../ports/secrets.ts';

/**
 * The whole way back of a login, which travels to the OAuth server and back as `state`: nothing of it is kept here meanwhile, so
 * that a link opened in another browser, or after the cookie ran out, still says where its login was to lead.
 */
export interface LoginState {
  readonly siteId: number;
  readonly provider: string;
  /** As the login was asked for; null where the site's own settings say where it leads. */
  readonly redirectUrl: string | null;
  /** What the browser's cookie must hold, too. */
  readonly nonce: string;
  /** In seconds since 1970. */
  readonly expiresAt: number;
}
export type LoginSecrets = Pick<Secrets, 'seal' | 'open' | 'newToken' | 'fingerprint'>;

/** An e-mail link of OpenStad's server lives ten minutes, and people look for their mail. Source: oauth-server.md §1. */
export const loginSeconds = 30 * 60;

/** base64url throughout: a percent sign in a redirect_uri makes some of OpenStad's pages cut it. Source: oauth-server.md §1. */
export const sealState = ({ seal }: Pick<LoginSecrets, 'seal'>, state: Omit<LoginState, 'expiresAt'>): string =>
  Buffer.from(seal('login', JSON.stringify({ ...state, expiresAt: now() + loginSeconds }))).toString('base64url');

/** Null: not ours, changed, or sealed for something else. */
export const openState = ({ open }: Pick<LoginSecrets, 'open'>, state: string): LoginState | null => {
  const opened = /^[\w-]+$/.test(state) ? open('login', Buffer.from(state, 'base64url').toString()) : null;
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
  siteId: Joi.number().required(),
  provider: Joi.string().required(),
  redirectUrl: Joi.string().allow(null).required(),
  nonce: Joi.string().required(),
  expiresAt: Joi.number().required(),
});
