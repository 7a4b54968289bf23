import { oauthServers } from '../../src/identity/index.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { timeLimitBeside, wordsOfTheServer, type Misbehaviour } from '../support/misbehaving-server.ts';
import { silentLog, startOauthWorld, type OauthWorld } from '../support/oauth-world.ts';
import { aVisitor } from '../support/visitor.ts';
import { permitted } from '../support/permitted.ts';

/** The calls of a login in OpenStad's dialect. Source: oauth-server.md §1, the recordings. */
let world: OauthWorld;
let identity: IdentityProvider & { close(): Promise<void> };
beforeEach(async () => {
  world = await startOauthWorld({
    people: [
      {
        id: 5,
        email: 'niels@example.org',
        firstName: 'Niels',
        lastName: 'Vegter',
        city: 'Amsterdam',
        extraData: { bio: ['plain', { value: 'own', siteId: 2 }] },
        roles: { 'client-1': 'moderator' },
      },
      { id: 6, firstName: 'Zonder' },
    ],
  });
  identity = identityWithin(1000);
});
/** No shorter than a second: the first call of a process is slow on a busy machine. */
const identityWithin = (timeLimitMs: number) =>
  oauthServers({ allowedHosts: [world.host], globalOauthClient: null, timeLimitMs, log: silentLog });
afterEach(async () => {
  await identity.close();
  await world.close();
});

const redirectUri =
  'http://127.0.0.1:9/oauth/site/1/digest-login?useOauth=default&returnTo=https%3A%2F%2Fx.nl%2F&state=s';
const wish = { redirectUri, privileged: false, state: 's', nonce: 'n', codeVerifier: 'v' };
const client = (said: Readonly<Record<string, string>> = {}, id = 'client-1') => ({
  ...world.client(id),
  settings: said,
});

/** Where somebody's browser comes back to. */
const addressOf = async (externalId: number): Promise<string> => {
  const visitor = aVisitor();
  const page = await visitor.follow(await visitor.open(await identity.authorizationAddress(client(), wish)), [
    world.url,
  ]);
  const back = await visitor.follow(await visitor.choose(page, externalId), [world.url, world.server.url]);
  return back.onward ?? '';
};
const exchange = async (address: string) => identity.exchange(client(), { ...wish, address });

describe('The address of a login', () => {
  it('is OpenStad’s own where a site says nothing', async () => {
    const address = new URL(await identity.authorizationAddress(client(), wish));

    expect(address.origin + address.pathname).toBe(`${world.url}/dialog/authorize`);
    expect(Object.fromEntries(address.searchParams)).toEqual({
      redirect_uri: redirectUri,
      response_type: 'code',
      client_id: 'client-1',
      scope: 'offline',
    });
  });

  it('is the one that the site’s settings write, also for administrators', async () => {
    const settings = {
      'auth-server-login-path': '/in?to=[[redirectUrl]]&as=[[clientId]]',
      'auth-server-admin-login-path': 'admin?to=[[redirectUrl]]',
    };

    expect(await identity.authorizationAddress(client(settings), wish)).toBe(
      `${world.url}/in?to=${encodeURIComponent(redirectUri)}&as=client-1`,
    );
    expect(await identity.authorizationAddress(client(settings), { ...wish, privileged: true })).toBe(
      `${world.url}/admin?to=${encodeURIComponent(redirectUri)}`,
    );
  });

  it('carries our state inside redirect_uri, as its own would get lost', async () => {
    expect(identity.stateIsIn(client())).toBe('redirect-uri');
    expect(new URL(await addressOf(5)).searchParams.get('state')).toBe('s');
  });

  it('of a logout names who we are, and where it leads', async () => {
    const address = await identity.logoutAddress(client(), 'https://x.nl/bye?a=1&b=2');

    expect(address).toBe(`${world.url}/logout?clientId=client-1&redirectUrl=https%3A%2F%2Fx.nl%2Fbye%3Fa%3D1%26b%3D2`);
  });
});

describe('A code', () => {
  it('says who came back, as far as userinfo tells, with the role at our client', async () => {
    const before = Date.now();

    const loggedIn = await exchange(await addressOf(5));

    // City and street are not said, which is not: empty.
    expect(loggedIn.profile).toEqual({
      externalId: '5',
      email: 'niels@example.org',
      firstName: 'Niels',
      lastName: 'Vegter',
      phoneNumber: null,
      postcode: null,
      extraData: { bio: ['plain', { value: 'own', siteId: 2 }] },
      roles: { 'client-1': 'moderator' },
    });
    expect(loggedIn.accessToken).toMatch(/^ey/);
    expect((loggedIn.accessTokenExpiresAt?.getTime() ?? 0) - before).toBeLessThanOrEqual(86_400_000 + 10_000);
    expect((loggedIn.accessTokenExpiresAt?.getTime() ?? 0) - before).toBeGreaterThan(86_000_000);
    expect(loggedIn.sid).toBeNull();
  });

  it('of somebody without a role says that they have none', async () => {
    expect((await exchange(await addressOf(6))).profile.roles).toEqual({ 'client-1': null });
  });

  it.each([
    ['bad', (address: string) => address.replace(/code=\w+/, 'code=bad')],
    ['missing', (address: string) => address.replace(/&?code=\w+/, '')],
    ['odd', (address: string) => address.replace(/code=\w+/, 'code=%00%27%22%3C')],
  ])('that is %s is refused', async (_what, spoil) => {
    await expect(exchange(spoil(await addressOf(5)))).rejects.toMatchObject({
      code: 'login-refused',
      facts: { reason: 'code' },
    });
  });

  it('counts once', async () => {
    const address = await addressOf(5);
    await exchange(address);

    await expect(exchange(address)).rejects.toMatchObject({ code: 'login-refused' });
  });

  it('for another client is refused', async () => {
    const address = await addressOf(5);

    await expect(identity.exchange(client({}, 'client-2'), { ...wish, address })).rejects.toMatchObject({
      code: 'login-refused',
    });
  });

  it('with our secret wrong is the site’s trouble, not the person’s', async () => {
    const address = await addressOf(5);
    const wrong = { ...client(), clientSecret: 'wrong' };

    await expect(identity.exchange(wrong, { ...wish, address })).rejects.toMatchObject({ code: 'oauth-refused' });
  });

  it.each([
    ['hang', 'oauth-timeout'],
    ['slow-body', 'oauth-timeout'],
    ['refuse', 'oauth-unreachable'],
    ['reset', 'oauth-unreachable'],
    ['lose-reply', 'oauth-unreachable'],
    ['json-500', 'oauth-refused'],
    ['html-500', 'oauth-refused'],
    ['html-200', 'oauth-refused'],
    ['malformed-json', 'oauth-refused'],
    ['401', 'oauth-refused'],
    ['429', 'oauth-refused'],
    ['redirect', 'oauth-refused'],
    ['huge-body', 'oauth-refused'],
  ] as const satisfies readonly (readonly [Misbehaviour, string])[])(
    'meets a server that answers %s as %s, for the token and for userinfo, without its words',
    async (mode, code) => {
      await identity.close();
      identity = identityWithin(timeLimitBeside(mode, 500));
      for (const call of [/^POST \/oauth\/token/, /^GET \/api\/userinfo/]) {
        const address = await addressOf(5);
        await world.proxy.behave(mode, call);
        const fault: unknown = await exchange(address).catch((error: unknown) => error);
        await world.proxy.behave('pass');

        // A token that counts no more just after it was given: its person was removed meanwhile.
        const isGone = mode === '401' && call.test('GET /api/userinfo');
        expect(fault).toMatchObject({ code: isGone ? 'login-refused' : code });
        expect(String(fault)).not.toContain(wordsOfTheServer);
      }
    },
  );

  it('is exchanged once, however often we have to ask whose token it is', async () => {
    const address = await addressOf(5);
    world.proxy.forgetCalls();

    await exchange(address);

    expect(world.proxy.calls(/^POST \/oauth\/token/)).toBe(1);
  });
});

describe('An access token', () => {
  it('says whose it is', async () => {
    expect(await identity.holder(client(), await world.server.tokenFor(5, 'client-1'))).toMatchObject({
      externalId: '5',
      firstName: 'Niels',
      roles: { 'client-1': 'moderator' },
    });
  });

  it('that was revoked, or whose person is gone, counts no more', async () => {
    const [niels, zonder] = [await world.server.tokenFor(5, 'client-1'), await world.server.tokenFor(6, 'client-1')];
    world.server.revokeTokens(5);
    await permitted(identity).remove(client(), '6');

    expect([await identity.holder(client(), niels), await identity.holder(client(), zonder)]).toEqual([null, null]);
  });

  it('that is none gets a page of HTML there, which is trouble and ends nothing', async () => {
    await expect(identity.holder(client(), 'nonsense')).rejects.toMatchObject({ code: 'oauth-refused' });
  });
});
