import { routes } from '../../../src/http/routes.ts';
import type { Somebody } from './support/people.ts';
import { keysOf, startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §3 "Around it": sites (reading), headers of every answer, CORS. */
/** Nothing of them stays in a cache on the way. */
const keptByNobody =
  /anonymiz|receipts|^\/api\/(?:v1|client|operation|person|audit|outbox|session)(?:\/|$)|\/(?:person|export)$|^\/oauth\//;
const site = 11;
let s: SentenceWorld;
let one: Somebody;
beforeAll(async () => {
  s = await startSentences({
    [site]: {
      config: {
        allowedDomains: ['www.example.org', 'localhost:3000'],
        basicAuth: { active: true, user: 'u', password: 'hush-hush' },
        mail: { transport: { smtp: { auth: { pass: 'hush-hush' } } } },
        widgets: [{ apiKey: 'hush-hush' }],
        title: 'Zichtbaar',
      },
    },
    12: { deleted: true },
    13: { config: { allowedDomains: ['neighbour.example'] } },
  });
  one = await s.person({ at: { 1: 'member', [site]: 'member' } });
});
afterAll(() => s.close());

describe('GET /api/site/:SITE_ID', () => {
  test('is for all, by id and by domain', async () => {
    const [byId, byDomain] = [
      await s.get(null, `/api/site/${site}`),
      await s.get(null, `/api/site/SITE${site}.localhost`),
    ];
    expect([byId.status, byId.body]).toEqual([200, byDomain.body]);
    expect(keysOf(byId.body as object)).toEqual(['areaId', 'createdAt', 'domain', 'id', 'name', 'title', 'updatedAt']);
  });

  test.each([
    ['nobody', null, false],
    ['a member', 'member', false],
    ['a moderator', 'moderator', false],
    ['an editor', 'editor', true],
    ['an admin', 'admin', true],
    ['an admin of another site', 2, false],
  ])('shows the config to editor and above only, with every secret masked: %s', async (_who, who, shown) => {
    const { text, body } = await s.get(who, `/api/site/${site}`);
    expect('config' in body).toBe(shown);
    expect(text).not.toContain('hush-hush');
    expect(text).not.toContain('peer-secret');
    if (shown) {
      expect(body.config).toMatchObject({
        title: 'Zichtbaar',
        basicAuth: { active: true, password: '********' },
        widgets: [{ apiKey: '********' }],
        oauth: { default: { 'auth-client-secret': '********', 'auth-client-id': 'peer-client-11' } },
      });
    }
  });

  test('is 404 for a site that is not there or was removed, and what is neither id nor domain', async () => {
    for (const name of ['99', '12', 'site12.localhost', 'nowhere.example', '0', '-1', '%00', '..']) {
      expect((await s.get('admin', `/api/site/${name}`)).status).toBe(404);
    }
    for (const address of [users(12), user(12, one.at[1]!)]) expect((await s.get('admin', address)).status).toBe(404);
  });
});

describe('every answer', () => {
  const addressOf = (path: string) => path.replace('{siteId}', '1').replace('{userId}', String(one.at[1]!));

  test.each(routes.filter(({ method }) => method === 'get').map(({ path, cache }) => [path, cache]))(
    '%s says how it may be kept: %s',
    async (path, cache) => {
      for (const answer of [
        await s.get('admin', addressOf(path)),
        await s.get('admin', addressOf(path).replace('/1/', '/99/')),
      ]) {
        expect(answer.headers.get('cache-control')).toBe(keptByNobody.test(path) ? 'no-store' : 'private, no-cache');
        expect(cache).toBe(keptByNobody.test(path) ? 'no-store' : 'private, no-cache');
        expect(answer.headers.get('vary')).toMatch(/^Authorization, X-Authorization, Origin/);
      }
    },
  );

  test('also a refusal, a problem and nothing at all', async () => {
    for (const answer of [
      await s.get(null, '/nothing'),
      await s.put(null, user(1, 4), {}),
      await s.get(null, user(1, 4), { authorization: 'Bearer x' }),
    ]) {
      expect([answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual([
        'private, no-cache',
        'Authorization, X-Authorization, Origin',
      ]);
    }
  });

  test('carries the request’s id: the caller’s where it is a sane one', async () => {
    expect((await s.get(null, user(1, 4), { 'x-request-id': 'mine-1' })).headers.get('x-request-id')).toBe('mine-1');
    const own = (await s.get(null, user(1, 4), { 'x-request-id': 'x'.repeat(100) })).headers.get('x-request-id');
    expect(own).toMatch(/^[\w-]{36}$/);
  });
});

describe('CORS', () => {
  const from = (origin: string, more = {}) => ({ origin, ...more });

  test.each(['https://www.example.org', 'http://www.example.org:8080', 'http://localhost:3000'])(
    'lets pages of allowedDomains read: %s',
    async (origin) => {
      const answer = await s.get(null, users(site), from(origin));
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      for (const name of 'ETag, Location, Age, X-Cache, X-OAuth-Removal, X-OAuth-Values, X-Plan-Digest, Idempotency-Replayed, Retry-After, X-Request-Id, Link, Total, Per-Page, RateLimit'.split(
        ', ',
      )) {
        expect(answer.headers.get('access-control-expose-headers')?.toLowerCase()).toContain(name.toLowerCase());
      }
    },
  );

  test.each([
    'https://evil.example',
    'https://www.example.org.evil.example',
    'https://example.org',
    'null',
    'http://localhost:3001',
    'file://www.example.org',
  ])('and no others: %s', async (origin) => {
    const answer = await s.get(null, users(site), from(origin));
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });

  test('of another site are not these', async () => {
    expect(
      (await s.get(null, users(1), from('https://www.example.org'))).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });

  test('answers a preflight with the headers and methods that may be sent', async () => {
    const answer = await s.world.call(
      null,
      'OPTIONS',
      user(site, one.at[site]!),
      undefined,
      from('https://www.example.org', {
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'x-authorization, if-match',
      }),
    );
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://www.example.org',
    ]);
    const allowed = answer.headers.get('access-control-allow-headers')?.toLowerCase().split(/,\s*/);
    expect(allowed).toEqual(
      'Authorization, X-Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Cache-Control, X-Request-Id'
        .toLowerCase()
        .split(', '),
    );
    expect(answer.headers.get('access-control-allow-methods')).toContain('PUT');
  });

  describe('of what has no site in its address', () => {
    const [own, neighbours] = ['https://www.example.org', 'https://neighbour.example'];
    const allowed = async (who: number | string | null, path: string, origin: string) => {
      const answer = await s.get(who, path, from(origin));
      return [answer.status, answer.headers.get('access-control-allow-origin')];
    };
    const preflight = async (path: string, origin: string) => {
      const asked = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-authorization' };
      const answer = await s.world.call(null, 'OPTIONS', path, undefined, from(origin, asked));
      return [answer.status, answer.headers.get('access-control-allow-origin')];
    };
    let boss: number;
    let operation: string;
    let receipt: string;
    beforeAll(async () => {
      boss = (await s.person({ at: { [site]: 'moderator' } })).at[site]!;
      const them = (await s.person({ at: { [site]: 'member' } })).at[site]!;
      const did = await s.put(boss, `${user(site, them)}/do-anonymize`, {}, from(own));
      expect(did.headers.get('access-control-allow-origin')).toBe(own);
      operation = did.headers.get('location')!;
      receipt = /<(.+)>/.exec(did.headers.get('link') ?? '')![1]!;
    });

    test('lets pages of the site follow it and read its receipt', async () => {
      for (const path of [operation, receipt]) expect(await preflight(path, own)).toEqual([204, own]);
      expect(await allowed(boss, operation, own)).toEqual([200, own]);
      expect(await allowed(null, receipt, own)).toEqual([200, own]);
    });

    test('says nothing by a preflight of whether there is such a thing', async () => {
      for (const path of [`/api/operation/${'o'.repeat(43)}`, `/receipts/${'r'.repeat(86)}`, '/api/operation/1'])
        expect([await preflight(path, own), await preflight(path, 'https://evil.example')]).toEqual([
          [204, own],
          [204, null],
        ]);
    });

    test('shows an operation to pages of no other site than that of the session', async () => {
      // What may be asked tells nothing yet: a preflight carries no token.
      expect(await preflight(operation, neighbours)).toEqual([204, neighbours]);
      expect(await allowed(boss, operation, neighbours)).toEqual([200, null]);
      expect(await allowed('admin', operation, own)).toEqual([200, null]);
      expect(await allowed(boss, operation, 'https://evil.example')).toEqual([200, null]);
      expect(await allowed(null, receipt, 'https://evil.example')).toEqual([200, null]);
    });

    const addresses = new Set(
      routes.filter(({ ofCallersSite }) => ofCallersSite === true).map(({ path }) => path.replace(/\{\w+\}/g, 'x')),
    );
    test.each([...addresses])('lets pages of every site ask, and of no other: %s', async (path) => {
      for (const at of [path, `${path}/`]) expect(await preflight(at, own)).toEqual([204, own]);
      expect(await preflight(path, neighbours)).toEqual([204, neighbours]);
      expect(await preflight(path, 'https://evil.example')).toEqual([204, null]);
      expect(await preflight(`${path}y/y/y`, own)).toEqual([404, null]);
    });

    test.each(['/api/person?q=a', '/api/audit', '/api/anonymization-run'])(
      'shows what is of no site to pages of the session’s site: %s',
      async (path) => {
        const admin = (await s.person({ at: { [site]: 'admin' } })).at[site]!;
        expect(await allowed(admin, path, own)).toEqual([200, own]);
        expect(await allowed(admin, path, neighbours)).toEqual([200, null]);
        expect(await allowed('admin', path, own)).toEqual([200, null]);
        expect(await allowed(one.at[site]!, path, own)).toEqual([403, own]);
      },
    );

    test('tells such a page why it is refused', async () => {
      expect(await allowed(null, operation, own)).toEqual([401, own]);
      expect(await allowed(one.at[site]!, operation, own)).toEqual([404, own]);
    });
  });

  test('holds for refusals, too, so that a page can read why', async () => {
    const answer = await s.put(null, user(site, one.at[site]!), {}, from('https://www.example.org'));
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://www.example.org',
    ]);
  });
});
