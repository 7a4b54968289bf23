import { decodeJwt } from 'jose';
import { sql, raw } from '../../src/db/sql.ts';
import { freePortPair } from '../support/free-port.ts';
import { formBrowser, startOidcWorld, type FormBrowser, type OidcWorld } from '../support/oidc-world.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/** Sites whose OAuth server is an OpenID Connect server (oidc-provider, in a process of its own), from login to leaving. */
const [here, there] = [11, 12];
const people = Object.fromEntries(
  ['ada', 'bob', 'cas', 'dee', 'eva', 'fay', 'gus'].map((sub) => [
    sub,
    {
      ...{ given_name: sub, family_name: 'Lovelace', email: `${sub}@example.org`, email_verified: true },
      ...{ groups: sub === 'ada' ? ['city-moderators'] : [], address: { postal_code: '1012AB', locality: 'Delft' } },
    },
  ]),
);

/** How servers say that an address is not verified, and that it is. */
const unverified = [false, 'false', 'False', 'FALSE', 0, '0', 'no', 'nonsense', ''];
const verified = [true, 'true', 'True', 1, '1'];
const claimed = Object.fromEntries(
  [...unverified, ...verified].map((said, index) => [
    `claimed-${index}`,
    {
      ...{ given_name: 'Clem', email: `clem${index}@example.org`, phone_number: `0612345${index}` },
      ...{ email_verified: said, phone_number_verified: said },
    },
  ]),
);

let world: RecordedWorld;
let oidc: OidcWorld;
beforeAll(async () => {
  const port = await freePortPair();
  world = await startRecordedWorld({ AUTH_ALLOWED_HOSTS: `127.0.0.1:${port}` });
  oidc = await startOidcWorld({
    port,
    people: { ...people, ...claimed },
    clients: [here, there].map((siteId) => ({
      clientId: `site-${siteId}`,
      redirectUris: [`${world.url}/oauth/site/${siteId}/digest-login`],
      backchannelLogoutUri: `${world.url}/oauth/site/${siteId}/backchannel-logout`,
      afterLogout: ['https://city.example/bye'],
    })),
  });
  for (const id of [here, there]) await addSite(id);
});
afterAll(async () => {
  await oidc.close();
  await world.close();
});

const addSite = async (id: number): Promise<void> => {
  const at = new Date('2024-01-01T00:00:00Z');
  const { clientId, clientSecret } = oidc.client(`site-${id}`);
  const settings = {
    adapter: 'oidc',
    ...{ 'auth-server-url': `${oidc.url}/`, 'auth-client-id': clientId, 'auth-client-secret': clientSecret },
    claims: { role: { claim: 'groups', values: { 'city-moderators': 'moderator' } } },
  };
  await world.container.database.rows.sites.create({
    ...{ id, name: `site${id}`, title: `Site ${id}`, domain: `site${id}.localhost`, hostStatus: {}, areaId: null },
    config: { oauth: { default: settings }, allowedDomains: ['city.example'] },
    ...{ createdAt: at, updatedAt: at, deletedAt: null },
  });
};

/** A whole login, from our login address to the page of the site; answers the session token. */
const logIn = async (sub: string, siteId = here, browser: FormBrowser = formBrowser()): Promise<string> => {
  const begin = `${world.url}/oauth/site/${siteId}/login?redirectUrl=${encodeURIComponent('https://city.example/')}`;
  const back = await browser.logIn(begin, sub, (url) => url.host === 'city.example');
  return new URL(back).searchParams.get('jwt') ?? '';
};
const withToken = (token: string) => ({ authorization: `Bearer ${token}` });
const me = (token: string, siteId = here) =>
  world.call(null, 'GET', `/oauth/site/${siteId}/me`, undefined, withToken(token));
const rowIdOf = async (token: string, siteId = here): Promise<number> => Number((await me(token, siteId)).body.id);
const user = (id: number, siteId = here) => `/api/site/${siteId}/user/${id}`;
const select = (what: string) => world.container.database.select(sql`SELECT ${raw(what)}`);
const waiting = async () => (await select('topic FROM civitas_outbox')).map(({ topic }) => topic);

describe('somebody of an OpenID Connect server', () => {
  test('logs in, and is who the claims say', async () => {
    const seen = await me(await logIn('ada'));

    expect(seen.status).toBe(200);
    expect(seen.body).toMatchObject({
      ...{ siteId: here, role: 'moderator', complete: true, email: 'ada@example.org' },
      ...{ firstName: 'ada', lastName: 'Lovelace', postcode: '1012AB', city: 'Delft', extraData: {} },
    });
    const persons = await select(`issuer, externalId FROM civitas_persons WHERE externalId = 'ada'`);
    expect(persons).toEqual([{ issuer: oidc.url, externalId: 'ada' }]);
    expect(await waiting()).toEqual([]);
  });

  test.each([
    ...unverified.map((said, index) => [said, index, false] as const),
    ...verified.map((said, index) => [said, unverified.length + index, true] as const),
  ])(
    'has an address and a number that count only where the server verified them (%j)',
    async (_said, index, counts) => {
      const { body } = await me(await logIn(`claimed-${index}`));

      expect([body.email, body.phoneNumber]).toEqual(
        counts ? [`clem${index}@example.org`, `0612345${index}`] : [null, null],
      );
    },
  );

  test('keeps the address of before when a refresh says that it is not verified; at a login it is none', async () => {
    const token = await logIn('claimed-0');
    const id = await rowIdOf(token);
    await world.container.database.rows.users.update({ email: 'before@example.org' }, { where: { id } });
    await world.container.ports.sessions.setCheckedAt(String(decodeJwt(token).jti), new Date(0));

    const seen = await world.call(null, 'GET', user(id), undefined, withToken(token));
    expect([seen.status, seen.body.email]).toEqual([200, 'before@example.org']);
    const session = await world.container.ports.sessions.find(String(decodeJwt(token).jti));
    expect(session?.checkedAt.getTime()).toBeGreaterThan(0);

    expect((await me(await logIn('claimed-0'))).body.email).toBeNull();
  });

  test('is one row, however often and wherever they log in', async () => {
    const rows = [await rowIdOf(await logIn('bob')), await rowIdOf(await logIn('bob'))];
    const elsewhere = await rowIdOf(await logIn('bob', there), there);

    expect(new Set(rows).size).toBe(1);
    expect(await select(`id FROM users WHERE firstName = 'bob' ORDER BY id`)).toEqual([
      { id: rows[0] },
      { id: elsewhere },
    ]);
  });

  test('cannot be changed here: 501 names what, and nothing changes; what would change nothing is well', async () => {
    const token = await logIn('cas');
    const before = await me(token);
    const put = (body: object) => world.call(null, 'PUT', user(Number(before.body.id)), body, withToken(token));

    for (const body of [{ firstName: 'Other' }, { extraData: { bio: 'Here' } }, { gender: 'male', firstName: 'cas' }]) {
      const refused = await put(body);
      expect([refused.status, refused.body.what]).toEqual([501, 'change a person']);
    }
    expect((await put({ firstName: 'cas', city: 'Delft' })).status).toBe(200);
    expect((await me(token)).body).toEqual(before.body);
    expect(await waiting()).toEqual([]);
  });

  test('cannot be created here: 501, and no wish is left behind', async () => {
    const made = await world.call('admin', 'POST', `/api/site/${here}/user`, { email: 'zoe@example.org' });

    expect([made.status, made.body.what]).toEqual([501, 'create a person']);
    expect(await waiting()).toEqual([]);
    expect(await select(`id FROM users WHERE email = 'zoe@example.org'`)).toEqual([]);
  });

  test('is viewed as the last login left them, also by who wants it fresh', async () => {
    const id = await rowIdOf(await logIn('cas'));

    const seen = await world.call('admin', 'GET', user(id), undefined, { 'cache-control': 'no-cache' });

    expect([seen.status, seen.headers.get('x-cache'), seen.body.firstName]).toEqual([200, 'HIT', 'cas']);
  });

  test('goes with their last row, and stays at the server; comes back as somebody new', async () => {
    const token = await logIn('dee');
    const id = await rowIdOf(token);

    const preview = await world.call('admin', 'GET', `${user(id)}/will-anonymizeall?view=summary`);
    const done = await world.call('admin', 'POST', `${user(id)}/do-anonymizeall?view=summary`);

    expect([preview.body.oauth, done.body]).toEqual(['kept', preview.body]);
    expect([done.status, done.headers.get('x-oauth-removal'), done.headers.get('x-oauth-values')]).toEqual([
      ...[200, 'kept;reason=unsupported', 'none'],
    ]);
    expect(await waiting()).toEqual([]);
    expect(await select(`id FROM civitas_persons WHERE externalId = 'dee'`)).toEqual([]);
    expect((await me(token)).status).toBe(401);
    const status = await world.call('admin', 'GET', `${user(id)}/anonymization`);
    expect(status.body.oauth).toMatchObject({ removal: 'kept', reason: 'unsupported', values: 'unsupported' });

    expect(await rowIdOf(await logIn('dee'))).toBeGreaterThan(id);
  });

  test('leaves one site, and keeps the other', async () => {
    const [token, other] = [await logIn('eva'), await logIn('eva', there)];

    const done = await world.call('admin', 'POST', `${user(await rowIdOf(token))}/do-anonymize`);

    expect([done.headers.get('x-oauth-removal'), done.headers.get('x-oauth-values')]).toEqual([
      ...['kept;reason=rows-elsewhere', 'none'],
    ]);
    expect([(await me(token)).status, (await me(other, there)).body.firstName]).toEqual([401, 'eva']);
    expect(await waiting()).toEqual([]);
  });

  test('is deleted, and stays at the server', async () => {
    const token = await logIn('fay');

    const gone = await world.call('admin', 'DELETE', user(await rowIdOf(token)));

    expect([gone.status, gone.headers.get('x-oauth-removal')]).toEqual([200, 'kept;reason=unsupported']);
    expect(await waiting()).toEqual([]);
    expect(await select(`id FROM civitas_persons WHERE externalId = 'fay'`)).toEqual([]);
  });
});

describe('back-channel logout', () => {
  test('ends the sessions of who logs out at the server, at every site, and nobody else’s', async () => {
    const browser = formBrowser();
    const [token, other] = [await logIn('gus', here, browser), await logIn('gus', there, browser)];
    const [elsewhere, bob] = [await logIn('gus'), await logIn('bob')];
    expect([(await me(token)).status, (await me(other, there)).status]).toEqual([200, 200]);

    await browser.logOut(`${oidc.url}/session/end?client_id=site-${here}`);

    expect([(await me(token)).status, (await me(other, there)).status]).toEqual([401, 401]);
    // Another browser's login, and somebody else's.
    expect([(await me(elsewhere)).status, (await me(bob)).status]).toEqual([200, 200]);
  });

  test('is not believed from anybody else', async () => {
    const bob = await logIn('bob');

    const told = await fetch(`${world.url}/oauth/site/${here}/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: bob }),
    });

    expect([told.status, told.headers.get('cache-control')]).toEqual([400, 'no-store']);
    expect((await me(bob)).status).toBe(200);
  });

  test('is nothing that the server of another site can tell', async () => {
    const told = await fetch(`${world.url}/oauth/site/1/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: 'a.b.c' }),
    });

    expect(told.status).toBe(501);
  });
});

test('Our logout leads to the server’s, and ends the session before', async () => {
  const token = await logIn('bob');

  const left = await fetch(
    `${world.url}/oauth/site/${here}/logout?redirectUrl=${encodeURIComponent('https://city.example/bye')}`,
    { headers: withToken(token), redirect: 'manual' },
  );

  expect(left.headers.get('location')).toMatch(`${oidc.url}/session/end?post_logout_redirect_uri=`);
  expect((await me(token)).status).toBe(401);
});

test('Nothing of what was secret in all of this was logged', () => {
  expect(world.log()).not.toMatch(/Lovelace|@example\.org|secret of|eyJ|code=/);
});
