import type { OauthServerState } from '../../src/use-cases/sites/check-oauth-servers.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

/** Sites 1 to 6 have a client each at one server; site 7's secret is wrong. */
let world: RecordedWorld;
afterEach(() => world.close());

const ready = () => world.call(null, 'GET', '/health/ready');
/** What readiness says once the check that the first question began has ended. */
const servers = async (): Promise<readonly OauthServerState[]> => {
  await until('the OAuth servers are checked', async () => (await ready()).body.oauthServers.length > 0);
  return (await ready()).body.oauthServers as readonly OauthServerState[];
};
const ofSite = (states: readonly OauthServerState[], siteId: number): OauthServerState | undefined =>
  states.find(({ siteIds }) => siteIds.includes(siteId));

describe('/health/ready', () => {
  it('said `reachable` where the host of the sites’ OAuth server was none of AUTH_ALLOWED_HOSTS: it names host and setting', async () => {
    world = await startRecordedWorld({ AUTH_ALLOWED_HOSTS: 'auth.elsewhere.example' });

    const states = await servers();
    const { status, body } = await ready();

    expect([status, body.oauth]).toEqual([200, 'unreachable']);
    expect(ofSite(states, 1)).toMatchObject({
      host: world.oauth.host,
      allowed: false,
      reachable: null,
      credentialsAccepted: null,
      remedy: expect.stringMatching(new RegExp(`${world.oauth.host}.*AUTH_ALLOWED_HOSTS`)),
    });
    expect(world.oauth.proxy.calls()).toBe(0);
  });

  it('tells of each client at an OAuth server whether it is accepted there, and no secret', async () => {
    world = await startRecordedWorld();

    const states = await servers();
    const { text, body } = await ready();

    expect(body.oauth).toBe('reachable');
    expect(ofSite(states, 1)).toMatchObject({
      host: world.oauth.host,
      adapter: 'openstad',
      siteIds: [1],
      sites: 1,
      complete: true,
      allowed: true,
      reachable: true,
      credentialsAccepted: true,
      remedy: null,
    });
    expect(ofSite(states, 7)).toMatchObject({
      reachable: true,
      credentialsAccepted: false,
      remedy: expect.stringContaining('auth-client-secret'),
    });
    expect(text).not.toMatch(/secret-\d/);
  });

  it('names sites whose settings, of a time when their admins gave them, read a server otherwise than others do', async () => {
    world = await startRecordedWorld();
    const [site] = await world.container.ports.sites.readNow([2]);
    const own = { ...site!.config.oauth.get('default'), 'auth-server-get-user-path': '/uploads/me.json' };
    const config = { ...site!.rawConfig, oauth: { default: own } };
    await world.container.database.rows.sites.update({ config }, { where: { id: 2 } });
    await world.container.ports.changes.announce({ kind: 'site', id: 2 });

    const states = await servers();

    expect(ofSite(states, 2)?.remedy).toMatch(/site 2: they read .*auth-server-get-user-path/);
    expect(ofSite(states, 1)?.remedy).toBeNull();
  });

  it('waits for no OAuth server, and asks each client once however many ask', async () => {
    world = await startRecordedWorld({}, { oauthTimeLimitMs: 3000 });
    await world.oauth.proxy.behave('hang');

    const answers = await Promise.all(Array.from({ length: 50 }, ready));
    const states = await servers();

    // Answered while the servers were still being asked.
    expect(answers.map(({ status, body }) => [status, body.oauthServers as unknown])).toEqual(
      answers.map(() => [200, []]),
    );
    expect(ofSite(states, 1)).toMatchObject({ reachable: false, credentialsAccepted: null });
    expect(world.oauth.proxy.calls(/roles/)).toBeLessThanOrEqual(states.length);
  });
});

describe('A site whose OAuth host is none of AUTH_ALLOWED_HOSTS', () => {
  it('was a 502 that named neither host nor setting: editors hear both, visitors and members a plain sentence, the log has both', async () => {
    world = await startRecordedWorld({ AUTH_ALLOWED_HOSTS: 'auth.elsewhere.example' });
    const login = `/oauth/site/1/login?redirectUrl=${encodeURIComponent('http://localhost:3000/')}`;

    const [admin, member, visitor] = [
      await world.call('admin', 'PUT', '/api/site/1/user/101', { city: 'Delft' }),
      await world.call(101, 'PUT', '/api/site/1/user/101', { city: 'Delft' }),
      await world.call(null, 'GET', '/oauth/site/1/digest-login?code=x&state=x'),
    ];

    expect([admin.status, admin.body.host, admin.body.setting]).toEqual([
      502,
      world.oauth.host,
      'authorization.allowedHosts',
    ]);
    expect(admin.body.message).toMatch(new RegExp(`${world.oauth.host}.*AUTH_ALLOWED_HOSTS`));
    expect([member.status, member.body.host, member.body.setting]).toEqual([502, undefined, undefined]);
    for (const { text } of [member, visitor, await world.call(null, 'GET', login)])
      expect(text).not.toMatch(/AUTH_|allowedHosts/);
    expect(world.log()).toContain(`"host":"${world.oauth.host}"`);
    expect(world.log()).toContain('AUTH_ALLOWED_HOSTS');
  });
});
