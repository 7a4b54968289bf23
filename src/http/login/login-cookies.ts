import type { Browser } from '../requests/headers.ts';
import { loginSeconds } from './login-state.ts';

/** Binds logins to the browser that began them: one cookie a login, which holds the nonce of its state and is good once. */
export interface LoginCookies {
  readonly keep: (nonce: string) => void;
  /** Whether this browser has the cookie of this nonce; it has not any more. */
  readonly take: (nonce: string) => boolean;
}

/** Logins in several tabs; older ones give way. */
const maxKept = 10;

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
      for (const name of held.slice(0, Math.max(0, held.length - maxKept + 1))) forget(name);
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
