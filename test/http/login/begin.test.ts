import type { Site } from '../../../src/domain/sites/site.ts';
import { testApp, lastCommand } from '../support/app.ts';
import { aSite } from '../support/world.ts';
import { aBrowser, backWith, locationOf, setCookies } from '../support/browsing.ts';

const login = '/oauth/site/1/login';
const to = (target: string, more = ''): string => `${login}?redirectUrl=${encodeURIComponent(target)}${more}`;
const open = (address: string, headers = {}, parts: Parameters<typeof testApp>[1] = {}) =>
  aBrowser(testApp({}, parts).app).open(address, headers);

describe('A login begins', () => {
  it('by sending the browser to the OAuth server, told to come back with what has to survive there', async () => {
    const answer = await open(to('https://www.example.org/page?a=1'));

    expect(answer.status).toBe(302);
    const sent = locationOf(answer);
    expect(sent.origin + sent.pathname).toBe('https://oauth.example.org/dialog/authorize');
    expect(Object.fromEntries(sent.searchParams)).toMatchObject({ response_type: 'code', client_id: 'one' });
    const back = new URL(sent.searchParams.get('redirect_uri') ?? '');
    expect(back.origin + back.pathname).toBe('https://api.example.org/oauth/site/1/digest-login');
    expect([...back.searchParams.keys()]).toEqual(['state']);
    expect(sent.searchParams.get('state')).toBeNull();
  });

  it.each(['https://www.example.org/zoek?q=caf%C3%A9&p=2', 'https://www.example.org/é?q=[[jwt]]&r=100%25#%20'])(
    'with a redirect_uri in which there is no percent sign, which some of their pages would cut (%s)',
    async (target) => {
      const redirectUri = locationOf(await open(to(target))).searchParams.get('redirect_uri') ?? '';

      expect(redirectUri).toMatch(/^https:\/\/api\.example\.org\/oauth\/site\/1\/digest-login\?state=[\w-]+$/);
      expect(redirectUri).not.toContain('www.example.org');
    },
  );

  it('with the real state and the same redirect_uri each time where the server keeps state', async () => {
    const answers = [
      await open(to('https://www.example.org/', '&useOauth=second')),
      await open(to('https://www.example.org/x', '&useOauth=second')),
    ];

    for (const answer of answers) {
      const sent = locationOf(answer).searchParams;
      expect(sent.get('redirect_uri')).toBe('https://api.example.org/oauth/site/1/digest-login');
      expect(sent.get('state')).toMatch(/^[\w-]{100,}$/);
      expect(sent.get('code_challenge')).toBe('challenge');
    }
  });

  it('with a cookie that is bound to our host and holds a nonce, for half an hour', async () => {
    const answer = await open(to('https://www.example.org/page'));

    const [cookie = ''] = setCookies(answer);
    expect(cookie).toMatch(/^__Host-civitas-login-[\w-]{8}=[\w-]{43};/);
    expect(cookie.split('; ').slice(1)).toEqual(['Max-Age=1800', 'Path=/', 'HttpOnly', 'SameSite=Lax', 'Secure']);
  });

  it('with a cookie without Secure where we are reached by http', async () => {
    const answer = await open(
      to('https://www.example.org/'),
      {},
      {
        login: {
          publicUrl: 'http://api.example.org/',
          secrets: (await import('../../support/fakes/secrets.ts')).fakeSecrets(),
        },
      },
    );

    expect(setCookies(answer)[0]).toMatch(/^civitas-login-[\w-]{8}=.*SameSite=Lax$/);
    expect(locationOf(answer).searchParams.get('redirect_uri')).toMatch(
      /^http:\/\/api\.example\.org\/oauth\/site\/1\//,
    );
  });

  it('and is kept by nobody on the way', async () => {
    const { headers } = await open(to('https://www.example.org/'));

    expect([headers['cache-control'], headers['referrer-policy']]).toEqual(['no-store', 'no-referrer']);
  });

  it('by the way in for administrators', async () => {
    expect(locationOf(await open(to('https://www.example.org/', '&loginPriviliged=1'))).pathname).toBe(
      '/auth/admin/login',
    );
  });

  it('at a site that is named by its domain', async () => {
    const answer = await open(`/oauth/site/site1.example.org/login?redirectUrl=https://www.example.org/`);

    expect(locationOf(answer).searchParams.get('redirect_uri')).toContain('/oauth/site/1/digest-login');
  });

  it('and leads to after-login-redirect-uri when it does not say where', async () => {
    const browser = aBrowser(testApp().app);

    const arrived = await browser.open(backWith(await browser.open(login), 'good'));

    expect(arrived.headers['location']).toMatch(/^https:\/\/www\.example\.org\/welcome\?jwt=ey/);
  });

  it('but not to nowhere', async () => {
    const answer = await open(`${login}?useOauth=second`);

    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, 'redirectUrl']);
  });

  it('with a logout first, that comes back to the same login', async () => {
    const answer = await open(to('https://www.example.org/', '&forceNewLogin=1&loginPriviliged=1'));

    const sent = locationOf(answer);
    expect(sent.pathname).toBe('/logout');
    const again = new URL(sent.searchParams.get('redirectUrl') ?? '');
    expect(again.origin + again.pathname).toBe('https://api.example.org/oauth/site/1/login');
    expect(Object.fromEntries(again.searchParams)).toEqual({
      redirectUrl: 'https://www.example.org/',
      loginPriviliged: '1',
    });
    expect(setCookies(answer)).toEqual([]);
  });

  it('by settings that are there', async () => {
    const answer = await open(to('https://www.example.org/', '&useOauth=third'));

    expect([answer.status, answer.body.type]).toEqual([400, '/problems/oauth-not-configured']);
  });
});

describe('A login may lead', () => {
  it.each([
    'https://www.example.org',
    'http://www.example.org/',
    'https://WWW.example.org:8443/deep/?a=b&c[]=d#part',
    'http://localhost:3000/?jwt=[[jwt]]',
    'https://www.example.org/é?q=日本',
    'https://www.example.org?next=https://evil.org/',
    'https://www.example.org/@evil.org',
  ])('to %s', async (target) => {
    expect((await open(to(target))).status).toBe(302);
  });

  it.each([
    'https://evil.org/',
    'https://www.example.org.evil.org/',
    'https://evil-www.example.org/',
    'https://www.example.org@evil.org/',
    'https://user:secret@www.example.org/',
    'https://www.example.org:secret@evil.org/',
    'https://@www.example.org/',
    'https://evil.org#@www.example.org/',
    'https://evil.org?@www.example.org/',
    'https://evil.org\\@www.example.org/',
    'https://evil.org\\.www.example.org/',
    'https://www.example.org\\.evil.org/',
    'https:\\\\www.example.org/',
    '//evil.org/',
    '//www.example.org/',
    '/\\evil.org',
    '/relative',
    'relative',
    'https:evil.org',
    'https:www.example.org',
    'https:/www.example.org/',
    'https:///www.example.org/',
    'https:////evil.org/',
    'javascript:alert(1)//www.example.org',
    'javascript://www.example.org/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'ftp://www.example.org/',
    'file://www.example.org/etc/passwd',
    'blob:https://www.example.org/x',
    'http://localhost:3001/',
    'http://localhost/',
    'https://www。example。org.evil.org/',
    'https://ｗｗｗ.evil.org/',
    'https://wwẉ.example.org/',
    'https://www.example.org./',
    'https://www.example.org%2eevil.org/',
    'https://www.example.org%00.evil.org/',
    'https://www.example.org%0d%0aSet-Cookie:x=y/',
    'https://www.example.org/\r\nSet-Cookie: x=y',
    'https://www.example.org/\nLocation: https://evil.org',
    'https://www.example.org/\u0000',
    'https://www.example.org/\u202e',
    ' https://www.example.org/',
    'https://www.example.org/ x',
    '\thttps://www.example.org/',
    'ht\ntps://www.example.org/',
    'https://www.example.org:99999/',
    'https://[[jwt]]/',
    'https://[::1]/',
    '',
    '[[jwt]]',
    `https://www.example.org/${'x'.repeat(1500)}`,
  ])('not to %j', async (target) => {
    const answer = await open(to(target));

    expect([answer.status, answer.body.type, answer.body.errors?.[0]?.pointer]).toEqual([
      400,
      '/problems/malformed-request',
      'redirectUrl',
    ]);
    expect(answer.headers).not.toHaveProperty('location');
    expect(setCookies(answer)).toEqual([]);
  });

  it('nowhere else, which is said before anything else is asked', async () => {
    const answer = await open(to('https://evil.org/', '&useOauth=third'));

    expect(answer.body.type).toBe('/problems/malformed-request');
  });
});

describe('Where nobody says how browsers reach us', () => {
  const site = aSite(1, { allowedDomains: ['www.example.org'] });
  const parts = async (others: readonly Site[] = []) => ({
    login: { publicUrl: null, secrets: (await import('../../support/fakes/secrets.ts')).fakeSecrets() },
    sites: { byId: async () => site, byDomain: async () => site, all: async () => [site, ...others] },
  });
  const reachedAs = async (
    host: string,
    more: Readonly<Record<string, string>> = {},
    trustProxy: number | false = false,
  ) => open(to('https://www.example.org/'), { host, ...more }, { ...(await parts()), trustProxy });

  it.each([
    ['site1.example.org', 'http://site1.example.org'],
    ['SITE1.example.org:8080', 'http://site1.example.org:8080'],
    ['localhost:4000', 'http://localhost:4000'],
    ['127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['[::1]:4000', 'http://[::1]:4000'],
  ])('a request to %s is believed', async (host, origin) => {
    const answer = await reachedAs(host);

    expect(new URL(locationOf(answer).searchParams.get('redirect_uri') ?? '').origin).toBe(origin);
  });

  it.each([
    'evil.org',
    // One of its `allowedDomains`.
    'www.example.org',
    'site1.example.org.evil.org',
    'www.example.org@evil.org',
    'evil.org/?',
    'a b',
    '127.0.0.1.evil.org',
    '',
  ])('one to %j is not', async (host) => {
    const answer = await reachedAs(host);

    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('evil');
    expect(answer.headers).not.toHaveProperty('location');
  });

  it('a request to the domain of one of several sites is not, as codes may count at the others', async () => {
    const several = await parts([aSite(2, {})]);
    const to1 = (host: string) => open(to('https://www.example.org/'), { host }, { ...several, trustProxy: false });

    expect([(await to1('site1.example.org')).status, (await to1('localhost')).status]).toEqual([400, 302]);
  });

  it('a proxy that we trust says it', async () => {
    const told = { 'x-forwarded-host': 'site1.example.org', 'x-forwarded-proto': 'https' };

    const [trusted, stranger] = [await reachedAs('inside:8080', told, 1), await reachedAs('localhost', told)];

    expect(locationOf(trusted).searchParams.get('redirect_uri')).toMatch(/^https:\/\/site1\.example\.org\//);
    expect(setCookies(trusted)[0]).toMatch(/^__Host-/);
    expect(locationOf(stranger).searchParams.get('redirect_uri')).toMatch(/^http:\/\/localhost\//);
  });

  it('a proxy that we trust may not say just anything', async () => {
    expect((await reachedAs('inside', { 'x-forwarded-host': 'evil.org' }, 1)).status).toBe(400);
    expect(
      (await reachedAs('inside', { 'x-forwarded-host': 'site1.example.org', 'x-forwarded-proto': 'javascript' }, 1))
        .status,
    ).toBe(400);
  });
});

describe('Logins in several tabs', () => {
  it('each come back', async () => {
    const { app, heard } = testApp();
    const browser = aBrowser(app);
    const sent = [];
    for (const tab of [1, 2, 3]) sent.push(await browser.open(to(`https://www.example.org/${tab}`)));

    for (const [at, tab] of [3, 1, 2].entries()) {
      const answer = await browser.open(backWith(sent[tab - 1]!, 'good'));
      expect(locationOf(answer).pathname).toBe(`/${tab}`);
      expect(heard).toHaveLength(at + 1);
    }
    expect(lastCommand(heard)['provider']).toBe('default');
    expect(browser.jar.size).toBe(0);
  });

  it('are remembered as many as a request can hold', async () => {
    const browser = aBrowser(testApp().app);

    let last = '';
    for (let tab = 0; tab < 12; tab += 1)
      last = backWith(await browser.open(to(`https://www.example.org/${'x'.repeat(900)}`)), 'good');

    expect(browser.jar.size).toBe(10);
    expect([...browser.jar].join('').length).toBeLessThan(1000);
    expect((await browser.open(last)).status).toBe(302);
  });
});
