import request from 'supertest';
import type { Sites } from '../../src/http/route.ts';
import { aSite } from '../support/builders.ts';
import { noLimits, oneWindow, testApp } from './support/app.ts';

const one = '/api/site/1/user/7';

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

test('sites are not asked for one by one where mostly wrong tokens come from, and right ones are read by pages there as ever', async () => {
  const asked: string[] = [];
  const known = aSite({
    id: 1,
    domain: 'www.example.org',
    config: { allowedDomains: ['www.example.org'] },
  });
  const sites: Sites = {
    byId: async (id) => (id === 1 ? known : null),
    byDomain: async (domain) => {
      asked.push(domain);
      return null;
    },
    all: async () => [known],
  };
  const { app } = testApp({}, { sites, limits: { ...noLimits, ...oneWindow, failures: 5 } });
  const server = app.listen(0);
  const ask = (address: string, token: string) =>
    request(server).get(address).set('Origin', 'https://www.example.org').set('Authorization', `Bearer ${token}`);
  try {
    const statuses: number[] = [];
    for (let n = 0; n < 30; n += 1) statuses.push((await ask(`/api/site/nobody${n}.example.org/user`, 'junk')).status);
    expect(new Set(statuses.slice(5))).toEqual(new Set([429]));
    // Once for each of the first: its origin.
    expect(asked.length).toBeLessThan(8);
    const { status, headers } = await ask(one, 'moderator-token');
    expect([status, headers['access-control-allow-origin']]).toEqual([200, 'https://www.example.org']);
  } finally {
    server.close();
  }
});
