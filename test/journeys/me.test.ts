import type { RunningApp } from '../../src/lifecycle.ts';
import { startApp } from '../../src/lifecycle.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createContainer, loggerOf } from '../../src/container.ts';
import type { Session } from '../../src/domain/session.ts';
import { sessionToken } from '../support/session-token.ts';
import { writeThere, type Somebody } from './sentences/support/people.ts';
import { startSentences, user, type SentenceWorld } from './sentences/support/world.ts';

/**
 * `/me`, of which OpenStad's CMS and panel take any error, 304, 429 and 503 included, for "signed out", and which they ask at every
 * page view, with `Cache-Control: no-cache`. Source: user-api.md §5, test/recordings/openstad-clients.json.
 */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({}, { oauthTimeLimitMs: 3000 });
});
afterAll(() => s.close());

let instance: RunningApp;
const start = async (env: Record<string, string> = {}): Promise<void> => {
  const config = loadConfig({ env: { ...s.world.env, LOG_LEVEL: 'silent', ...env } });
  instance = await startApp(createContainer(config, { log: loggerOf(config) }), {
    server: { ...config.server, port: 0 },
  });
};
afterEach(async () => {
  await s.world.oauth.proxy.behave('pass');
  await instance.stop();
});

const dayMs = 86_400_000;
const ago = (ms: number): Date => new Date(Date.now() - ms);
/** Beyond maxStaleSeconds, where a role above member does not count unconfirmed. */
const longUnconfirmed: Partial<Session> = { checkedAt: ago(2 * dayMs) };
let logins = 0;

/** As the CMS asks, with the token of a login at site 1. */
const loggedIn = async ({ at, externalId }: Somebody, said: Partial<Session> = {}) => {
  const session = {
    jti: `me-${(logins += 1)}`,
    accessToken: await s.world.oauth.server.tokenFor(externalId, 'peer-client-1'),
    accessTokenExpiresAt: new Date(Date.now() + dayMs),
    expiresAt: new Date(Date.now() + 7 * dayMs),
    ...said,
  };
  const secret = 'a secret of thirty-two characters';
  const jwt = await sessionToken(s.world.container, at[1] ?? 0, { secret, said: session });
  const headers = { accept: 'application/json', 'x-authorization': `Bearer ${jwt}`, 'cache-control': 'no-cache' };
  return {
    jti: session.jti,
    headers,
    get: (path: string, more: Record<string, string> = {}) =>
      s.world.at(instance.url)(null, 'GET', path, undefined, { ...headers, ...more }),
  };
};
const admin = (): Promise<Somebody> => s.person({ at: { 1: 'admin', 2: 'member' } });

describe.each(['/oauth/site/1/me', '/oauth/me', '/oauth/me/'])('GET %s', (path) => {
  test('shows who is logged in, at the site of the token, with the tag of their row, and is kept by nobody', async () => {
    await start();
    const one = await admin();
    const who = await loggedIn(one);
    const [answer, view] = [await who.get(path), await who.get(`/api/site/1/user/${one.at[1]}`)];

    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.headers.get('etag')).toBe(view.headers.get('etag') ?? 'a tag');
    expect(answer.body).toMatchObject({
      id: one.at[1],
      siteId: 1,
      role: 'admin',
      externalUserId: one.externalId,
      email: one.email,
      extraData: {},
    });
  });

  test.each(['hang', 'json-500', 'refuse'] as const)(
    'keeps a page signed in while the OAuth server is away (%s)',
    async (how) => {
      await start();
      const one = await admin();
      const login = await loggedIn(one, { checkedAt: ago(61_000) });
      await s.world.oauth.proxy.behave(how);

      expect(await login.get(path)).toMatchObject({ status: 200, body: { id: one.at[1], role: 'admin' } });
    },
  );

  test('calls an admin a member whom nobody has confirmed for too long, and does not sign them out', async () => {
    await start();
    const one = await admin();
    const login = await loggedIn(one, longUnconfirmed);
    await s.world.oauth.proxy.behave('json-500');

    expect(await login.get(path)).toMatchObject({ status: 200, body: { id: one.at[1], role: 'member' } });
    expect((await login.get(user(1, one.at[1] ?? 0))).status).toBe(503);

    await s.world.oauth.proxy.behave('pass');
    await instance.stop();
    await start();
    expect(await login.get(path)).toMatchObject({ status: 200, body: { role: 'admin' } });
  });

  test('calls somebody a member whose role was taken away at the OAuth server', async () => {
    await start();
    const one = await admin();
    const login = await loggedIn(one, { checkedAt: ago(61_000) });
    await writeThere(s.world, one.externalId, { roles: { 1: 2 } });

    expect(await login.get(path)).toMatchObject({ status: 200, body: { id: one.at[1], role: 'member' } });
  });

  test('is 401 for a session that has ended, and for a token that is none', async () => {
    await start();
    const login = await loggedIn(await admin());
    await s.world.container.ports.sessions.end(login.jti);

    expect((await login.get(path)).status).toBe(401);
    expect((await login.get(path, { 'x-authorization': 'Bearer x' })).status).toBe(401);
  });

  test('tells a visitor that they are nobody', async () => {
    await start();

    const answer = await s.world.at(instance.url)(null, 'GET', path);

    expect([answer.status, answer.body]).toEqual([200, { externalUserId: null, extraData: {} }]);
  });

  test('answers when everything else of that user is over its limit, and does not count against it', async () => {
    await start({ LIMIT_PER_USER: '3', LIMIT_PER_ADDRESS: '3' });
    const one = await admin();
    const login = await loggedIn(one);

    for (let asked = 0; asked < 6; asked += 1) expect((await login.get(path)).status).toBe(200);
    const others = [];
    for (let asked = 0; asked < 4; asked += 1) others.push((await login.get(user(1, one.at[1] ?? 0))).status);
    expect(others).toEqual([200, 200, 200, 429]);
    expect((await login.get(path)).status).toBe(200);

    const more = [];
    for (let asked = 0; asked < 30; asked += 1) more.push((await login.get(path)).status);
    expect(more.filter((status) => status === 429).length).toBeGreaterThan(0);
  });
});

test('A whole site behind a proxy that writes ports is no single visitor', async () => {
  await start({ LIMIT_PER_ADDRESS: '20', TRUST_PROXY: '1' });
  const from = async (address: string): Promise<number> =>
    (await s.world.at(instance.url)(null, 'GET', '/oauth/site/1/me', undefined, { 'x-forwarded-for': address })).status;

  const city = [];
  for (let visitor = 1; visitor <= 21; visitor += 1) {
    city.push(await from(`203.0.113.${visitor}:${50_000 + visitor}`));
    city.push(await from(`[2001:db8:${visitor}::1]:${50_000 + visitor}`));
  }
  expect(city.filter((status) => status !== 200)).toEqual([]);

  const one = [];
  for (let port = 1; port <= 20; port += 1) one.push(await from(`203.0.113.1:${port}`));
  expect(one.filter((status) => status === 429)).toHaveLength(1);
});
