import Joi from 'joi';
import type { Secrets } from '../../ports/secrets.ts';
import type { LoginAnswer } from '../../ports/identity-provider.ts';
import type { Browser } from '../browser.ts';

/** A login that this browser began and that has not come back yet; only in its own cookie, sealed. */
export interface PendingLogin extends Pick<LoginAnswer, 'state' | 'nonce' | 'codeVerifier'> {
  readonly kind: 'login';
  readonly siteId: number;
  readonly provider: string;
  /** The address of digest-login that the OAuth server was told, without its query. */
  readonly back: string;
  readonly returnTo: string;
  /** In seconds since 1970. */
  readonly until: number;
}
export type LoginSecrets = Pick<Secrets, 'seal' | 'open' | 'newToken'>;

interface PendingLogins {
  readonly keep: (login: Omit<PendingLogin, 'kind' | 'until'>) => void;
  /** The login that was begun with this state in this browser, which forgets it; null when there is none. */
  readonly take: (state: string) => PendingLogin | null;
}

const seconds = 600;
/** Logins in several tabs; older ones give way, so that no browser ever sends more than a request can hold. */
const most = { number: 5, characters: 6000 } as const;

/** Where a browser's pending logins stand: one cookie each, bound to our host under https, sent along when it comes back. */
export const pendingLogins = (secrets: LoginSecrets, { cookies, setCookie }: Browser): PendingLogins => {
  const held = [...cookies].flatMap(([name, value]) => {
    if (!namePattern.test(name)) return [];
    const login = loginOf(secrets.open(value));
    // Under another name it was put there by somebody else: without `__Host-`, a neighbouring host can do that.
    const isOwn = login !== null && login.until > now() && name === nameOf(login);
    return [{ name, size: value.length, login: isOwn ? login : null }];
  });
  const forget = (name: string): void => {
    setCookie(`${name}=; Max-Age=0; ${attributes(name)}`);
  };
  return {
    keep: (login) => {
      const name = nameOf(login);
      const value = secrets.seal(JSON.stringify({ kind: 'login', ...login, until: now() + seconds }));
      let [number, characters] = [1, value.length];
      for (const one of [...held].sort((a, b) => (b.login?.until ?? 0) - (a.login?.until ?? 0))) {
        number += 1;
        characters += one.size;
        if (one.login === null || number > most.number || characters > most.characters) forget(one.name);
      }
      setCookie(`${name}=${value}; Max-Age=${seconds}; ${attributes(name)}`);
    },
    take: (state) => {
      const found = held.find(({ login }) => login?.state === state);
      if (found !== undefined) forget(found.name);
      return found?.login ?? null;
    },
  };
};

const now = (): number => Math.floor(Date.now() / 1000);
const namePattern = /^(?:__Host-)?civitas-login-[\w-]{8}$/;
const nameOf = ({ state, back }: Pick<PendingLogin, 'state' | 'back'>): string =>
  `${back.startsWith('https:') ? '__Host-' : ''}civitas-login-${state.slice(0, 8)}`;
const attributes = (name: string): string =>
  `Path=/; HttpOnly; SameSite=Lax${name.startsWith('__Host-') ? '; Secure' : ''}`;

const shape = Joi.object<PendingLogin>({
  kind: Joi.string().valid('login').required(),
  siteId: Joi.number().required(),
  provider: Joi.string().required(),
  state: Joi.string().required(),
  nonce: Joi.string().required(),
  codeVerifier: Joi.string().required(),
  back: Joi.string().required(),
  returnTo: Joi.string().required(),
  until: Joi.number().required(),
});

const loginOf = (opened: string | null): PendingLogin | null => {
  if (opened === null) return null;
  try {
    const read: unknown = JSON.parse(opened);
    const result: Joi.ValidationResult<PendingLogin> = shape.validate(read, { convert: false });
    return result.error === undefined ? result.value : null;
  } catch {
    // Sealed by us for something else.
    return null;
  }
};

/** The address that the OAuth server is told to send the browser back to: with what has to survive there, or the same each time. */
export const redirectUriOf = (
  { back, provider, returnTo, state }: Pick<PendingLogin, 'back' | 'provider' | 'returnTo' | 'state'>,
  stateTravelsIn: 'state' | 'redirect-uri',
): string =>
  stateTravelsIn === 'state'
    ? back
    : `${back}?${new URLSearchParams({ useOauth: provider, returnTo, state }).toString()}`;
