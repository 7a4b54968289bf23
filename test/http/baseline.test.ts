import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import request from 'supertest';
import { serverOf } from '../../src/http/server.ts';
import { routes } from '../../src/http/routes.ts';
import { adminToken, testApp } from './support/app.ts';

/** What holds for every row of the table, good answer or refusal. Source: user-api.md §3 "Around it", §5. */
const addressOf = (path: string): string =>
  path
    .replace('{siteId}', '1')
    .replace('{userId}', '7')
    .replace('{runId}', '5')
    .replace('{run}', 'A'.repeat(22))
    .replace(/\{\w+\}/, 'r'.repeat(43));
const rows = routes.map((route) => [`${route.method} ${route.path}`, route] as const);
/** The cookie that binds a login to its browser, and that of a session at the console, are the only ones. */
const setsCookies = (path: string): boolean =>
  /^\/oauth\/(?:site\/\{siteId\}|console)\/(?:login|digest-login)$/.test(path);

describe.each(rows)('%s', (_name, route) => {
  const path = addressOf(route.path);
  const asked = (headers: Record<string, string>, query = '') =>
    request(testApp().app)
      [route.method](path + query)
      .set(headers);

  test('gives no cookie, no page anything to load, and names no framework, whoever asks', async () => {
    for (const headers of [{}, { 'X-Authorization': adminToken }, { 'X-Authorization': 'nonsense' }]) {
      const answer = await asked(headers);
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
      expect(answer.headers).not.toHaveProperty('x-powered-by');
      expect(answer.headers).not.toHaveProperty('server');
      if (!setsCookies(route.path)) expect(answer.headers).not.toHaveProperty('set-cookie');
    }
  });

  test('says of every answer how it may be kept, refusals too', async () => {
    for (const [headers, query] of [
      [{ 'X-Authorization': adminToken }, ''],
      [{ 'X-Authorization': 'nonsense' }, ''],
      [{}, '?page=1&page=2'],
    ] as const) {
      const answer = await asked(headers, query);
      // Where browsers are led, they get a page, in their language.
      const more = route.forBrowsers === true ? ', Accept, Accept-Language' : '';
      expect([answer.headers['cache-control'], answer.headers['vary']]).toEqual([
        route.cache,
        `Authorization, X-Authorization, Origin${more}`,
      ]);
    }
  });

  test('may be asked beforehand by a page of the site (of any site, where none is in the address), and by no other', async () => {
    const before = async (origin: string) =>
      (
        await request(testApp().app)
          .options(path)
          .set({ Origin: origin, 'Access-Control-Request-Method': route.method.toUpperCase() })
      ).headers;

    const [own, other] = [await before('https://www.example.org'), await before('https://evil.example')];
    expect(own['access-control-allow-origin']).toBe(
      route.path.includes('/site/{siteId}') || (route.ofCallersSite ?? route.ofEverySite) === true
        ? 'https://www.example.org'
        : undefined,
    );
    expect(own).not.toHaveProperty('access-control-allow-credentials');
    expect(other).not.toHaveProperty('access-control-allow-origin');
  });

  if (route.requestBody !== undefined) {
    test('takes no body of more than it says', async () => {
      const answer = await request(testApp().app)
        [route.method](path)
        .set(
          route.scope !== undefined && route.scope !== 'none'
            ? { Authorization: 'Bearer token-admin' }
            : { 'X-Authorization': adminToken },
        )
        .type(route.bodyIs === 'form' ? 'form' : 'json')
        .send(route.bodyIs === 'form' ? `a=${'x'.repeat(1_100_000)}` : JSON.stringify({ a: 'x'.repeat(1_100_000) }));

      expect(answer.status).toBe(413);
    });
  }
});

test('https only is said over https, our proxy’s word for it where it is trusted, and never over http', async () => {
  const from = async (trustProxy: number | false, proto: string) =>
    (await request(testApp({}, { trustProxy }).app).get('/health/live').set('X-Forwarded-Proto', proto)).headers[
      'strict-transport-security'
    ] as unknown;

  expect([await from(1, 'https'), await from(1, 'http'), await from(false, 'https')]).toEqual([
    'max-age=31536000',
    undefined,
    undefined,
  ]);
});

test('what is no HTTP, or has more headers than fit, is refused as everything is: a problem with a request id', async () => {
  const server = serverOf(testApp().app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const said = async (text: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    socket.write(text);
    const pieces: Buffer[] = [];
    for await (const piece of socket) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString();
  };

  const problem = async (text: string): Promise<unknown> => {
    const [head = '', body = ''] = (await said(text)).split('\r\n\r\n');
    const told = JSON.parse(body) as { readonly status: number; readonly instance: string };
    expect(head).toContain('Content-Type: application/problem+json; charset=utf-8');
    expect(head).toContain(`X-Request-Id: ${told.instance}`);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${told.status} `));
    return told.status;
  };
  expect(await problem('HELLO\r\n\r\n')).toBe(400);
  expect(await problem('GET /\xff\u0000 HTTP/1.1\r\nHost: a\r\n\r\n')).toBe(400);
  expect(await problem('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nhost: b\r\n\r\n')).toBe(400);
  expect(await problem(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toBe(431);
  const kept = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  kept.write('HELLO\r\n\r\n');
  kept.resume();
  // Whoever does not end their side holds no connection either: the server closes it, and not its own half only.
  const gone = new Promise((resolve) => kept.on('error', () => undefined).once('close', resolve));
  await once(kept, 'end');
  const more = setInterval(() => kept.write('x'), 20);
  kept.once('close', () => {
    clearInterval(more);
  });
  await gone;
  const close = 'Host: a\r\nConnection: close\r\n\r\n';
  expect(await said(`GET /health/live HTTP/1.1\r\nExpect: x\r\n${close}`)).toMatch(/^HTTP\/1\.1 200 [^]*"live"/);
  server.close();
});
