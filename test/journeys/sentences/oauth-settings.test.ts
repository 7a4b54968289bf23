import { startMisbehavingServer, type MisbehavingServer } from '../../support/misbehaving-server.ts';
import { sessionToken } from '../../support/session-token.ts';
import { startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** oauth-server.md §1: which settings, whose credentials, which addresses. */
const [two, bare, other, loud, partial, foreign] = [11, 12, 13, 14, 15, 16];
let s: SentenceWorld;
/** The same OAuth server at another address: another issuer. */
let elsewhere: MisbehavingServer;

const client = (id: number, url: string) => ({
  'auth-server-url': url,
  'auth-client-id': `peer-client-${id}`,
  'auth-client-secret': `peer-secret-${id}`,
});

beforeAll(async () => {
  elsewhere = await startMisbehavingServer('http://127.0.0.1:9');
  s = await startSentences({
    [two]: { oauth: (url) => ({ default: client(11, url), second: client(17, url) }) },
    [bare]: { oauth: () => ({}) },
    [other]: { oauth: () => ({ default: { 'auth-server-url': elsewhere.url } }) },
    // The same address, written otherwise.
    [loud]: { oauth: (url) => ({ default: client(14, `${url.replace('http', 'HTTP')}/`) }) },
    [partial]: { oauth: (url) => ({ default: { 'auth-server-url': url, 'auth-client-id': 'peer-client-15' } }) },
    [foreign]: { oauth: () => ({ default: client(16, elsewhere.url) }) },
  });
});
afterAll(async () => {
  await s.close();
  await elsewhere.close();
});

let last = 0;
const newEmail = () => `settings${(last += 1)}@example.org`;
const rolesOf = (email: string) => s.world.oauth.server.people().find((one) => one.email === email)?.roles;
const withClient = async (userId: number, name: string) => {
  const token = await sessionToken(s.world.container, userId, {
    secret: 'a secret of thirty-two characters',
    client: name,
  });
  return { 'x-authorization': `Bearer ${token}` };
};

describe('the settings are config.oauth.<name>', () => {
  test('default, unless useOauth says otherwise', async () => {
    const [first, second] = [newEmail(), newEmail()];
    expect((await s.post('admin', users(two), { email: first })).status).toBe(201);
    expect((await s.post('admin', `${users(two)}?useOauth=second`, { email: second })).status).toBe(201);
    expect([rolesOf(first), rolesOf(second)]).toEqual([{ 'peer-client-11': 'member' }, { 'peer-client-17': 'member' }]);
  });

  test("or the token's client does; useOauth says more than the token", async () => {
    const mo = await s.person({ at: { [two]: 'moderator' } });
    const second = await withClient(mo.at[two]!, 'second');
    const [first, other] = [newEmail(), newEmail()];
    expect((await s.post(null, users(two), { email: first }, second)).status).toBe(201);
    expect((await s.post(null, `${users(two)}?useOauth=default`, { email: other }, second)).status).toBe(201);
    expect([rolesOf(first), rolesOf(other)]).toEqual([{ 'peer-client-17': 'member' }, { 'peer-client-11': 'member' }]);
  });

  test('an unknown name is 400, of useOauth or of a token', async () => {
    const mo = await s.person({ at: { [two]: 'moderator' } });
    for (const answer of [
      await s.post('admin', `${users(two)}?useOauth=third`, { email: newEmail() }),
      await s.post('admin', `${users(two)}?useOauth=__proto__`, { email: newEmail() }),
      await s.post(null, users(two), { email: newEmail() }, await withClient(mo.at[two]!, 'third')),
    ]) {
      expect([answer.status, answer.body.type]).toEqual([400, expect.stringMatching(/oauth-not-configured|malformed/)]);
    }
  });
});

describe('address, client id and secret are one set', () => {
  test('a site that lacks one of them has no OAuth server: 400, and nobody is called', async () => {
    s.world.oauth.proxy.forgetCalls();
    for (const site of [bare, other, partial]) {
      expect((await s.post('admin', users(site), { email: newEmail() })).status).toBe(400);
    }
    expect([s.world.oauth.proxy.calls(), elsewhere.calls()]).toEqual([0, 0]);
  });

  test('what is missing comes from the global settings, but global credentials go to the global address only', async () => {
    const globals = {
      AUTH_SERVER_URL: s.world.oauth.url,
      AUTH_CLIENT_ID: 'peer-client-18',
      AUTH_CLIENT_SECRET: 'peer-secret-18',
    };
    await s.beside(globals, async (url) => {
      const make = (site: number, email: string) =>
        fetch(url + users(site), {
          method: 'POST',
          headers: { 'x-authorization': 'fixed-admin', 'content-type': 'application/json' },
          body: JSON.stringify({ email }),
        });
      const email = newEmail();
      expect((await make(bare, email)).status).toBe(201);
      expect(rolesOf(email)).toEqual({ 'peer-client-18': 'member' });
      expect([(await make(other, newEmail())).status, (await make(partial, newEmail())).status]).toEqual([400, 400]);
      expect(elsewhere.calls()).toBe(0);
    });
  });
});

describe('addresses', () => {
  test('are called only where their host is in authorization.allowedHosts', async () => {
    const answer = await s.post('admin', users(foreign), { email: newEmail() });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect([answer.status === 500, elsewhere.calls()]).toEqual([false, 0]);
  });

  test('are the issuer, normalised: the same server written otherwise makes no second person', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    const made = await s.post('admin', users(loud), { email: one.email });
    expect(made.status).toBe(201);
    expect((await s.get(one.at[1]!, user(loud, made.body.id as number))).body.email).toBe(one.email);
  });
});

describe('any other call uses the issuer of the person it is about, with the credentials of any site of that issuer', () => {
  test.each([
    ['names another issuer', () => foreign],
    ['has no settings', () => bare],
  ])('also at a site that %s', async (_what, site) => {
    const one = await s.person({ at: { 1: 'member' } });
    const row = await s.extraRow({ siteId: site(), personId: one.id, email: one.email });
    const answer = await s.put('admin', user(site(), row), { city: 'Thuis' });
    expect([answer.status, answer.body.city, s.there(one.externalId)?.city, (await s.row(one.at[1]!))?.city]).toEqual([
      200,
      'Thuis',
      'Thuis',
      'Thuis',
    ]);
    expect(elsewhere.calls()).toBe(0);
  });
});
