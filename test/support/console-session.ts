import { consoleSeconds, type Session } from '../../src/domain/session.ts';
import type { Container } from '../../src/container.ts';
import { keepConsole } from '../../src/http/auth/console-cookie.ts';
import { fromConsole } from './visitor.ts';

/** What a page of the console sends of a person who has just been signed in there, as a login would have done it, over plain http. */
export const consoleHeaders = async (
  { ports }: Pick<Container, 'ports'>,
  {
    personId,
    userId,
    said = {},
  }: { readonly personId: number; readonly userId: number; readonly said?: Partial<Session> },
): Promise<Record<string, string>> => {
  const now = ports.clock.now();
  const session = {
    ...{
      jti: ports.secrets.newToken(),
      userId,
      provider: 'default',
      console: { personId, siteId: ports.settings.platformSiteId },
    },
    ...{ accessToken: null, accessTokenExpiresAt: null, sid: null, checkedAt: now, createdAt: now },
    expiresAt: new Date(now.getTime() + consoleSeconds * 1000),
    ...said,
  };
  await ports.sessions.open(session);
  let cookie = '';
  const setCookie = (set: string): void => {
    cookie = set.slice(0, set.indexOf(';'));
  };
  keepConsole(ports, { setCookie }, 'http://127.0.0.1', { jti: session.jti, personId });
  return { ...fromConsole, Cookie: cookie };
};
