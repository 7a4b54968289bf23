import { SignJWT, UnsecuredJWT } from 'jose';
import { routes } from '../../src/http/routes.ts';
import { recordedRows } from '../support/recorded-database.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { seeded } from '../support/seeded.ts';
import { oddRequest, type Known, type OddRequest } from './support/odd-requests.ts';

let world: RecordedWorld;
let known: Known;
const begin = async (): Promise<void> => {
  world = await startRecordedWorld();
  const users = (await recordedRows('openstad-api-database')).get('users') ?? [];
  known = {
    ...(await tokens()),
    users: users.map((user) => ({ id: Number(user['id']), siteId: Number(user['siteId']) })),
    clients: await clients(
      users.flatMap((user) => (user['externalUserId'] === null ? [] : [String(user['externalUserId'])])),
    ),
  };
};

/** Three management clients of site 1, with a token of each scope. */
const clients = async (uids: readonly string[]): Promise<Known['clients']> => {
  const made = await Promise.all(
    (['public', 'authentication', 'admin'] as const).map(async (scope) => {
      const said = { name: scope, scopes: [scope], siteIds: [1] };
      const { body: client } = await world.call('admin', 'POST', '/api/client', said);
      const own = { client_id: String(client.key), client_secret: String(client.secret) };
      const asked = { grant_type: 'client_credentials', scope, ...own };
      const { body: token } = await world.call(null, 'POST', '/oauth/token', asked);
      return { own, token: String(token.access_token) };
    }),
  );
  return { tokens: made.map(({ token }) => token), own: made[2]?.own ?? { client_id: '', client_secret: '' }, uids };
};

/** Good ones of every role, and every kind of bad one. */
const tokens = async (): Promise<Pick<Known, 'good' | 'bad'>> => {
  const signed = (claims: Record<string, unknown>, secret: string, alg = 'HS256') =>
    new SignJWT(claims).setProtectedHeader({ alg }).setExpirationTime('1h').sign(new TextEncoder().encode(secret));
  const real = world.env['AUTH_JWT_SECRET'] ?? '';
  const claims = { userId: 125, client: 'default', jti: 'x' };
  const own = await Promise.all([102, 106, 125].map(async (id) => `Bearer ${await world.token(id)}`));
  const roles = ['admin', 'admin', 'admin', 'admin', 'editor', 'moderator', 'moderator', 'member', 'anonymous'];
  return {
    good: [...roles.map((role) => `fixed-${role}`), ...own],
    bad: [
      ...own.map((token) => token.slice(0, -2)),
      ...['Bearer', 'Bearer ', 'Basic YTpi', 'x'.repeat(4000), 'Bearer a.b.c', 'fixed-admin2', 'fixed-', '__proto__'],
      `Bearer ${await signed(claims, 'not the secret, but just as long as it')}`,
      `Bearer ${await signed(claims, real.repeat(3), 'HS512')}`,
      `Bearer ${new UnsecuredJWT(claims).encode()}`,
      ...(await Promise.all(
        [null, '101', -1, 1e20, {}, [101], 999_999].map(
          async (userId) => `Bearer ${await signed({ ...claims, userId }, real)}`,
        ),
      )),
      `Bearer ${await signed({ ...claims, client: '__proto__' }, real)}`,
      `Bearer ${await signed({}, real)}`,
    ],
  };
};

const told = async ({ method, path, headers, body }: OddRequest) => {
  const response = await fetch(world.url + path, {
    method,
    redirect: 'manual',
    headers,
    ...(body === undefined || method === 'HEAD' || method === 'GET' ? {} : { body }),
  });
  // A list or export is broken off where another of these took the right to it; what failed of itself stands in the log as an error.
  const text = await response.text().catch((error: unknown) => {
    if (method === 'GET' && response.ok && error instanceof TypeError && error.message === 'terminated') return '';
    throw error;
  });
  return { status: response.status, type: response.headers.get('content-type') ?? '', text };
};
/** As a request reads in a failure. */
const shown = ({ method, path, headers, body }: OddRequest): string =>
  `${method} ${path} ${JSON.stringify(headers)} ${(body ?? '').slice(0, 300)}`;

/** As a problem; to management clients in the form of their manual, or OAuth's. An address that no route knows may be either. */
const isToldWell = (path: string, type: string, text: string): boolean =>
  type.startsWith('application/problem+json') ||
  (type.startsWith('application/json') &&
    ((path.startsWith('/api/v1/') && text.startsWith('{"success":false,"errors":[{"name":')) ||
      (/^\/oauth\/(?:token|revoke|introspect)/.test(path) && text.startsWith('{"error":'))));

const oauthTrouble = /^\/problems\/oauth-(?:refused|unreachable|timeout|circuit-open|unsupported)$/;
const problemOf = (text: string): string => {
  const found: unknown = /"type":"([^"]+)"/.exec(text)?.[1];
  return typeof found === 'string' ? found : '';
};

// A world each, as many of its people are gone in the end.
describe.each([1, 2, 3])('five hundred odd requests over the table of routes (seed %i)', (seed) => {
  beforeAll(begin);
  afterAll(() => world.close());

  it('get no 500, no answer that is no problem, and nobody’s words', async () => {
    const chance = seeded(seed);
    const requests = Array.from({ length: 500 }, () => oddRequest(chance, chance.one(routes), known));

    const failures: string[] = [];
    const statuses = new Map<number, number>();
    const queue = [...requests];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { status, type, text } = await told(next);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const excused = status > 500 && oauthTrouble.test(problemOf(text));
        if (status >= 500 && !excused) failures.push(`${status} ${problemOf(text)} ← ${shown(next)}`);
        if (status >= 400 && next.method !== 'HEAD' && !isToldWell(next.path, type, text))
          failures.push(`${status} as ${type} ← ${shown(next)}`);
        if (/sequelize|sqlite|mysql|select |\bat .*\.ts|stack/i.test(text) && status >= 400)
          failures.push(`words ← ${shown(next)}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));

    expect(failures).toEqual([]);
    // Both what is right and what is wrong was among them.
    for (const expected of [200, 400, 401, 403, 404, 422]) expect([...statuses.keys()]).toContain(expected);
  });

  it('leave a program that still answers, and nothing on Object.prototype', async () => {
    expect((await world.call(null, 'GET', '/health/ready')).status).toBe(200);
    expect((await world.call('admin', 'GET', '/api/site/2/user?page=0')).status).toBe(200);
    expect(Object.keys(Object.getPrototypeOf({}) as object)).toEqual([]);
    expect(world.log()).not.toContain('"level":"error"');
    expect(world.log()).not.toContain('"level":"fatal"');
  });
});
