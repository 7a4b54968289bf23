import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { decodeJwt, SignJWT } from 'jose';
import { keepConsole } from '../../src/http/auth/console-cookie.ts';
import { backOfficeOf } from '../journeys/sentences/support/back-office.ts';
import { startSentences, user, type Headers, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { consoleHeaders } from '../support/console-session.ts';
import { fromConsole } from '../support/visitor.ts';

/**
 * A browser sends the console's cookie along whoever asks it to: pages of other sites, of sibling hosts and of other ports of the same
 * host, forms, frames, links. Nothing comes of it but what a page of our own asks for. Source: docs/adr/0027.
 */
const site = 11;
let s: SentenceWorld;
let boss: Somebody;
let member: Somebody;
let cookie: string;
beforeAll(async () => {
  s = await startSentences({ [site]: { config: { allowedDomains: ['localhost', '127.0.0.1', 'page.example'] } } });
  boss = await s.person({ at: { [site]: 'admin' } });
  member = await s.person({ at: { [site]: 'member' } });
  cookie = (await consoleHeaders(s.world.container, { personId: boss.id, userId: boss.at[site]! }))['Cookie'] ?? '';
});
afterAll(() => s.close());

const header = { 'x-civitas-console': '1' };
/** Not fetch, which sends no `Sec-Fetch-Site` and no `Host` of our own. */
const raw = (method: string, path: string, headers: Headers, body?: string, url = s.world.url) =>
  new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }>((resolve, reject) => {
    const sent = request(url + path, { method, headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(pieces).toString() });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });

describe('a request that a page of another origin has a browser make', () => {
  const own = () => s.world.url;
  const shapes: readonly (readonly [string, () => Headers])[] = [
    [
      'a link, an image or a frame of another site, where the cookie went along',
      () => ({ 'sec-fetch-site': 'cross-site' }),
    ],
    ['the same of a sibling host or another port', () => ({ 'sec-fetch-site': 'same-site' })],
    ['the address bar', () => ({ 'sec-fetch-site': 'none' })],
    ['a link or a form on a page of our own', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['a script of another site that could send the header', () => ({ ...header, 'sec-fetch-site': 'cross-site' })],
    [
      'a script at another port of this host',
      () => ({ ...header, 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }),
    ],
    ['the same in a browser that says no Sec-Fetch-Site', () => ({ ...header, origin: 'http://127.0.0.1:1' })],
    [
      'a page that the site allows to act for its people',
      () => ({ ...header, 'sec-fetch-site': 'cross-site', origin: 'https://page.example' }),
    ],
    ['a sandboxed frame', () => ({ ...header, 'sec-fetch-site': 'cross-site', origin: 'null' })],
    ['one that says of itself both', () => ({ ...header, 'sec-fetch-site': 'cross-site', origin: own() })],
    ['one that says our host in other letters', () => ({ ...header, origin: own().replace('http', 'https') })],
    ['one that says nothing of where it is from', () => ({ ...header })],
  ];
  const forms = [
    ['application/x-www-form-urlencoded', 'reason=x'],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="reason"\r\n\r\nx\r\n--x--\r\n'],
    ['text/plain', '{"reason": "x"}'],
    ['application/json', '{"reason": "x"}'],
  ] as const;

  test.each(shapes)('%s anonymizes nobody and reads nothing', async (_from, headersOf) => {
    const headers = { ...headersOf(), cookie };
    const them = user(site, member.at[site]!);

    for (const [type, body] of forms)
      for (const path of [`${them}/do-anonymizeall`, '/oauth/console/logout', '/api/client'])
        expect((await raw('POST', path, { ...headers, 'content-type': type }, body)).status).toBe(401);
    for (const path of [`${them}/will-anonymizeall`, `${them}/person`, '/api/session', '/api/person?q=a'])
      expect((await raw('GET', path, headers)).status).toBe(401);
    // Everybody may ask who that is: a visitor is told little, and whoever says that they are the console nothing.
    expect((await raw('GET', them, headers)).text).not.toContain(member.email);

    expect((await s.row(member.at[site]!))?.anonymizedAt).toBeNull();
    expect((await raw('GET', '/api/session', { ...fromConsole, cookie })).status).toBe(200);
  });

  test('a page of our own is heard, in a browser that says Sec-Fetch-Site and in one that says its origin only', async () => {
    expect((await raw('GET', '/api/session', { ...header, 'sec-fetch-site': 'same-origin', cookie })).status).toBe(200);
    expect((await raw('GET', '/api/session', { ...header, origin: own(), cookie })).status).toBe(200);
  });

  test('no preflight allows the header, nor credentials, also for pages that a site allows', async () => {
    for (const path of [user(site, member.at[site]!), '/api/person', '/api/session', '/oauth/console/logout']) {
      const { headers } = await raw('OPTIONS', path, {
        origin: 'https://page.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-civitas-console',
      });
      expect(JSON.stringify(headers['access-control-allow-headers'] ?? '').toLowerCase()).not.toContain('console');
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
    const { headers } = await raw('GET', '/api/session', { origin: 'https://page.example', cookie });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('nothing of ours is shown in a frame', async () => {
    for (const path of ['/oauth/console/login', '/console', '/docs', '/api/session'])
      expect((await raw('GET', path, { cookie })).headers['content-security-policy']).toContain(
        "frame-ancestors 'none'",
      );
  });

  test('the documentation page, which has our origin, never says that it is the console', () => {
    for (const file of readdirSync('src/http/docs-page').filter((name) => name.endsWith('.js')))
      expect(readFileSync(`src/http/docs-page/${file}`, 'utf8').toLowerCase()).not.toContain('civitas-console');
  });
});

describe('what is no session at the console', () => {
  const asConsole = (value: string) =>
    raw('GET', '/api/session', { ...fromConsole, cookie: `civitas-console=${value}` });
  const bearer = (token: string, more: Headers = {}) => ({ authorization: `Bearer ${token}`, ...more });
  const value = () => cookie.slice(cookie.indexOf('=') + 1);

  test('a token of a site in its place', async () => {
    expect((await asConsole(await s.world.token(boss.at[site]!))).status).toBe(401);
    expect((await asConsole('fixed-admin')).status).toBe(401);
  });

  test('whatever was sealed for something else, changed, or made up', async () => {
    const { secrets } = s.world.container.ports;
    const claims = JSON.stringify({ jti: 'x', personId: boss.id });
    for (const purpose of ['login', 'console login', 'session', 'intent', 'people'] as const)
      expect((await asConsole(secrets.seal(purpose, claims))).status).toBe(401);
    for (const made of ['', 'x', `${value().slice(0, -2)}xx`, secrets.seal('console session', '{}'), claims])
      expect((await asConsole(made)).status).toBe(401);
  });

  test('a session that there is, of somebody else', async () => {
    const { jti } = decodeJwt(await s.world.token(boss.at[site]!));
    const { secrets } = s.world.container.ports;
    const own = JSON.parse(secrets.open('console session', value()) ?? '{}') as { jti: string; personId: number };
    for (const claims of [
      { ...own, personId: member.id },
      { jti: String(jti), personId: boss.id },
    ])
      expect((await asConsole(secrets.seal('console session', JSON.stringify(claims)))).status).toBe(401);
  });

  test('the cookie as a token, and its name in a token that is signed', async () => {
    const { secrets } = s.world.container.ports;
    const { jti } = JSON.parse(secrets.open('console session', value()) ?? '{}') as { jti: string };
    // Whoever has AUTH_JWT_SECRET, as an OpenStad API beside us does.
    const signed = await new SignJWT({ userId: boss.at[site]!, client: 'default', jti })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode('a secret of thirty-two characters'));
    for (const token of [value(), signed, jti])
      expect((await raw('GET', user(site, member.at[site]!), bearer(token))).status).toBe(401);
  });

  test('a token beside the cookie is a token', async () => {
    const more = { ...fromConsole, cookie };
    const token = await s.world.token(member.at[site]!);
    expect((await raw('GET', '/api/session', bearer(token, more))).status).toBe(403);
    expect((await raw('GET', `${user(site, boss.at[site]!)}/person`, bearer(token, more))).status).toBe(403);
    expect((await raw('GET', '/api/session', { 'x-authorization': 'fixed-admin', ...more })).status).toBe(403);
    expect((await raw('GET', '/api/session', bearer('nonsense', more))).status).toBe(401);
  });

  test('anything under the management API, or at a site’s own login', async () => {
    const office = await backOfficeOf(s, [site]);
    expect((await raw('GET', '/api/v1/users', { ...fromConsole, cookie })).status).toBe(401);
    expect((await raw('GET', '/api/session', bearer(await office.token('admin')))).status).toBe(401);
    const me = await raw('GET', `/oauth/site/${site}/me`, { ...fromConsole, cookie });
    expect(JSON.parse(me.text)).toEqual({ externalUserId: null, extraData: {} });
  });

  test('one that somebody put beside it: of two nothing says which', async () => {
    const mine = (await consoleHeaders(s.world.container, { personId: member.id, userId: member.at[site]! }))['Cookie'];
    for (const both of [`${cookie}; ${mine}`, `${mine}; ${cookie}`])
      expect((await raw('GET', '/api/session', { ...fromConsole, cookie: both })).status).toBe(401);
  });
});

describe('behind https', () => {
  const publicUrl = 'https://api.example.org';
  const valueOf = (said: string): string => {
    const set: string[] = [];
    const { secrets } = s.world.container.ports;
    const claims = secrets.open('console session', cookie.slice(cookie.indexOf('=') + 1)) ?? '{}';
    keepConsole({ secrets }, { setCookie: (one) => set.push(one) }, said, JSON.parse(claims) as never);
    return set[0] ?? '';
  };

  test('the cookie is bound to our host and to https, and no other is taken for it', async () => {
    const set = valueOf(publicUrl);
    expect(set).toMatch(/^__Host-civitas-console=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    const bound = set.slice(0, set.indexOf(';'));
    await s.beside({ PUBLIC_URL: publicUrl }, async (url) => {
      const status = async (headers: Headers) =>
        (await raw('GET', '/api/session', { ...header, ...headers }, undefined, url)).status;
      expect(await status({ cookie: bound, 'sec-fetch-site': 'same-origin' })).toBe(200);
      expect(await status({ cookie: bound, origin: publicUrl })).toBe(200);
      expect(await status({ cookie: bound, origin: url })).toBe(401);
      // As a sibling host, or plain http, can put one there.
      expect(await status({ cookie, 'sec-fetch-site': 'same-origin' })).toBe(401);
      // What a sibling puts beside it is not looked at.
      expect(await status({ cookie: `${cookie}; ${bound}`, 'sec-fetch-site': 'same-origin' })).toBe(200);
    });
  });

  test('over plain http beyond this machine no login begins', async () => {
    await s.beside({ PUBLIC_URL: 'http://api.example.org' }, async (url) => {
      const { status, text } = await raw('GET', `/oauth/console/login?site=${site}`, {}, undefined, url);
      expect([status, text]).toEqual([400, expect.stringContaining('it needs https')]);
    });
  });
});
