import { SignJWT } from 'jose';
import type { Session } from '../../src/domain/session.ts';
import type { Container } from '../../src/container.ts';

/** A session token as a login would make it, of a session that is there; where its user is gone there is none. */
export const sessionToken = async (
  { ports }: Pick<Container, 'ports'>,
  userId: number,
  {
    secret,
    client = 'default',
    said = {},
  }: { readonly secret: string; readonly client?: string; readonly said?: Partial<Session> },
): Promise<string> => {
  const jti = said.jti ?? ports.secrets.newToken();
  const now = ports.clock.now();
  const expiresAt = new Date(now.getTime() + 3_600_000);
  const session = { jti, userId, provider: client, accessToken: null, accessTokenExpiresAt: null, sid: null };
  await ports.sessions.open({ ...session, checkedAt: now, createdAt: now, expiresAt, ...said }).catch(() => undefined);
  return new SignJWT({ userId, client, jti })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .sign(new TextEncoder().encode(secret));
};
