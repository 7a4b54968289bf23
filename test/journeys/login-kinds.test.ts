import { startOauthServer, type ClientSpec, type OauthServer } from '../../src/demo/oauth-server/index.ts';
import { loginWalker, type Seen, type Walker } from '../demo/login-walker.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/** Logins through every way in of the OAuth server, its own pages and ours, as a browser goes. Source: oauth-server.md §1, §4. */
const kinds: Readonly<Record<string, Partial<ClientSpec>>> = {
  password: { authTypes: ['Local'] },
  'e-mail link': { authTypes: ['Url'] },
  'code on paper': { authTypes: ['UniqueCode'], uniqueCodes: ['PAPER-1', 'PAPER-2'] },
  anonymous: { authTypes: ['Anonymous'] },
  'two-factor': { authTypes: ['Local'], twoFactorRoles: ['moderator'] },
  'required fields': { authTypes: ['Local'], requiredUserFields: ['firstName', 'postcode'] },
};
const siteOf = (kind: string): number => 11 + Object.keys(kinds).indexOf(kind);

let oauth: OauthServer;
let world: RecordedWorld;
beforeAll(async () => {
  oauth = await startOauthServer({
    ...{ port: 0, host: '127.0.0.1', production: false },
    clients: Object.entries(kinds).map(([kind, spec]) => ({
      ...{ id: siteOf(kind), clientId: `client-${siteOf(kind)}`, clientSecret: `secret-${siteOf(kind)}` },
      ...{ siteUrl: 'https://city.example', allowedDomains: ['127.0.0.1', 'city.example'], ...spec },
    })),
    people: [
      { id: 1, email: 'noor@example.org', firstName: 'Noor', postcode: '1012AB' },
      {
        id: 2,
        email: 'mo@example.org',
        firstName: 'Mo',
        roles: { 'client-13': 'moderator', 'client-15': 'moderator' },
      },
      { id: 3, email: 'nameless@example.org' },
    ],
  });
  world = await startRecordedWorld({ AUTH_ALLOWED_HOSTS: new URL(oauth.url).host });
  for (const kind of Object.keys(kinds)) await addSite(siteOf(kind));
});
afterAll(async () => {
  await world.close();
  await oauth.close();
});

const addSite = async (id: number): Promise<void> => {
  const at = new Date('2024-01-01T00:00:00Z');
  const settings = {
    'auth-server-url': oauth.url,
    'auth-client-id': `client-${id}`,
    'auth-client-secret': `secret-${id}`,
  };
  await world.container.database.rows.sites.create({
    ...{ id, name: `site${id}`, title: `Site ${id}`, domain: `site${id}.localhost`, hostStatus: {}, areaId: null },
    config: { oauth: { default: settings }, allowedDomains: ['city.example'] },
    ...{ createdAt: at, updatedAt: at, deletedAt: null },
  });
};

const password = 'password123';
/** With all that an address of a page may hold. */
const target = 'https://city.example/zoek?q=caf%C3%A9&p=100%25#deel';
const begin = (walker: Walker, siteId: number, more = ''): Promise<Seen> =>
  walker.hop({
    method: 'GET',
    url: `${world.url}/oauth/site/${siteId}/login?redirectUrl=${encodeURIComponent(target)}${more}`,
  });
/** From our login to our digest-login, with what is typed into the pages between. */
const logIn = async (
  walker: Walker,
  siteId: number,
  values: Readonly<Record<string, string>> = {},
  more = '',
): Promise<Seen> => arrive(walker, await walker.logIn((await begin(walker, siteId, more)).onward ?? '', values));
const arrive = (walker: Walker, sent: Seen): Promise<Seen> => walker.hop({ method: 'GET', url: sent.onward ?? '' });
const openMail = (walker: Walker): Promise<Seen> => walker.logIn(oauth.mails().at(-1)?.link ?? '');

const tokenOf = ({ onward }: Seen): string => new URL(onward ?? 'http://none').searchParams.get('jwt') ?? '';
const me = async (siteId: number, token: string) => {
  const answer = await world.call(null, 'GET', `/oauth/site/${siteId}/me`, undefined, {
    'x-authorization': `Bearer ${token}`,
  });
  return { status: answer.status, ...(answer.body as object) };
};
const wholeTarget = /^https:\/\/city\.example\/zoek\?q=caf%C3%A9&p=100%25&jwt=ey[\w.-]+#deel$/;

describe('A login counts, and leads back to the whole address,', () => {
  test.each([
    ['password', { email: 'noor@example.org', password }, { role: 'member', firstName: 'Noor' }],
    ['code on paper', { unique_code: 'PAPER-1' }, { role: 'member', email: null }],
    ['anonymous', {}, { role: 'anonymous', email: null }],
    ['two-factor', { email: 'mo@example.org', password }, { role: 'moderator', firstName: 'Mo' }],
    [
      'required fields',
      { email: 'nameless@example.org', password, firstName: 'Nu Wel', postcode: '2611AA' },
      { role: 'member', firstName: 'Nu Wel', postcode: '2611AA' },
    ],
  ] as const)('by %s, the first time and the next in another browser', async (kind, values, expected) => {
    const siteId = siteOf(kind);
    const walker = loginWalker(oauth);

    const first = await logIn(walker, siteId, values);
    expect(first.onward).toMatch(wholeTarget);
    expect(await me(siteId, tokenOf(first))).toMatchObject({ status: 200, siteId, ...expected });

    walker.changeBrowser();
    const next = await logIn(walker, siteId, values);
    expect(next.onward).toMatch(wholeTarget);
    expect(await me(siteId, tokenOf(next))).toMatchObject({ status: 200, ...expected });
  });

  test('by a link in an e-mail that is opened in the same browser', async () => {
    const walker = loginWalker(oauth);
    await walker.logIn((await begin(walker, siteOf('e-mail link'))).onward ?? '', { email: 'noor@example.org' });

    const arrived = await arrive(walker, await openMail(walker));

    expect(arrived.onward).toMatch(wholeTarget);
    expect(await me(siteOf('e-mail link'), tokenOf(arrived))).toMatchObject({ status: 200, email: 'noor@example.org' });
  });
});

describe('A link in an e-mail that is opened in another browser', () => {
  test('does not log in whoever opens it, and says so on a page that begins anew with one click, to the same address', async () => {
    const siteId = siteOf('e-mail link');
    const walker = loginWalker(oauth);
    await walker.logIn((await begin(walker, siteId)).onward ?? '', { email: 'noor@example.org' });

    walker.changeBrowser();
    const back = await openMail(walker);
    const page = await fetch(back.onward ?? '', {
      redirect: 'manual',
      headers: { accept: 'text/html,*/*;q=0.8', 'accept-language': 'nl-NL,nl;q=0.9' },
    });
    const text = await page.text();

    expect([page.status, page.headers.get('content-type'), page.headers.get('location')]).toEqual([
      403,
      'text/html; charset=utf-8',
      null,
    ]);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).toContain('<h1>Inloggen is niet gelukt</h1>');
    const [, again = ''] = /<a href="([^"]+)">Opnieuw inloggen<\/a>/.exec(text) ?? [];
    expect(new URL(again.replaceAll('&amp;', '&')).searchParams.get('redirectUrl')).toBe(target);

    const sent = await walker.logIn(
      (await walker.hop({ method: 'GET', url: again.replaceAll('&amp;', '&') })).onward ?? '',
    );
    const arrived = await arrive(walker, sent);
    expect(arrived.onward).toMatch(wholeTarget);
    expect(await me(siteId, tokenOf(arrived))).toMatchObject({ status: 200, email: 'noor@example.org' });
  });
});

describe('loginPriviliged=1', () => {
  test('goes to the admin path, by which a moderator gets in with a password where others need a code', async () => {
    const siteId = siteOf('code on paper');
    const walker = loginWalker(oauth);

    const begun = await begin(walker, siteId, '&loginPriviliged=1');
    expect(new URL(begun.onward ?? '').pathname).toBe('/auth/admin/login');
    const choice = await walker.logIn(begun.onward ?? '');
    const form = choice.page?.links.find(({ href }) => href.startsWith('/auth/local/login/admin'))?.href ?? '';
    const arrived = await arrive(walker, await walker.logIn(form, { email: 'mo@example.org', password }));

    expect(arrived.onward).toMatch(wholeTarget);
    expect(await me(siteId, tokenOf(arrived))).toMatchObject({ status: 200, role: 'moderator', firstName: 'Mo' });
  });
});

describe('forceNewLogin=1', () => {
  test('asks anew who it is, also in a browser that the OAuth server knows', async () => {
    const siteId = siteOf('password');
    const walker = loginWalker(oauth);
    await logIn(walker, siteId, { email: 'noor@example.org', password });

    const silent = await logIn(walker, siteId);
    expect(await me(siteId, tokenOf(silent))).toMatchObject({ firstName: 'Noor' });

    const loggedOut = await walker.logIn((await begin(walker, siteId, '&forceNewLogin=1')).onward ?? '');
    const anew = await walker.hop({ method: 'GET', url: loggedOut.onward ?? '' });
    const sent = await walker.logIn(anew.onward ?? '', { email: 'mo@example.org', password });
    const arrived = await arrive(walker, sent);
    expect(arrived.onward).toMatch(wholeTarget);
    expect(await me(siteId, tokenOf(arrived))).toMatchObject({ firstName: 'Mo' });
  });
});
