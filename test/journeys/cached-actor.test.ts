import { SignJWT } from 'jose';
import type { Session } from '../../src/domain/session.ts';
import { startApp, type RunningApp } from '../../src/lifecycle.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createContainer, loggerOf } from '../../src/container.ts';
import { sessionToken } from '../support/session-token.ts';
import type { Misbehaviour } from '../support/misbehaving-server.ts';
import type { Answer } from '../support/recorded-world.ts';
import { removeThere, writeThere, type Somebody } from './sentences/support/people.ts';
import { startSentences, user, type SentenceWorld } from './sentences/support/world.ts';

/** oauth-server.md §3 "The actor", over real sockets: what the OAuth server is asked, and what its answers and silences do. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({}, { oauthTimeLimitMs: 3000 });
});
afterAll(() => s.close());

/** An instance for each test: circuits that a test opens, and what it remembers, are its own. */
let instance: RunningApp;
const start = (env: Record<string, string> = {}): Promise<RunningApp> => {
  const config = loadConfig({ env: { ...s.world.env, LOG_LEVEL: 'silent', ...env } });
  const server = { ...config.server, port: 0 };
  return startApp(createContainer(config, { log: loggerOf(config), clock: s.world.clock }), { server });
};
beforeEach(async () => {
  instance = await start();
});
afterEach(async () => {
  await s.world.oauth.proxy.behave('pass');
  await instance.stop();
});
const get = (path: string, headers: Record<string, string>): Promise<Answer> =>
  s.world.at(instance.url)(null, 'GET', path, undefined, headers);

const dayMs = 86_400_000;
const ago = (ms: number): Date => new Date(s.world.clock.now().getTime() - ms);
/** Older than freshSeconds. */
const stale = (): Partial<Session> => ({ checkedAt: ago(61_000) });
let logins = 0;

/** Somebody logged in at site 1, with an access token of their own; answers how to call and what is left of the session. */
const loggedIn = async ({ at, externalId }: Somebody, said: Partial<Session> = stale()) => {
  const { ports } = s.world.container;
  const session = {
    jti: `login-${(logins += 1)}`,
    accessToken: await s.world.oauth.server.tokenFor(externalId, 'peer-client-1'),
    accessTokenExpiresAt: new Date(Date.now() + dayMs),
    expiresAt: new Date(Date.now() + 7 * dayMs),
    ...said,
  };
  const secret = 'a secret of thirty-two characters';
  const jwt = await sessionToken(s.world.container, at[1] ?? 0, { secret, said: session });
  const authorization = { authorization: `Bearer ${jwt}` };
  return {
    authorization,
    get: (path: string): Promise<Answer> => get(path, authorization),
    grownOld: (ms = 61_000): Promise<void> => ports.sessions.setCheckedAt(session.jti, ago(ms)),
    isThere: async (): Promise<boolean> => (await s.world.container.ports.sessions.find(session.jti)) !== null,
  };
};
const member = (): Promise<Somebody> => s.person({ at: { 1: 'member' } });
const moderator = (): Promise<Somebody> => s.person({ at: { 1: 'moderator', 2: 'member' } });
const roleThere = (externalId: number, client: number, roleId: number): Promise<void> =>
  writeThere(s.world, externalId, { roles: { [client]: roleId } });
const userinfos = (): number => s.world.oauth.proxy.calls(/^GET \/api\/userinfo/);

describe('a member’s token', () => {
  test('makes at most two userinfo calls in 1,000 requests within ten seconds, over two instances', async () => {
    const one = await member();
    const login = await loggedIn(one);
    s.world.oauth.proxy.forgetCalls();
    await s.beside({}, async (second) => {
      const statuses = new Map<number, number>();
      for (let batch = 0; batch < 20; batch += 1) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, async (_none, index) => {
            const url = index % 2 === 0 ? instance.url : second;
            const answer = await fetch(url + user(1, one.at[1] ?? 0), { headers: login.authorization });
            await answer.arrayBuffer();
            return answer.status;
          }),
        );
        for (const status of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // Spread over the ten seconds.
        s.world.later(0.45);
      }
      expect(statuses).toEqual(new Map([[200, 1000]]));
      expect(userinfos()).toBeLessThanOrEqual(2);
      expect(userinfos()).toBeGreaterThanOrEqual(1);
    });
  });

  test('costs one statement for the actor while it is fresh', async () => {
    const one = await member();
    const login = await loggedIn(one, {});
    await s.world.container.database.rows.persons.update({ fetchedAt: new Date() }, { where: { id: one.id } });
    await s.get(null, user(1, one.at[1] ?? 0), login.authorization);
    const before = s.world.statements();
    await s.get(null, user(1, one.at[1] ?? 0), login.authorization);
    expect(s.world.statements() - before).toBe(2);
  });

  test('that was revoked at the OAuth server is refused from the next check on, and the session is gone', async () => {
    const one = await member();
    const login = await loggedIn(one);
    expect((await login.get(user(1, one.at[1] ?? 0))).body.email).toBe(one.email);
    s.world.oauth.server.revokeTokens(one.externalId);
    expect((await login.get(user(1, one.at[1] ?? 0))).status).toBe(200);
    await login.grownOld();
    const refused = await login.get(user(1, one.at[1] ?? 0));
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
    expect(await login.isThere()).toBe(false);
  });

  test('shows what the OAuth server says by now, in the very answer that had it asked', async () => {
    const one = await member();
    const login = await loggedIn(one);
    await writeThere(s.world, one.externalId, { firstName: 'Nieuw' });
    expect((await login.get(user(1, one.at[1] ?? 0))).body.firstName).toBe('Nieuw');
  });

  test('of somebody who was removed at the OAuth server is refused, and their rows stay', async () => {
    const one = await member();
    const login = await loggedIn(one);
    await removeThere(s.world, one.externalId);
    expect((await login.get(user(1, one.at[1] ?? 0))).status).toBe(401);
    expect((await s.get('admin', user(1, one.at[1] ?? 0))).body.email).toBe(one.email);
  });

  test('goes on by id when its access token has run out, until the person is gone', async () => {
    const one = await member();
    const login = await loggedIn(one, { ...stale(), accessTokenExpiresAt: ago(1000) });
    s.world.oauth.proxy.forgetCalls();
    expect((await login.get(user(1, one.at[1] ?? 0))).status).toBe(200);
    expect(userinfos()).toBe(0);
    await removeThere(s.world, one.externalId);
    await login.grownOld();
    expect((await login.get(user(1, one.at[1] ?? 0))).status).toBe(401);
    expect(await login.isThere()).toBe(false);
  });

  test('beside the access token of somebody else counts no more', async () => {
    const [one, other] = [await member(), await member()];
    const accessToken = await s.world.oauth.server.tokenFor(other.externalId, 'peer-client-1');
    const login = await loggedIn(one, { ...stale(), accessToken });
    expect((await login.get(user(1, one.at[1] ?? 0))).status).toBe(401);
    expect((await s.row(one.at[1] ?? 0))?.email).toBe(one.email);
  });
});

describe('a moderator’s role that is taken away at the OAuth server', () => {
  const moderates = async (login: Awaited<ReturnType<typeof loggedIn>>, siteId: number, target: Somebody) =>
    (await login.get(user(siteId, target.at[siteId] ?? 0))).body.email !== undefined;

  test('stops working at the next check, at the site of the token', async () => {
    const [mo, target] = [await moderator(), await member()];
    const login = await loggedIn(mo);
    expect(await moderates(login, 1, target)).toBe(true);
    await roleThere(mo.externalId, 1, 2);
    await login.grownOld();
    expect(await moderates(login, 1, target)).toBe(false);
    expect((await s.row(mo.at[1] ?? 0))?.role).toBe('member');
  });

  test('never worked at another site by this token, and so is not asked about there', async () => {
    const mo = await s.person({ at: { 1: 'member', 2: 'moderator' } });
    const target = await s.person({ at: { 2: 'member' } });
    const login = await loggedIn(mo);
    s.world.oauth.proxy.forgetCalls();
    expect(await moderates(login, 2, target)).toBe(false);
    expect([userinfos(), s.world.oauth.proxy.calls(/^GET \/api\/admin\/user/)]).toEqual([1, 0]);
  });
});

const silences: readonly Misbehaviour[] = ['refuse', 'json-500', 'html-500', 'html-200', '429', 'reset', 'hang'];
describe.each(silences)('while the OAuth server says %s', (mode) => {
  test('nobody is signed out, members go on for ever, and moderators for maxStaleSeconds', async () => {
    const [one, mo] = [await member(), await moderator()];
    const [login, moLogin] = [await loggedIn(one), await loggedIn(mo)];
    await s.world.oauth.proxy.behave(mode);
    for (const hours of [1, 23]) {
      await Promise.all([login.grownOld(hours * 3_600_000), moLogin.grownOld(hours * 3_600_000)]);
      expect((await login.get(user(1, one.at[1] ?? 0))).status).toBe(200);
      expect((await moLogin.get(user(1, one.at[1] ?? 0))).body.email).toBe(one.email);
    }
    await Promise.all([login.grownOld(25 * 3_600_000), moLogin.grownOld(25 * 3_600_000)]);
    expect((await login.get(user(1, one.at[1] ?? 0))).body.email).toBe(one.email);
    const refused = await moLogin.get(user(1, one.at[1] ?? 0));
    expect([refused.status, refused.body.type]).toEqual([503, '/problems/role-unconfirmed']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect([await login.isThere(), await moLogin.isThere()]).toEqual([true, true]);
    const another = await loggedIn(mo, { checkedAt: ago(25 * 3_600_000) });
    const left = await s.world.at(instance.url)(null, 'POST', '/oauth/site/1/logout', undefined, another.authorization);
    expect([left.status, await another.isThere()]).toEqual([200, false]);

    await s.world.oauth.proxy.behave('pass');
    await instance.stop();
    instance = await start();
    expect((await moLogin.get(user(1, one.at[1] ?? 0))).body.email).toBe(one.email);
  });
});

test('a 401 ends the session, whoever says it', async () => {
  const one = await member();
  const login = await loggedIn(one);
  await s.world.oauth.proxy.behave('401', /userinfo/);
  expect((await login.get(user(1, one.at[1] ?? 0))).status).toBe(401);
  expect(await login.isThere()).toBe(false);
});

test('a slow OAuth server is waited for once, not by every request', async () => {
  const one = await member();
  const login = await loggedIn(one);
  await s.world.oauth.proxy.behave('hang');
  const answers = await Promise.all(Array.from({ length: 30 }, () => login.get(user(1, one.at[1] ?? 0))));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const again = Date.now();
  for (let request = 0; request < 5; request += 1) await login.get(user(1, one.at[1] ?? 0));
  // Each that waited would take three seconds.
  expect(Date.now() - again).toBeLessThan(5 * 3000);
});

test('an OpenStad token is checked by the person’s age, with the access token that stands in the row', async () => {
  const one = await member();
  const id = one.at[1] ?? 0;
  const accessToken = await s.world.oauth.server.tokenFor(one.externalId, 'peer-client-1');
  await s.touch('users', id, { externalAccessToken: accessToken });
  const app = await start({ AUTH_ACCEPT_LEGACY_TOKENS: 'true' });
  try {
    const headers = { authorization: `Bearer ${await legacyToken(id)}` };
    const status = async (): Promise<number> => (await fetch(app.url + user(1, id), { headers })).status;
    s.world.oauth.proxy.forgetCalls();
    expect([await status(), await status(), userinfos()]).toEqual([200, 200, 1]);
    s.world.oauth.server.revokeTokens(one.externalId);
    await s.world.container.database.rows.persons.update({ fetchedAt: ago(61_000) }, { where: { id: one.id } });
    expect(await status()).toBe(401);
  } finally {
    await app.stop();
  }
});

const legacyToken = (userId: number): Promise<string> =>
  new SignJWT({ userId, client: 'default' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode('a secret of thirty-two characters'));
