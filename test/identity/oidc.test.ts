import { usualClaims } from '../../src/domain/users/claim-rules.ts';
import { oauthServers } from '../../src/identity/index.ts';
import { describeIdentityProvider } from '../contract/identity-provider.ts';
import { silentLog } from '../support/oauth-world.ts';
import { formBrowser, redirectUri, startOidcWorld, type OidcWorld } from '../support/oidc-world.ts';

const cannot = [
  ...(['find', 'findByEmail', 'isAddressFree', 'create', 'update', 'remove', 'isNeededElsewhere'] as const),
];

const serversOf = (world: OidcWorld) =>
  oauthServers({ allowedHosts: [world.host], globalOauthClient: null, timeLimitMs: 20_000, log: silentLog });

const people = {
  ada: {
    ...{ given_name: 'Ada', family_name: 'Lovelace', email: 'ada@example.org', email_verified: true },
    ...{ phone_number: '020 1234', groups: ['everybody', 'city-moderators'] },
    address: { postal_code: '1012 AB', locality: 'Amsterdam', street_address: 'Dam 1' },
  },
  bob: { email: 'bob@example.org', email_verified: false },
};

let world: OidcWorld;
let identity: ReturnType<typeof serversOf>;
beforeAll(async () => {
  world = await startOidcWorld({ people });
  identity = serversOf(world);
});
afterAll(async () => {
  await identity.close();
  await world.close();
});

// Nobody can be changed there, so one server does for all.
describeIdentityProvider(
  'An OpenID Connect server (oidc-provider)',
  async () => ({
    identity,
    client: (clientId) => world.client(clientId),
    redirectUri,
    comeBack: async (wish) => {
      const begin = await identity.authorizationAddress(world.client('client-1'), wish);
      return { address: await formBrowser().logIn(begin, 'ada', (url) => url.port === '9'), externalId: 'ada' };
    },
    people: () => [],
    close: async () => undefined,
  }),
  cannot,
);

describe('Logging in at an OpenID Connect server', () => {
  let last = 0;
  const aWish = () => {
    last += 1;
    const secret = (what: string) => `${what}-${last}-`.padEnd(43, 'x');
    const wish = { redirectUri, privileged: false, state: secret('state'), nonce: secret('nonce') };
    return { ...wish, codeVerifier: secret('verifier') };
  };
  const login = async (sub: string, wish = aWish(), browser = formBrowser(), client = world.client()) => {
    const begin = await identity.authorizationAddress(client, wish);
    return { ...wish, address: await browser.logIn(begin, sub, (url) => url.port === '9') };
  };

  it('says who came back, by the usual claims', async () => {
    const loggedIn = await identity.exchange(world.client(), await login('ada'));

    expect(loggedIn.profile).toEqual({
      externalId: 'ada',
      email: 'ada@example.org',
      firstName: 'Ada',
      lastName: 'Lovelace',
      phoneNumber: '020 1234',
      postcode: '1012 AB',
      city: 'Amsterdam',
    });
    const left = (loggedIn.accessTokenExpiresAt?.getTime() ?? 0) - Date.now();
    expect([left > 3_500_000, left <= 3_600_000]).toEqual([true, true]);
  });

  it('sends challenge and state, never the verifier', async () => {
    const wish = aWish();

    const address = new URL(await identity.authorizationAddress(world.client(), wish));

    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      ...{ response_type: 'code', client_id: 'client-1', redirect_uri: redirectUri, code_challenge_method: 'S256' },
      ...{ state: wish.state, nonce: wish.nonce, scope: 'openid profile email phone address' },
    });
    expect(address.href).not.toContain(wish.codeVerifier);
    expect(identity.stateIsIn(world.client())).toBe('state');
  });

  it('an address that the server has not verified is none at a login, and not said later', async () => {
    const { profile, accessToken } = await identity.exchange(world.client(), await login('bob'));

    expect(profile).toEqual({ externalId: 'bob', email: null });
    expect(await identity.holder(world.client(), accessToken ?? '')).toEqual({ externalId: 'bob' });
  });

  it('gives a role by the table of the site’s settings', async () => {
    const role = { claim: 'groups', values: new Map([['city-moderators', 'moderator'] as const]) };
    const client = { ...world.client(), claims: { ...usualClaims, role } };
    const [ada, bob] = [await login('ada'), await login('bob')];

    expect((await identity.exchange(client, ada)).profile.roles).toEqual({ 'client-1': 'moderator' });
    expect((await identity.exchange(client, bob)).profile.roles).toEqual({ 'client-1': null });
  });

  it('a code counts once', async () => {
    const answer = await login('ada');
    await identity.exchange(world.client(), answer);

    await expect(identity.exchange(world.client(), answer)).rejects.toMatchObject({
      code: 'login-refused',
      facts: { reason: 'code' },
    });
  });

  it.each([
    ['state', { state: 'of another login' }, 'state'],
    ['nonce', { nonce: 'of another login' }, 'claims'],
    ['verifier', { codeVerifier: 'of-another-login'.padEnd(43, 'x') }, 'code'],
    ['redirect address', { redirectUri: redirectUri.replace('default', 'other') }, 'code'],
  ])('with another %s it does not count', async (_what, other, reason) => {
    const answer = { ...(await login('ada')), ...other };

    await expect(identity.exchange(world.client(), answer)).rejects.toMatchObject({
      code: 'login-refused',
      facts: { reason },
    });
  });

  it.each([
    [
      'a code that nobody gave',
      (address: URL) => {
        address.searchParams.set('code', 'x'.repeat(43));
      },
      'code',
    ],
    [
      'no code',
      (address: URL) => {
        address.searchParams.delete('code');
      },
      'state',
    ],
    [
      'no state',
      (address: URL) => {
        address.searchParams.delete('state');
      },
      'state',
    ],
    [
      'two codes',
      (address: URL) => {
        address.searchParams.append('code', 'second');
      },
      'state',
    ],
    [
      'another server’s name',
      (address: URL) => {
        address.searchParams.set('iss', 'https://evil.example');
      },
      'state',
    ],
    [
      'no server’s name',
      (address: URL) => {
        address.searchParams.delete('iss');
      },
      'state',
    ],
    [
      'a refusal',
      (address: URL) => {
        address.searchParams.set('error', 'access_denied');
      },
      'code',
    ],
  ])('and with %s in the answer neither', async (_what, spoil, reason) => {
    const answer = await login('ada');
    const address = new URL(answer.address);
    spoil(address);

    await expect(identity.exchange(world.client(), { ...answer, address: address.href })).rejects.toMatchObject({
      code: 'login-refused',
      facts: { reason },
    });
  });

  it('a code of one client is no good to another', async () => {
    const answer = await login('ada');

    await expect(identity.exchange(world.client('client-2'), answer)).rejects.toMatchObject({ code: 'login-refused' });
  });

  it('a wrong secret is ours to put right, and no word on the login', async () => {
    const answer = await login('ada');

    await expect(identity.exchange({ ...world.client(), clientSecret: 'wrong' }, answer)).rejects.toMatchObject({
      code: 'oauth-refused',
    });
  });

  it('says whose token it is, until it is revoked', async () => {
    const { accessToken } = await identity.exchange(world.client(), await login('ada'));
    expect(await identity.holder(world.client(), accessToken ?? '')).toMatchObject({
      externalId: 'ada',
      firstName: 'Ada',
    });

    const { clientId, clientSecret } = world.client();
    await fetch(`${world.url}/token/revocation`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${encodeURIComponent(clientSecret)}`)}` },
      body: new URLSearchParams({ token: accessToken ?? '' }),
    });

    expect(await identity.holder(world.client(), accessToken ?? '')).toBeNull();
    expect(await identity.holder(world.client(), 'never-given')).toBeNull();
  });

  it('goes on when the server’s keys change', async () => {
    await identity.exchange(world.client(), await login('ada'));
    await world.rotate();

    await expect(identity.exchange(world.client(), await login('ada'))).resolves.toMatchObject({
      profile: { externalId: 'ada' },
    });
  });

  it('logs out at the server’s own address', async () => {
    const address = new URL((await identity.logoutAddress(world.client(), 'http://127.0.0.1:9/bye')) ?? '');

    expect(address.origin).toBe(world.url);
    expect(Object.fromEntries(address.searchParams)).toEqual({
      client_id: 'client-1',
      post_logout_redirect_uri: 'http://127.0.0.1:9/bye',
    });
  });
});
