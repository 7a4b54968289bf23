import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import { startOauthServer, type OauthServer, type OauthServerOptions } from '../../src/demo/oauth-server/index.ts';

const clients = [
  { id: 1, clientId: 'client-1', clientSecret: 'secret-1' },
  { id: 2, clientId: 'client-2', clientSecret: 'secret-2' },
];
const people = [
  { id: 5, email: 'niels@example.org', firstName: 'Niels', lastName: '<b>Vegter</b>', roles: { 'client-1': 'member' } },
  { id: 6, email: 'jose@example.org', firstName: 'Jose' },
] as const;
const basic = `Basic ${Buffer.from('client-1:secret-1').toString('base64')}`;

let servers: OauthServer[] = [];
const start = async (options: Partial<OauthServerOptions> = {}): Promise<OauthServer> => {
  const server = await startOauthServer({ port: 0, host: '127.0.0.1', clients, people, production: false, ...options });
  servers.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

const admin = (server: OauthServer, path: string, body?: object): Promise<Response> =>
  fetch(`${server.url}/api/admin${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: basic, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
const userinfo = (server: OauthServer, token: string): Promise<Response> =>
  fetch(`${server.url}/api/userinfo?client_id=client-1`, { headers: { authorization: `Bearer ${token}` } });
const exchange = (server: OauthServer, code: string, clientId = 'client-1'): Promise<Response> =>
  fetch(`${server.url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      client_id: clientId,
      client_secret: `secret-${clientId.slice(-1)}`,
      grant_type: 'authorization_code',
      code,
    }),
  });

/** Walks the road of a browser, and answers where it ends. */
const logIn = async (server: OauthServer, userId: number, redirectUri: string, state: string): Promise<URL> => {
  const query = new URLSearchParams({
    redirect_uri: redirectUri,
    response_type: 'code',
    client_id: 'client-1',
    scope: 'offline',
    state,
  });
  const toLogin = await fetch(`${server.url}/dialog/authorize?${query.toString()}`, { redirect: 'manual' });
  const loginUrl = server.url + (toLogin.headers.get('location') ?? '');
  const posted = await fetch(loginUrl, {
    method: 'POST',
    body: new URLSearchParams({ userId: String(userId) }),
    redirect: 'manual',
  });
  const cookie = posted.headers.get('set-cookie')?.split(';')[0] ?? '';
  const back = await fetch(server.url + (posted.headers.get('location') ?? ''), {
    headers: { cookie },
    redirect: 'manual',
  });
  return new URL(back.headers.get('location') ?? '');
};

describe('Logging in at the development OAuth server', () => {
  const redirectUri = 'http://127.0.0.1:9/digest-login?useOauth=default&returnTo=%2Fa%3Fb%3Dc&nonce=1';

  it('ends at the whole redirect_uri, with a code and without the state', async () => {
    const server = await start();

    const end = await logIn(server, 5, redirectUri, 'precious');

    expect(end.href.startsWith(`${redirectUri}&code=`)).toBe(true);
    expect(end.searchParams.has('state')).toBe(false);
  });

  it('gives a code that is good once, for the client it was made for', async () => {
    const server = await start();
    const code = (await logIn(server, 5, redirectUri, '')).searchParams.get('code') ?? '';

    const first = await exchange(server, code);
    const second = await exchange(server, code);
    const byAnother = await exchange(server, server.codeFor(5, 'client-1'), 'client-2');

    expect([first.status, second.status, byAnother.status]).toEqual([200, 403, 403]);
    const { access_token: token } = (await first.json()) as { access_token: string };
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(await (await userinfo(server, token)).json()).toMatchObject({ user_id: 5, role: 'member' });
  });

  it('says no role where the person has none at the client of the token', async () => {
    const server = await start();

    const answer = await userinfo(server, await server.tokenFor(6, 'client-1'));

    expect(Object.keys((await answer.json()) as object)).not.toContain('role');
  });

  it('shows names as text, and says what it is', async () => {
    const server = await start();

    const page = await (await fetch(`${server.url}/login?clientId=client-1&redirect_uri="><script>`)).text();

    expect(page).toContain('Niels &lt;b&gt;Vegter&lt;/b&gt;');
    expect(page).not.toContain('<script>');
    expect(page).toContain('Development only');
  });

  it('lets people choose in Dutch or English', async () => {
    const server = await start();
    const textIn = async (language: string) =>
      (
        await fetch(`${server.url}/login?clientId=client-1&redirect_uri=x`, {
          headers: { 'accept-language': language },
        })
      ).text();

    expect(await textIn('nl-NL, en;q=0.5')).toMatch(/<html lang="nl">[^]*<h1>Inloggen als<\/h1>/);
    expect(await textIn('en, nl;q=0.5')).toMatch(/<html lang="en">[^]*<h1>Log in as<\/h1>/);
    expect(await textIn('fr')).toContain('<html lang="en">');
  });
});

describe('The people of the development OAuth server', () => {
  it('are unique by address whatever its case and accents', async () => {
    const server = await start();

    const taken = await admin(server, '/user', { email: 'JOSÉ@example.org' });
    const found = await admin(server, '/users?email=jos%C3%A9@EXAMPLE.org');

    expect(taken.status).toBe(500);
    expect(((await taken.json()) as { message: string }).message).toMatch(/^insert into `users`.*Duplicate entry/s);
    expect(((await found.json()) as { data: { id: number }[] }).data.map(({ id }) => id)).toEqual([6]);
  });

  it('are all listed for an empty address', async () => {
    const server = await start();

    const { data } = (await (await admin(server, '/users?email=')).json()) as { data: unknown[] };

    expect(data).toHaveLength(2);
  });

  it.each([{ firstName: 'A 😀' }, { extraData: { bio: '😀' } }])(
    'cannot hold a character beyond U+FFFF: %j',
    async (change) => {
      const server = await start();

      const answer = await admin(server, '/user/5', change);

      expect(answer.status).toBe(500);
      expect(server.people()[0]).toMatchObject({ firstName: 'Niels', extraData: {} });
    },
  );

  it('lose roles and tokens when they are deleted', async () => {
    const server = await start();
    const token = await server.tokenFor(5, 'client-1');

    await admin(server, '/user/5/delete', {});

    expect((await userinfo(server, token)).status).toBe(401);
    expect(server.people().map(({ id }) => id)).toEqual([6]);
  });

  it('can be logged out everywhere', async () => {
    const server = await start();
    const token = await server.tokenFor(5, 'client-1');

    server.revokeTokens(5);

    expect((await userinfo(server, token)).status).toBe(401);
  });
});

describe('The file of the development OAuth server', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'civitas-oauth-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('keeps people, roles and tokens over a restart', async () => {
    const file = join(folder, 'people.json');
    const first = await start({ file });
    const token = await first.tokenFor(5, 'client-1');
    await admin(first, '/user/5', { firstName: 'Nieuw', roles: { 2: 4 } });
    await admin(first, '/user', { email: 'new@example.org' });
    const before = first.people();
    await first.close();

    const second = await start({ file });

    expect(second.people()).toEqual(before);
    expect(second.people()[0]).toMatchObject({
      firstName: 'Nieuw',
      roles: { 'client-1': 'member', 'client-2': 'moderator' },
    });
    expect((await userinfo(second, token)).status).toBe(200);
    expect(readdirSync(folder)).toEqual(['people.json']);
  });

  it.each(['{"people": [', '{"people": 1}', ''])('is told and left alone when it is corrupt: %j', async (text) => {
    const file = join(folder, 'people.json');
    writeFileSync(file, text);

    await expect(start({ file })).rejects.toThrow('was left as it is');

    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

it('The development OAuth server refuses production', async () => {
  await expect(start({ production: true })).rejects.toThrow('never in production');
});

it('The development OAuth server says loudly what it is', async () => {
  const lines: string[] = [];

  await start({ log: { warn: (_facts, line) => lines.push(line) } });

  expect(lines).toEqual([expect.stringContaining('DEVELOPMENT ONLY')]);
});
