import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { CompactSign, jwtVerify } from 'jose';
import type { PersonRow } from './state.ts';
import type { Store } from './store.ts';

export const tokenSeconds = 24 * 60 * 60;

/** RS256 JWTs that live a day, and no longer than their row and their person do. */
export interface AccessTokens {
  issue(userId: number, clientId: string): Promise<string>;
  /** undefined: expired, revoked, of somebody gone, or signed by somebody else. */
  holder(token: string): Promise<PersonRow | undefined>;
  /** Whether there was such a token. */
  revoke(token: string): Promise<boolean>;
}

export const accessTokens = (store: Store): AccessTokens => {
  const privateKey = createPrivateKey(store.signingKey);
  const publicKey = createPublicKey(privateKey);
  return {
    issue: (userId, clientId) => {
      const { id } = store.addToken(userId, clientId);
      const expires = Math.floor(Date.now() / 1000) + tokenSeconds;
      // The real one's `sub` is a number.
      const claims = Buffer.from(JSON.stringify({ jti: id, sub: userId, exp: expires }));
      return new CompactSign(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(privateKey);
    },
    holder: async (token) => {
      const jti = await verifiedId(token, publicKey);
      const row = jti === undefined ? undefined : store.token(jti);
      return row === undefined ? undefined : store.byId(row.userId);
    },
    revoke: async (token) => {
      const jti = await verifiedId(token, publicKey);
      if (jti === undefined || store.token(jti) === undefined) return false;
      store.revokeToken(jti);
      return true;
    },
  };
};

const verifiedId = async (token: string, key: ReturnType<typeof createPublicKey>): Promise<string | undefined> => {
  try {
    return (await jwtVerify(token, key, { algorithms: ['RS256'] })).payload.jti;
  } catch {
    return undefined;
  }
};

/** The real one falls over a token that is none. */
export const isJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);

/** Authorization codes: for one client, once, within five minutes. In memory: nobody waits for a restart with a code in hand. */
export interface Codes {
  issue(userId: number, clientId: string): string;
  /** Whose code this was; undefined when it is none, or another client's, or used. */
  redeem(code: string, clientId: string): number | undefined;
}

const lifeMs = 5 * 60 * 1000;

export const authorizationCodes = (): Codes => {
  const codes = new Map<string, { readonly userId: number; readonly clientId: string; readonly until: number }>();
  return {
    issue: (userId, clientId) => {
      const code = randomUUID().replaceAll('-', '');
      codes.set(code, { userId, clientId, until: Date.now() + lifeMs });
      return code;
    },
    redeem: (code, clientId) => {
      const known = codes.get(code);
      // Whoever tries it uses it up.
      codes.delete(code);
      return known?.clientId !== clientId || known.until < Date.now() ? undefined : known.userId;
    },
  };
};
