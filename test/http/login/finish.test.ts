import { decodeJwt } from 'jose';
import { Fault } from '../../../src/domain/fault.ts';
import type { Stories } from '../../../src/users/commands.ts';
import { aSession } from '../../support/builders.ts';
import { testApp, lastCommand } from '../support/app.ts';
import { aBrowser, backWith, locationOf, setCookies } from '../support/browsing.ts';
import { fakeWayIn } from '../support/way-in.ts';

const login = (target: string, more = ''): string =>
  `/oauth/site/1/login?redirectUrl=${encodeURIComponent(target)}${more}`;

/** A browser that began a login, and where it comes back to with the code `good`. */
const begun = async (target = 'https://www.example.org/page', more = '', own: Partial<Stories> = {}) => {
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
    const session = aSession({ userId: 9, provider: 'second', until: new Date('2099-01-01T00:00:00.000Z') });
    const { browser, back } = await begun(undefined, '', { logIn: async () => session });

    const claims = decodeJwt(locationOf(await browser.open(back)).searchParams.get('jwt') ?? '');

    expect(claims).toEqual({
      userId: 9,
      client: 'second',
      jti: session.jti,
      iat: Math.floor(session.createdAt.getTime() / 1000),
      exp: session.until.getTime() / 1000,
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
    ['sealed by us for something else', () => `sealed:${Buffer.from('{"siteId":1}').toString('base64')}`],
    ['sealed, and no JSON', () => `sealed:${Buffer.from('x').toString('base64')}`],
    ['empty', () => ''],
  ])('brings no cookie that is %s', async (_what, spoil) => {
    const { browser, back, heard } = await begun();
    for (const [name, value] of browser.jar) browser.jar.set(name, spoil(value));

    expect((await browser.open(back)).status).toBe(403);
    expect(heard).toEqual([]);
  });

  it('brings no cookie that a neighbouring host could have put there', async () => {
    const { app, browser, back, heard } = await begun();
    const cookie = [...browser.jar].map(([name, value]) => `${name.replace('__Host-', '')}=${value}`).join('; ');

    expect(refusal(await aBrowser(app).open(back, { cookie }))).toEqual([403, '/problems/login-refused', 'state']);
    expect(heard).toEqual([]);
  });

  it('comes within ten minutes', async () => {
    const { browser, back } = await begun();
    const real = Date.now;
    try {
      Date.now = () => real() + 601_000;
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
    for (const [name, value] of browser.jar) {
      const opened = Buffer.from(value.replace('sealed:', ''), 'base64').toString();
      const moved = opened.replace('https://www.example.org/page', 'https://gone.example.org/page');
      browser.jar.set(name, `sealed:${Buffer.from(moved).toString('base64')}`);
    }

    expect((await browser.open(back)).status).toBe(400);
  });

  it.each([
    [new Fault('oauth-unreachable', { mayHaveHappened: true }, 'the OAuth server cannot be reached'), 502],
    [new Fault('oauth-too-slow', { mayHaveHappened: true }, 'the OAuth server did not answer in time'), 504],
    [new Fault('oauth-circuit-open', { retryAfterSeconds: 9 }, 'the OAuth server is left alone for a while'), 503],
    [new Fault('forbidden', { rule: 'site-creates-no-users' }, 'This site does not create new users.'), 403],
    [new Fault('person-being-removed', { retryAfterSeconds: 5 }, 'being removed'), 503],
  ])('is told as a page, and as JSON for who asks so: %s', async (fault, status) => {
    for (const where of ['exchange', 'story'] as const) {
      const fails = () => Promise.reject(fault);
      const own: Partial<Stories> =
        where === 'story'
          ? { logIn: fails }
          : { wayIn: ({ provider }) => ({ ...fakeWayIn(provider), exchange: fails }) };
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
