import request from 'supertest';
import { adminToken, each, testApp } from './support/app.ts';

const one = '/api/site/1/user/7';

describe('every answer', () => {
  test('carries a request id: the caller’s if it is a sane one', async () => {
    const { app } = testApp();
    const idFor = async (given: string): Promise<unknown> =>
      (await request(app).get(one).set('X-Request-Id', given)).headers['x-request-id'];

    expect(await idFor('trace:1.a_b-2')).toBe('trace:1.a_b-2');
    for (const odd of ['a b', 'x'.repeat(65), '<script>', '{}']) expect(await idFor(odd)).toMatch(/^[\da-f-]{36}$/);
  });

  test('does not name the framework, and lets no page load anything from it', async () => {
    const { headers } = await request(testApp().app).get(one);

    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    });
  });

  test('leaves one line in the log with ids, and without address, query or headers', async () => {
    const { app, lines } = testApp();

    await request(app)
      .get(`/api/site/1/user/niels@example.org?q=vegter`)
      .set('X-Authorization', adminToken)
      .set('User-Agent', 'browser');
    await request(app).get('/niels@example.org');
    await request(app).get(one).set('X-Authorization', adminToken);

    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      {
        level: 'info',
        method: 'GET',
        route: '/api/site/{siteId}/user/{userId}',
        status: 404,
        siteId: 1,
        problem: 'user-not-found',
        actorId: 101,
      },
      { route: 'unknown', status: 404 },
      {
        status: 200,
        siteId: 1,
        userId: 7,
        actorId: 101,
        requestId: expect.any(String),
        milliseconds: expect.any(Number),
      },
    ]);
    expect(lines.join()).not.toMatch(/niels|vegter|browser|admin-token/);
  });

  test('is observed by route, method and status', async () => {
    const seen: unknown[] = [];
    const metrics = {
      observe: (...facts: unknown[]) => void seen.push(facts.slice(0, 3)),
      text: async () => 'requests 1\n',
      contentType: 'text/plain; version=0.0.4',
    };
    const { app } = testApp({}, { metrics });

    await request(app).get('/api/site/5/user/7');
    const answer = await request(app).get('/metrics');

    expect(seen[0]).toEqual(['/api/site/{siteId}/user/{userId}', 'GET', 404]);
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      'requests 1\n',
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
  });
});

describe('a page of another site', () => {
  const from = (origin: string, address = one) => request(testApp().app).get(address).set('Origin', origin);

  test.each([
    'https://www.example.org',
    'http://www.example.org',
    'https://www.example.org:8443',
    'https://WWW.EXAMPLE.org',
    'http://localhost:3000',
  ])('may read answers from %s', async (origin) => {
    const { headers } = await from(origin);

    expect(headers['access-control-allow-origin']).toBe(origin);
    expect(headers['access-control-expose-headers']).toContain('ETag');
    expect(headers['vary']).toBe('Authorization, X-Authorization, Origin');
  });

  test.each([
    'https://evil-www.example.org',
    'https://www.example.org.evil.org',
    'https://example.org',
    'http://localhost:3001',
    'http://localhost',
    'null',
    'file://www.example.org',
    'nonsense',
  ])('may not from %s', async (origin) => {
    const answer = await from(origin);

    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('may not read what belongs to no site, or to one that does not list it', async () => {
    for (const address of ['/api/site/2/user/7', '/api/site', '/openapi.json']) {
      expect((await from('https://www.example.org', address)).headers).not.toHaveProperty(
        'access-control-allow-origin',
      );
    }
  });

  test('may read problems as well', async () => {
    const answer = await from('https://www.example.org', '/api/site/1/user/abc');

    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([404, 'https://www.example.org']);
  });

  test('may ask beforehand', async () => {
    const answer = await request(testApp().app)
      .options(one)
      .set('Origin', 'https://www.example.org')
      .set('Access-Control-Request-Method', 'PUT');

    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-headers']).toBe(
      'Authorization,X-Authorization,Content-Type,If-Match,If-None-Match,Idempotency-Key,Cache-Control,X-Request-Id',
    );
    expect(answer.headers['access-control-allow-methods']).toContain('PUT');
  });
});

describe('a site', () => {
  test('is viewed by id or by domain, its config by editors only and without secrets', async () => {
    const { app } = testApp();
    const view = (name: string, token: string) => request(app).get(`/api/site/${name}`).set('X-Authorization', token);

    const [byId, byDomain, member] = [
      await view('1', 'editor-token'),
      await view('Site1.example.org', 'editor-token'),
      await view('1', 'member-token'),
    ];

    expect(byId.body.config.oauth.default).toEqual({ 'auth-client-id': 'one', 'auth-client-secret': '********' });
    expect(byDomain.body).toEqual(byId.body);
    expect(Object.keys(member.body)).toEqual(['id', 'name', 'title', 'domain', 'areaId', 'createdAt', 'updatedAt']);
    expect((await view('nowhere.example.org', 'editor-token')).status).toBe(404);
  });

  test('is listed for platform admins only', async () => {
    const { app } = testApp();

    const [admin, editor] = [
      await request(app).get('/api/site').set('X-Authorization', adminToken),
      await request(app).get('/api/site').set('X-Authorization', 'editor-token'),
    ];

    expect(each(admin.body, 'id')).toEqual([1, 2]);
    expect([editor.status, editor.body.rule]).toEqual([403, 'platform-admin-needed']);
  });
});

describe('health', () => {
  test.each([
    [{ database: true, migrated: true, oauth: 'unreachable' }, 200],
    [{ database: true, migrated: false, oauth: 'reachable' }, 503],
    [{ database: false, migrated: false, oauth: 'unknown' }, 503],
  ] as const)('of %j is %d', async (readiness, status) => {
    const answer = await request(testApp({}, { health: { ready: async () => readiness } }).app).get('/health/ready');

    expect([answer.status, answer.body]).toEqual([
      status,
      { status: status === 200 ? 'ready' : 'not-ready', ...readiness },
    ]);
  });

  test('is alive, whatever it waits for', async () => {
    expect((await request(testApp().app).get('/health/live')).body).toEqual({ status: 'live' });
    expect((await request(testApp().app).post('/health/live')).headers['allow']).toBe('GET, HEAD');
  });
});
