import { decodeJwt } from 'jose';
import { Fault } from '../../../src/domain/fault.ts';
import type { UseCases } from '../../../src/use-cases/index.ts';
import { aSession } from '../../support/builders.ts';
import { fakeSecrets } from '../../support/fakes/secrets.ts';
import { testApp, lastCommand } from '../support/app.ts';
import { aBrowser, backWith, locationOf, setCookies } from '../support/browsing.ts';
import { fakeWayIn } from '../support/login-provider.ts';

const login = (target: string, more = ''): string =>
  `/oauth/site/1/login?redirectUrl=${encodeURIComponent(target)}${more}`;

/** A browser that began a login, and where it comes back to with the code `good`. */
const begun = async (target = 'https://www.example.org/page', more = '', own: Partial<UseCases> = {}) => {
  const { app, heard, lines } = testApp(own);
  const browser = aBrowser(app);
  const sent = await browser.open(login(target, more));
  return { app, browser, heard, lines, back: backWith(sent, 'good'), backAs: (code: string) => backWith(sent, code) };
};
const page = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const refusal = ({ status, body }: { status: number; body: { type?: unknown; reason?: unknown } }) => [
  status,
  body.type,
  body.reason,
];

describe('A browser that comes back', () => {
  it.each(['', '&useOauth=second'])('is sent on with a session token (%s)', async (more) => {
    const { browser, back, heard } = await begun('https://www.example.org/page?a=1#part', more);

    const answer = await browser.open(back);

    expect(answer.status).toBe(302);
    const at = locationOf(answer);
    expect([at.origin, at.pathname, at.searchParams.get('a'), at.hash]).toEqual([
      'https://www.example.org',
      '/page',
      '1',
      '#part',
    ]);
    const claims = decodeJwt(at.searchParams.get('jwt') ?? '');
    expect(claims).toMatchObject({ userId: 7, client: 'default' });
    expect(lastCommand(heard)).toMatchObject({
      provider: more === '' ? 'default' : 'second',
      loggedIn: { profile: { externalId: '1007' }, accessToken: 'access' },
    });
  });

  it.each([
    ['https://www.example.org/?jwt=[[jwt]]&b=2', /^https:\/\/www\.example\.org\/\?jwt=ey[\w.-]+&b=2$/],
    ['https://www.example.org/in/[[jwt]]/here', /^https:\/\/www\.example\.org\/in\/ey[\w.-]+\/here$/],
    ['https://www.example.org/?jwt=%5B%5Bjwt%5D%5D', /\?jwt=ey[\w.-]+$/],
    ['https://www.example.org/#/jwt/[[jwt]]', /#\/jwt\/ey[\w.-]+$/],
    ['https://www.example.org', /^https:\/\/www\.example\.org\/\?jwt=ey[\w.-]+$/],
    ['https://www.example.org/?jwt=of-before&b=2', /\?b=2&jwt=ey[\w.-]+$/],
  ])('finds its token where %s says', async (target, expected) => {
    const { browser, back } = await begun(target);

    expect((await browser.open(back)).headers['location']).toMatch(expected);
  });

  it('has a token that lasts as long as its session', async () => {
    const session = aSession({ userId: 9, provider: 'second', expiresAt: new Date('2099-01-01T00:00:00.000Z') });
    const { browser, back } = await begun(undefined, '', { logIn: async () => session });

    const claims = decodeJwt(locationOf(await browser.open(back)).searchParams.get('jwt') ?? '');

    expect(claims).toEqual({
      userId: 9,
      client: 'second',
      jti: session.jti,
      iat: Math.floor(session.createdAt.getTime() / 1000),
      exp: session.expiresAt.getTime() / 1000,
    });
  });

  it('tells nobody on the way, and no log', async () => {
    const { browser, back, lines } = await begun();

    const { headers } = await browser.open(back);

    expect([headers['cache-control'], headers['referrer-policy']]).toEqual(['no-store', 'no-referrer']);
    const state = new URL(`http://x${back}`).searchParams.get('state') ?? 'none';
    for (const secret of [state, 'good', 'ey', 'www.example.org']) expect(lines.join('')).not.toContain(secret);
  });

  it('is no more let in the second time', async () => {
    const { browser, back } = await begun();
    await browser.open(back);

    expect(refusal(await browser.open(back))).toEqual([403, '/problems/login-refused', 'state']);
  });

  it.each([
    ['another browser', async () => ({ cookie: '' })],
    [
      'one with the cookie of another login',
      async () => {
        const other = await begun();
        return { cookie: [...other.browser.jar].map((pair) => pair.join('=')).join('; ') };
      },
    ],
  ])('is not %s', async (_who, headers) => {
    const { app, back, heard } = await begun();

    expect(refusal(await aBrowser(app).open(back, await headers()))).toEqual([403, '/problems/login-refused', 'state']);
    expect(heard).toEqual([]);
  });

  it('does not come back at another site', async () => {
    const { browser, back } = await begun();

    const answer = await browser.open(back.replace('/site/1/', '/site/2/'));

    expect(refusal(answer)).toEqual([403, '/problems/login-refused', 'state']);
  });

  it.each([
    ['spoiled', (value: string) => `${value.slice(0, -4)}AAAA`],
    ['empty', () => ''],
    ['longer', (value: string) => `${value}A`],
  ])('brings no cookie that is %s', async (_what, spoil) => {
    const { browser, back, heard } = await begun();
    for (const [name, value] of browser.jar) browser.jar.set(name, spoil(value));

    expect((await browser.open(back)).status).toBe(403);
    expect(heard).toEqual([]);
  });

  const secrets = fakeSecrets();
  const encoded = (text: string): string => Buffer.from(text).toString('base64url');
  it.each([
    ['a state that was changed', (state: string) => `AAAAAAAA${state.slice(8)}`],
    ['a state that is none', () => 'none'],
    ['a state with a percent sign', () => '%25'],
    ['a cursor for a state', () => encoded(secrets.seal('cursor', '{"siteId":1}'))],
    ['a session for a state', () => encoded(secrets.seal('session', 'x'))],
    ['a state of another form', () => encoded(secrets.seal('login', '{"siteId":1}'))],
  ])('brings no %s: a 400, and no 500', async (_what, spoil) => {
    const { browser, back, heard } = await begun();
    const state = new URL(`http://x${back}`).searchParams.get('state') ?? '';

    const answer = await browser.open(back.replace(state, spoil(state)));

    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, 'state']);
    expect(heard).toEqual([]);
  });

  it('brings a state', async () => {
    const { browser, back } = await begun();

    for (const none of ['?code=good', '?code=good&state='])
      expect(refusal(await browser.open(back.replace(/\?.*/, none)))).toEqual([
        403,
        '/problems/login-refused',
        'state',
      ]);
  });

  it('brings no cookie that a neighbouring host could have put there', async () => {
    const { app, browser, back, heard } = await begun();
    const cookie = [...browser.jar].map(([name, value]) => `${name.replace('__Host-', '')}=${value}`).join('; ');

    expect(refusal(await aBrowser(app).open(back, { cookie }))).toEqual([403, '/problems/login-refused', 'state']);
    expect(heard).toEqual([]);
  });

  it('comes within half an hour, as an e-mail link lives ten minutes', async () => {
    const { browser, back } = await begun();
    const patient = await begun();
    const real = Date.now;
    try {
      Date.now = () => real() + 1_740_000;
      expect((await patient.browser.open(patient.back)).status).toBe(302);
      Date.now = () => real() + 1_801_000;
      expect(refusal(await browser.open(back))).toEqual([403, '/problems/login-refused', 'state']);
    } finally {
      Date.now = real;
    }
  });

  it.each([
    ['a bad code', (back: string) => back.replace('code=good', 'code=bad')],
    ['no code', (back: string) => back.replace(/&?code=good/, '')],
    ['an empty code', (back: string) => back.replace('code=good', 'code=')],
    ['an error', (back: string) => `${back}&error=access_denied&error_description=Kaboom`],
  ])('brings no %s', async (_what, spoil) => {
    const { browser, back, heard, lines } = await begun();

    const answer = await browser.open(spoil(back));

    expect(refusal(answer)).toEqual([403, '/problems/login-refused', 'code']);
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect(answer.text + lines.join('')).not.toContain('Kaboom');
    expect(heard).toEqual([]);
    expect(browser.jar.size).toBe(0);
  });

  it('is not led where its site does not allow any more', async () => {
    const { browser, back } = await begun();
    const state = new URL(`http://x${back}`).searchParams.get('state') ?? '';
    const opened = secrets.open('login', Buffer.from(state, 'base64url').toString()) ?? '';
    const moved = opened.replace('https://www.example.org/page', 'https://gone.example.org/page');

    for (const bring of [browser, aBrowser(testApp().app)]) {
      const answer = await bring.open(back.replace(state, encoded(secrets.seal('login', moved))), page);

      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('gone.example.org');
    }
  });

  it.each([
    ['en-US,en;q=0.9', 'en', 'This login does not count', 'Log in again'],
    ['nl-NL,nl;q=0.9,en;q=0.8', 'nl', 'Inloggen is niet gelukt', 'Opnieuw inloggen'],
    ['fr', 'en', 'This login does not count', 'Log in again'],
  ])(
    'another than the one that began it (%s) reads so in its language, and begins anew with one click',
    async (language, lang, title, link) => {
      const target = 'https://www.example.org/plan/1?x=1&y=2#c';
      const { app, back, heard } = await begun(target, '&useOauth=second');
      const other = aBrowser(app);

      const answer = await other.open(back, { ...page, 'accept-language': language });

      expect([answer.status, answer.type, answer.headers['vary']]).toEqual([
        403,
        'text/html',
        expect.stringContaining('Accept-Language'),
      ]);
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
      expect([answer.headers['cache-control'], answer.headers['referrer-policy']]).toEqual(['no-store', 'no-referrer']);
      for (const part of [`<html lang="${lang}">`, `<h1>${title}</h1>`, `>${link}</a>`])
        expect(answer.text).toContain(part);
      const again = new URL(/href="([^"]+)"/.exec(answer.text)?.[1]?.replaceAll('&amp;', '&') ?? '');
      const arrived = await other.open(backWith(await other.open(again.pathname + again.search), 'good'));
      expect(arrived.headers['location']).toMatch(/^https:\/\/www\.example\.org\/plan\/1\?x=1&y=2&jwt=ey[\w.-]+#c$/);
      expect(lastCommand(heard)).toMatchObject({ provider: 'second' });
    },
  );

  it.each([
    [new Fault('oauth-unreachable', { mayHaveHappened: true }, 'The OAuth server cannot be reached.'), 502],
    [new Fault('oauth-timeout', { mayHaveHappened: true }, 'The OAuth server did not answer in time.'), 504],
    [new Fault('oauth-circuit-open', { retryAfterSeconds: 9 }, 'The OAuth server is left alone for a while.'), 503],
    [new Fault('forbidden', { rule: 'site-creates-no-users' }, 'This site does not create new users.'), 403],
    [new Fault('person-being-removed', { retryAfterSeconds: 5 }, 'being removed'), 503],
  ])('is told as a page, and as JSON for who asks so: %s', async (fault, status) => {
    for (const where of ['exchange', 'story'] as const) {
      const fails = () => Promise.reject(fault);
      const own: Partial<UseCases> =
        where === 'story'
          ? { logIn: fails }
          : { loginProvider: ({ provider }) => ({ ...fakeWayIn(provider), exchange: fails }) };
      const asPage = await begun(undefined, '', own);
      const asJson = await begun(undefined, '', own);

      const [read, parsed] = [await asPage.browser.open(asPage.back, page), await asJson.browser.open(asJson.back)];

      expect([read.status, parsed.status]).toEqual([status, status]);
      expect(read.type).toBe('text/html');
      expect(read.text).toContain(`<p>${fault.message}</p>`);
      expect(read.headers['content-security-policy']).toContain("default-src 'none'");
      expect([parsed.type, parsed.body.detail]).toEqual(['application/problem+json', fault.message]);
      expect([read.headers['cache-control'], setCookies(read).length]).toEqual(['no-store', 1]);
    }
  });

  it('meets a bug as a 500 without words', async () => {
    const { browser, back } = await begun(undefined, '', { logIn: () => Promise.reject(new Error('SELECT secrets')) });

    const answer = await browser.open(back, page);

    expect([answer.status, answer.type]).toEqual([500, 'text/html']);
    expect(answer.text).not.toContain('SELECT');
  });
});
