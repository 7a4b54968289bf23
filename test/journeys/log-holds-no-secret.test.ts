import { request } from 'node:http';
import { once } from 'node:events';
import { routes } from '../../src/http/routes.ts';
import { fixedTokens, startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/**
 * Everything that a request can carry holds a secret, in every route, for everybody who may ask: the log holds none of it, nor
 * the tokens and secrets that the program itself knows. Source: user-api.md §2, oauth-server.md §4 "query strings are never logged".
 */
const mark = 'GEHEIM7f3a';
let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld();
});
afterAll(() => world.close());

const credentials = async (): Promise<readonly Record<string, string>[]> => [
  {},
  { 'x-authorization': 'fixed-admin' },
  { 'x-authorization': `Bearer ${await world.token(4)}` },
  { 'x-authorization': `Bearer ${mark}.${mark}.${mark}` },
  { 'x-authorization': mark },
  { authorization: `Bearer ${mark}` },
  { authorization: `Basic ${Buffer.from(`${mark}:${mark}`).toString('base64')}` },
  { authentication: `Bearer ${mark}` },
];
const everywhere = {
  cookie: `state=${mark}; jwt=${mark}; __Host-login=${mark}`,
  referer: `https://site.example/?jwt=${mark}`,
  origin: `https://${mark}.example`,
  'user-agent': mark,
  'x-forwarded-for': mark,
  'x-request-id': `${mark} with a space`,
  'x-api-key': mark,
};
const headers: readonly Record<string, string>[] = [
  everywhere,
  { ...everywhere, 'idempotency-key': mark },
  { ...everywhere, 'if-match': `"${mark}"`, 'if-none-match': `"${mark}"`, 'cache-control': 'no-cache' },
];
const query = `?jwt=${mark}&code=${mark}&state=${mark}&api_key=${mark}&redirectUrl=https://${mark}.example/&q=${mark}&email=${mark}`;
const bodies: readonly (readonly [string, string])[] = [
  [
    'application/json',
    JSON.stringify({
      email: `${mark}@example.org`,
      firstName: mark,
      client_secret: mark,
      token: mark,
      extraData: { bio: mark },
    }),
  ],
  ['application/json', `{"email": "${mark}`],
  ['application/x-www-form-urlencoded', `logout_token=${mark}&client_secret=${mark}&token=${mark}&client_id=${mark}`],
  [mark, mark],
];

const ask = async (method: string, path: string, all: Record<string, string>, body?: string): Promise<number> => {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const call = request(world.url + path, { method, headers: { ...all, ...length } });
  call.end(body);
  const [answer] = (await once(call, 'response')) as [NodeJS.ReadableStream & { statusCode?: number }];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode ?? 0;
};

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', async (_name, route) => {
  const statuses = new Set<number>();
  for (const path of [
    // Somebody whom nothing may happen to: a fixed token is theirs.
    route.path
      .replace('{siteId}', '1')
      .replace('{userId}', String(fixedTokens.member))
      .replace(/\{\w+\}/g, mark.padEnd(43, 'x')),
    route.path.replace(/\{\w+\}/g, mark),
    `${route.path.replace(/\{\w+\}/g, '1')}/${mark}`,
  ]) {
    for (const credential of await credentials()) {
      for (const more of headers) {
        const all = { ...more, ...credential };
        if (route.method === 'get') {
          statuses.add(await ask('GET', path, all));
          statuses.add(await ask('GET', path + query, all));
        } else {
          for (const [type, body] of bodies)
            statuses.add(await ask(route.method.toUpperCase(), path + query, { ...all, 'content-type': type }, body));
        }
      }
    }
  }
  expect(statuses.size).toBeGreaterThan(1);
  const text = world.log();
  expect(text).not.toMatch(new RegExp(mark, 'i'));
  expect(text).not.toContain(Buffer.from(`${mark}:${mark}`).toString('base64'));
  expect(text).not.toMatch(/fixed-admin|peer-secret|eyJ/);
});
