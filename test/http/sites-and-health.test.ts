import request from 'supertest';
import { adminToken, each, testApp } from './support/app.ts';

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

const well = { database: true, migrated: true, databaseState: 'ready', databaseSays: null } as const;
const others = { oauth: 'unknown', oauthServers: [], redis: 'none' } as const;

describe('health', () => {
  test.each([
    [{ ...well, oauth: 'unreachable', oauthServers: [], redis: 'unreachable' }, 200],
    [{ ...well, migrated: false, databaseState: 'not-migrated', ...others }, 503],
    [{ ...well, migrated: false, databaseState: 'read-only', databaseSays: 'read_only is ON', ...others }, 503],
    [{ ...well, migrated: false, databaseState: 'not-in-sync', databaseSays: 'wsrep_ready is OFF', ...others }, 503],
    [{ database: false, migrated: false, databaseState: 'unreachable', databaseSays: 'ECONNREFUSED', ...others }, 503],
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
