import request from 'supertest';
import { adminToken, testApp } from './support/app.ts';

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
