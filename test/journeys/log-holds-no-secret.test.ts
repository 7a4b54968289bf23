import { request } from 'node:http';
import { once } from 'node:events';
import { routes } from '../../src/http/routes.ts';
import { fixedTokens, startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/**
 * Everything that a request can carry holds a secret, in every route, for everybody who may ask: the log holds none of it, nor
 * the tokens and secrets that the program itself knows. Source: user-api.md §2, oauth-server.md §4 "Where it leads".
 */
const mark = 'GEHEIM7f3a';
let world: RecordedWorld;
/** Of a back office; what it may be is not to be found in the log either. */
let ofClient: { readonly secret: string; readonly token: string };
beforeAll(async () => {
  world = await startRecordedWorld();
  const { body: client } = await world.call('admin', 'POST', '/api/client', {
    name: 'Back office',
    scopes: ['admin'],
    siteIds: [1],
  });
  const { key: client_id, secret: client_secret } = client;
  const asked = { grant_type: 'client_credentials', client_id, client_secret, scope: 'admin' };
  const { body } = await world.call(null, 'POST', '/oauth/token', asked);
  ofClient = { secret: client_secret, token: body.access_token };
});
afterAll(() => world.close());

const credentials = async (): Promise<readonly Record<string, string>[]> => [
  {},
  { 'x-authorization': 'fixed-admin' },
  { 'x-authorization': `Bearer ${await world.token(4)}` },
  { authorization: `Bearer ${ofClient.token}` },
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

/** The headers take turns. */
let turns = 0;
const turn = (): Record<string, string> => headers[(turns += 1) % headers.length] ?? {};
/** How much of the log was looked at. */
let read = 0;

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
      if (route.method === 'get') {
        statuses.add(await ask('GET', path, { ...turn(), ...credential }));
        statuses.add(await ask('GET', path + query, { ...turn(), ...credential }));
      } else {
        for (const [type, body] of bodies) {
          const all = { ...turn(), ...credential, 'content-type': type };
          statuses.add(await ask(route.method.toUpperCase(), path + query, all, body));
        }
      }
    }
  }
  expect(statuses.size).toBeGreaterThan(1);
  const text = world.log().slice(read);
  read += text.length;
  expect(text).not.toMatch(new RegExp(mark, 'i'));
  expect(text).not.toContain(Buffer.from(`${mark}:${mark}`).toString('base64'));
  expect(text).not.toMatch(/fixed-admin|peer-secret|eyJ/);
  for (const secret of Object.values(ofClient)) expect(text).not.toContain(secret);
});
