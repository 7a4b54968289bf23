import type { Route } from '../../src/http/route.ts';
import { routes } from '../../src/http/routes.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { lineShapes, textShapes, valueShapes, type Shape } from './support/shapes.ts';

/**
 * What a request costs is bounded by its size: twice the size takes at most two and a half times the processor time, whatever the
 * shape. Processor time, not time: a machine that is busy with something else fails nobody. Source: user-api.md §5.
 */
let world: RecordedWorld;
let clientToken = '';
beforeAll(async () => {
  world = await startRecordedWorld();
  const said = { name: 'cost', scopes: ['admin'], siteIds: [1] };
  const { body: client } = await world.call('admin', 'POST', '/api/client', said);
  const own = { client_id: client.key, client_secret: client.secret };
  const asked = { grant_type: 'client_credentials', scope: 'admin', ...own };
  clientToken = (await world.call(null, 'POST', '/oauth/token', asked)).body.access_token;
});
afterAll(() => world.close());

interface Request {
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
type Sized = (size: number) => Request;

/** As whoever may most: the rules behind the rights are reached. */
const send = async (route: Route, { path, body, headers = {} }: Request): Promise<number> => {
  const isManaged = route.scope !== undefined && route.scope !== 'none';
  const credential: Record<string, string> = isManaged ? { authorization: `Bearer ${clientToken}` } : {};
  const who = isManaged || route.scope === 'none' ? null : 'admin';
  const { status } = await world.call(who, route.method.toUpperCase(), path, body, { ...credential, ...headers });
  return status;
};

const processorTimeMs = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** What a request costs that holds nothing, the client's part and a collection of garbage included. */
const floorMs = 12;
/** A ratio does not see a factor of 32: no machine needs as long as this for what is allowed. */
const maxMs = 600;
/** Of four times the size: four where it is linear, sixteen where it is quadratic, and other processes disturb a busy machine. */
const mostTimes = 7;
const tries = 8;

/** What is wrong with the cost of a request, if anything: the best of several tries counts. */
const costFault = async (route: Route, name: string, request: Sized, size: number): Promise<string | null> => {
  let [part, whole] = [Infinity, Infinity];
  for (let attempt = 0; attempt < tries; attempt += 1) {
    for (const isWhole of [false, true]) {
      let status = 0;
      const ms = await processorTimeMs(async () => {
        status = await send(route, request(isWhole ? size : size / 4));
      });
      if (isWhole) whole = Math.min(whole, ms);
      else part = Math.min(part, ms);
      if (status === 500 || status === 429) return `${route.operationId}, ${name}: answered ${status}`;
    }
    if (whole <= mostTimes * Math.max(part, floorMs) && whole <= maxMs) return null;
  }
  return `${route.operationId}, ${name}: ${part.toFixed(0)} ms, of four times the size ${whole.toFixed(0)} ms`;
};

const faultsOf = async (route: Route, size: number, requests: Readonly<Record<string, Sized>>) => {
  const faults: string[] = [];
  for (const [name, request] of Object.entries(requests)) {
    const fault = await costFault(route, name, request, size);
    if (fault !== null) faults.push(fault);
  }
  return faults;
};

const pathOf = ({ path }: Route): string =>
  path
    .replace('{siteId}', '1')
    .replace('{userId}', '125')
    .replace('{uid}', '1001')
    .replace('{token}', 'x'.repeat(43))
    .replace(/\{\w+\}/g, '1');

/** Keys with their types, as the route's own schema says. */
const typesIn = (schema: Route['requestBody']): ReadonlyMap<string, string> =>
  new Map(
    Object.entries((schema?.describe()['keys'] ?? {}) as Readonly<Record<string, { readonly type: string }>>).map(
      ([key, { type }]) => [key, type],
    ),
  );
const mapped = <T>(shapes: Readonly<Record<string, Shape>>, request: (name: string, shape: Shape) => T) =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, request(name, shape)]));

/** With a quarter of this first: more keys and items no body may hold. */
const items = 9_000;
const characters = 100_000;

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const containers: readonly string[] = ['object', 'array', 'alternatives'];
const likeOthers: ReadonlySet<string> = new Set([
  ...['lastName', 'nickName', 'streetName', 'houseNumber', 'suffix', 'postcode', 'zipCode', 'city', 'phoneNumber'],
  ...['listableByRole', 'detailsViewableByRole', 'title', 'scopes', 'token_type_hint'],
]);

/** A place for each kind of value that is read there, with what is sent there. */
const placesInConfig: Readonly<Record<string, readonly [around: string, shapes: 'values' | 'texts']>> = {
  'what we do not read': ['{"cms":?}', 'values'],
  'a list of hosts': ['{"allowedDomains":?}', 'values'],
  'keys of extraData': ['{"users":{"extraData":?}}', 'values'],
  'who may see a key': ['{"users":{"extraData":{"key":{"auth":{"viewableBy":?}}}}}', 'values'],
  'names of OAuth settings': ['{"oauth":?}', 'values'],
  'scopes of a server': ['{"oauth":{"x":{"scopes":?}}}', 'values'],
  'a host': ['{"allowedDomains":[?]}', 'texts'],
  'a moment': ['{"votes":{"isActiveFrom":?}}', 'texts'],
  'an address': ['{"oauth":{"x":{"auth-server-url":?}}}', 'texts'],
  'a path': ['{"oauth":{"x":{"auth-server-login-path":?}}}', 'texts'],
  'a secret': ['{"mail":{"password":?,"n":0.12345678901234567890123}}', 'texts'],
};
/** What of it was taken goes again, so that each begins with the same. */
const emptied = JSON.stringify({ config: { cms: null, allowedDomains: null, users: { extraData: null }, mail: null } });

describe.each(
  routes
    .filter(({ method }) => method !== 'get')
    .map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const),
)('what a body costs is bounded by its size: %s', (_name, route) => {
  const path = pathOf(route);
  const types = typesIn(route.requestBody);

  it('under a key that nobody reads', async () => {
    // Calls that take no body read one alike, if they read it at all.
    const shapes =
      route.requestBody === undefined ? Object.fromEntries(Object.entries(valueShapes).slice(-4)) : valueShapes;
    const requests = mapped(shapes, (_shape, shape) => (size: number) => ({
      path,
      body: `{"nothing":${shape(size)}}`,
    }));
    const texts = (size: number) => ({
      path,
      body: JSON.stringify(mapped(textShapes, (_shape, shape) => shape(size / Object.keys(textShapes).length))),
    });

    expect(await faultsOf(route, items, requests)).toEqual([]);
    expect(await faultsOf(route, characters, { texts })).toEqual([]);
  });

  const wide = [...types].flatMap(([key, type]) => (key !== 'config' && containers.includes(type) ? [key] : []));
  if (wide.length > 0)
    it('in its lists and objects', async () => {
      const beside = types.has('email') ? '"email":"somebody@example.org",' : '';
      const requests = mapped(valueShapes, (_shape, shape) => (size: number) => ({
        path,
        body: `{${beside}${wide.map((key) => `"${key}":${shape(size / wide.length)}`).join(',')}}`,
      }));

      expect(await faultsOf(route, items, requests)).toEqual([]);
    });

  const written = [...types].flatMap(([key, type]) => (type === 'string' || type === 'alternatives' ? [key] : []));
  if (written.length > 0)
    it('in its texts', async () => {
      // One of each kind of text: a name, a line, an address.
      const some = written.filter((key) => !likeOthers.has(key));
      const requests = mapped(textShapes, (_shape, shape) => (size: number) => {
        const fields = Object.fromEntries(some.map((key) => [key, shape(size / some.length)]));
        return route.bodyIs === 'form'
          ? { path, body: new URLSearchParams(fields).toString(), headers: form }
          : { path, body: JSON.stringify(fields) };
      });

      expect(await faultsOf(route, characters, requests)).toEqual([]);
    });

  if (route.bodyIs === 'form' || route.bodyIs === 'either')
    it('as a form', async () => {
      const requests: Record<string, Sized> = {
        fields: (size) => ({
          path,
          headers: form,
          body: Array.from({ length: size }, (_none, at) => `k${at}=v`).join('&'),
        }),
        'one field again and again': (size) => ({ path, headers: form, body: 'a&'.repeat(size) }),
        'percent signs': (size) => ({ path, headers: form, body: `token=${'%'.repeat(10 * size)}` }),
        'what is encoded': (size) => ({ path, headers: form, body: `token=${'%61'.repeat(5 * size)}` }),
      };

      expect(await faultsOf(route, items, requests)).toEqual([]);
    });

  if (types.has('config'))
    it.each(Object.entries(placesInConfig))('in a config, at %s', async (_place, [around, shapes]) => {
      const isText = shapes === 'texts';
      const requests = mapped(isText ? textShapes : valueShapes, (_shape, shape) => (size: number) => {
        const value = isText ? JSON.stringify(shape(size)) : shape(size);
        return { path, body: `{"config":${around.replace('?', () => value)}}` };
      });

      expect(await faultsOf(route, isText ? characters : items, requests)).toEqual([]);
      expect((await world.call('admin', 'PUT', '/api/site/1', emptied)).status).toBe(200);
    });
});

describe.each(
  routes
    .filter(({ query }) => typesIn(query).size > 0)
    .map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const),
)('what an address costs is bounded by its size: %s', (_name, route) => {
  it.each([...typesIn(route.query).keys()])('in %s', async (parameter) => {
    const requests = mapped(lineShapes, (_shape, shape) => (size: number) => ({
      path: `${pathOf(route)}?page=0&${parameter}=${encodeURIComponent(shape(size)).slice(0, 12_000)}`,
    }));

    expect(await faultsOf(route, 4_000, requests)).toEqual([]);
  });
});

describe('what a header costs is bounded by its size', () => {
  const headers = [
    ...['accept', 'accept-language', 'authorization', 'authentication', 'x-authorization', 'cookie', 'origin'],
    ...['if-match', 'if-none-match', 'idempotency-key', 'cache-control', 'x-forwarded-for', 'x-request-id'],
    ...['content-type'],
  ];
  const asked = routes.filter(({ operationId }) => ['viewUser', 'updateUser', 'beginLogin'].includes(operationId));

  it.each(headers)('in %s', async (header) => {
    for (const route of asked) {
      const requests = mapped(lineShapes, (_shape, shape) => (size: number) => ({
        path: pathOf(route),
        headers: { [header]: shape(size).slice(0, 14_000).trim() },
        ...(route.method === 'get' ? {} : { body: '{}' }),
      }));

      expect(await faultsOf(route, 12_000, requests)).toEqual([]);
    }
  });
});

const servers = (count: number): string =>
  Array.from({ length: count }, (_none, at) => `"p${at}":{"auth-server-url":"http://x"}`).join(',');

describe('what stood still for seconds is answered in a moment', () => {
  const asMember = 125;
  it.each<[string, number | string, string, string, Shape, number]>([
    ['a name of brackets', asMember, 'PUT', '/api/site/1/user/125', (n) => `{"firstName":"${'<'.repeat(n)}"}`, 100_000],
    [
      'an address of slashes',
      asMember,
      'PUT',
      '/api/site/1/user/125',
      (n) => `{"email":"a@${'/'.repeat(n)}"}`,
      100_000,
    ],
    [
      'an OAuth server of slashes',
      'admin',
      'PUT',
      '/api/site/1',
      (n) => `{"config":{"oauth":{"x":{"auth-server-url":"http://a.nl/${'/'.repeat(n)}a"}}}}`,
      200_000,
    ],
    [
      'OAuth servers by the thousand',
      'admin',
      'PUT',
      '/api/site/1',
      (n) => `{"config":{"oauth":{${servers(n)}}}}`,
      2_400,
    ],
    [
      'wrong scopes',
      'admin',
      'POST',
      '/api/client',
      (n) => `{"name":"a","siteIds":[1],"scopes":[${'1,'.repeat(n)}1]}`,
      60_000,
    ],
    [
      'wrong domains',
      'admin',
      'PUT',
      '/api/site/1',
      (n) => `{"config":{"allowedDomains":[${'"!",'.repeat(n)}1]}}`,
      100_000,
    ],
  ])('%s: 422', async (_what, who, method, path, body, size) => {
    const times: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1)
      times.push(
        await processorTimeMs(async () => {
          expect((await world.call(who, method, path, body(2 * size))).status).toBe(422);
        }),
      );
    expect(Math.min(...times)).toBeLessThan(maxMs);
  });
});
