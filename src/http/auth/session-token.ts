import { hash } from 'node:crypto';
import { jwtVerify, SignJWT, type JWTPayload } from 'jose';
import NodeCache from 'node-cache';
import type { Session } from '../../domain/session.ts';

export interface SessionClaims {
  readonly userId: number;
  readonly client: string;
  /** The session that it names; absent in tokens that an OpenStad API made. */
  readonly jti?: string;
}
export type ReadSessionToken = (token: string) => Promise<SessionClaims | null>;
interface Settings {
  readonly jwtSecret: string;
  /** Tokens without `jti`, as an OpenStad API beside us makes them. */
  readonly acceptLegacyTokens: boolean;
  /** How long a verified token is believed without looking again. */
  readonly freshSeconds: number;
}

const maxKept = 10_000;

/**
 * Reads session tokens: HS256 only, in time, with `{userId, client}` of the right shape. Null for everything else.
 * Verified ones are remembered by their hash, never longer than they live. Source: user-api.md §1.
 */
export const sessionReader = (settings: Settings): ReadSessionToken => {
  const secret = new TextEncoder().encode(settings.jwtSecret);
  const verified = new NodeCache({ useClones: false, maxKeys: maxKept, checkperiod: 60 });
  return async (token) => {
    const key = hash('sha256', token, 'base64url');
    const known = verified.get<SessionClaims>(key);
    if (known !== undefined) return known;
    const payload = await payloadOf(token, secret);
    const claims = payload === null ? null : claimsOf(payload, settings.acceptLegacyTokens);
    const seconds = Math.min(settings.freshSeconds, Math.floor((payload?.exp ?? 0) - Date.now() / 1000));
    // A time to live of 0 would mean for ever.
    if (claims !== null && seconds > 0 && verified.getStats().keys < maxKept) verified.set(key, claims, seconds);
    return claims;
  };
};

/** Makes the token of a session, which ends when the session does: `{userId, client, jti, iat, exp}`. Source: user-api.md §1. */
export const sessionSigner = (jwtSecret: string): ((session: Session) => Promise<string>) => {
  const secret = new TextEncoder().encode(jwtSecret);
  return ({ userId, provider, jti, createdAt, expiresAt }) =>
    new SignJWT({ userId, client: provider, jti })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(createdAt)
      .setExpirationTime(expiresAt)
      .sign(secret);
};

const payloadOf = async (token: string, secret: Uint8Array): Promise<JWTPayload | null> => {
  try {
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], requiredClaims: ['exp'] });
    return payload;
  } catch {
    // Expired, forged or no token at all: the same to whoever sent it.
    return null;
  }
};

const claimsOf = (payload: JWTPayload, acceptLegacyTokens: boolean): SessionClaims | null => {
  const { userId, client, jti } = payload;
  if (jti === undefined ? !acceptLegacyTokens : jti === '') return null;
  if (typeof userId !== 'number' || !Number.isSafeInteger(userId) || userId < 1) return null;
  if (typeof client !== 'string' || client === '') return null;
  return { userId, client, ...(jti === undefined ? {} : { jti }) };
};
