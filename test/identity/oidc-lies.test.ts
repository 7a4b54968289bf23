import { inspect } from 'node:util';
import { UnsecuredJWT } from 'jose';
import { usualClaims } from '../../src/domain/users/claim-rules.ts';
import { oauthServers } from '../../src/identity/index.ts';
import { OddAnswer } from '../../src/identity/oauth-operation.ts';
import { httpAddress } from '../../src/identity/oidc/conversation.ts';
import { startLyingOidcServer, type Lies, type LyingOidcServer } from '../support/lying-oidc-server.ts';
import { silentLog } from '../support/oauth-world.ts';

/** A server of OpenID Connect that says what it should not: nobody is logged in by it, and nobody logged out. */

let server: LyingOidcServer;
let identity: ReturnType<typeof oauthServers>;
const logged: unknown[] = [];
beforeEach(async () => {
  logged.length = 0;
  server = await startLyingOidcServer();
  const log = { ...silentLog, warn: (facts: unknown, line: string) => logged.push([facts, line]) };
  identity = oauthServers({ allowedHosts: [server.host], globalOauthClient: null, timeLimitMs: 20_000, log });
});
afterEach(async () => {
  await identity.close();
  await server.close();
});

let last = 0;
const aWish = () => {
  last += 1;
  const secret = (what: string) => `${what}-${last}-`.padEnd(43, 'x');
  const redirectUri = 'https://api.example/oauth/site/1/digest-login?useOauth=default';
  const wish = { redirectUri, privileged: false, state: secret('state'), nonce: secret('nonce') };
  return { ...wish, codeVerifier: secret('verifier') };
};
const login = async (client = server.client()) => {
  const wish = aWish();
  return identity.exchange(client, server.answerTo(wish, await identity.authorizationAddress(client, wish)));
};
const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;

it('The exact server logs somebody in', async () => {
  expect(await login()).toEqual({
    profile: { externalId: 'ada' },
    accessToken: 'at-ada',
    accessTokenExpiresAt: null,
    sid: 'login-1',
  });
});

describe('An ID token', () => {
  it.each<[string, Lies]>([
    ['of another issuer', { idToken: { iss: 'https://evil.example' } }],
    ['of the issuer, spelt otherwise', { idToken: { iss: 'HTTP://127.0.0.1' } }],
    ['for another client', { idToken: { aud: 'client-2' } }],
    ['for several clients, without saying whose it is', { idToken: { aud: ['client-1', 'client-2'] } }],
    ['for several clients, of another one', { idToken: { aud: ['client-1', 'client-2'], azp: 'client-2' } }],
    ['of another party', { idToken: { azp: 'client-2' } }],
    ['for nobody', { idToken: { aud: undefined } }],
    ['that has expired', { idToken: { exp: seconds(-60) } }],
    ['that never expires', { idToken: { exp: undefined } }],
    ['that expires at a word', { idToken: { exp: 'tomorrow' } }],
    ['that counts later', { idToken: { nbf: seconds(600) } }],
    ['that was made at no time', { idToken: { iat: undefined } }],
    ['without nonce', { idToken: { nonce: undefined } }],
    ['with the nonce of another login', { idToken: { nonce: 'of another login' } }],
    ['with a list of nonces', { idToken: { nonce: ['nonce'] } }],
    ['of nobody', { idToken: { sub: undefined } }],
    ['of an empty name', { idToken: { sub: '' } }],
    ['of a number', { idToken: { sub: 5 } }],
    ['of a name too long to keep whole', { idToken: { sub: 'x'.repeat(192) } }],
    ['of a name that no database holds', { idToken: { sub: 'ada\u0000' } }],
    ['signed by nobody', { signedBy: 'nobody' }],
    ['signed with the public key as a secret', { signedBy: 'its public key' }],
    ['signed by a stranger', { signedBy: 'a stranger' }],
    ['signed by a stranger, under the server’s key id', { signedBy: 'a stranger, under its key id' }],
  ])('%s logs nobody in', async (_what, lies) => {
    server.lie(lies);

    const refusal: unknown = await login().catch((error: unknown) => error);

    expect(refusal).toMatchObject({ code: 'login-refused', facts: { reason: 'claims' } });
    expect(inspect([refusal, logged], { depth: 9 })).not.toMatch(/evil\.example|at-ada|secret: 1|eyJ/);
    expect(logged).toHaveLength(1);
  });

  it.each<[string, Lies]>([
    ['is missing', { token: [200, '{"access_token":"at-ada","token_type":"Bearer"}'] }],
    ['is no JWT', { token: [200, '{"access_token":"at-ada","token_type":"Bearer","id_token":"a.b.c"}'] }],
    ['comes without an access token', { token: [200, '{"id_token":"a.b.c","token_type":"Bearer"}'] }],
  ])('that %s logs nobody in', async (_what, lies) => {
    server.lie(lies);

    await expect(login()).rejects.toMatchObject({ code: 'login-refused' });
  });

  it('of somebody else’s login, taken from there, does not count in this one', async () => {
    const [mine, theirs] = [aWish(), aWish()];
    const client = server.client();
    const answer = server.answerTo(theirs, await identity.authorizationAddress(client, theirs));

    const stolen = identity.exchange(client, { ...mine, address: answer.address.replace(theirs.state, mine.state) });

    await expect(stolen).rejects.toMatchObject({ code: 'login-refused' });
  });
});

describe('The keys', () => {
  it('are read once for many logins', async () => {
    await login();
    await login();
    await login();

    expect([server.calls(/jwks/), server.calls(/well-known/)]).toEqual([1, 1]);
  });

  it('are read anew when a new one signs', async () => {
    await login();
    await server.rotate();

    await expect(login()).resolves.toMatchObject({ profile: { externalId: 'ada' } });
    expect(server.calls(/jwks/)).toBe(2);
  });

  it('are not read for each forgery: anybody may send them', async () => {
    await login();
    server.lie({ signedBy: 'a stranger' });
    const forged = await Promise.all(Array.from({ length: 20 }, () => server.logoutToken()));

    const heard = await Promise.allSettled(forged.map((token) => identity.endedLogin(server.client(), token)));

    expect(heard.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(server.calls(/jwks/)).toBe(2);
  });

  it.each([
    ['none', { keys: [] }, 'login-refused'],
    ['no list', { keys: 'all' }, 'oauth-refused'],
    ['nonsense', { keys: [{}, { kty: 'RSA', n: 'x', e: '!' }, { kty: 'oct', k: 'c2VjcmV0' }] }, 'login-refused'],
  ])('are %s, and nobody is logged in', async (_what, jwks, code) => {
    server.lie({ jwks });

    await expect(login()).rejects.toMatchObject({ code });
  });
});

const unsigned = new UnsecuredJWT({ sub: 'ada' }).encode().replace(/\.$/, '');

it('A client whose secret the server does not take hears which setting to put right, and no secret', async () => {
  const refusal: unknown = await login({ ...server.client(), clientSecret: 'hush' }).catch((error: unknown) => error);

  expect(refusal).toMatchObject({ code: 'oauth-refused', facts: { host: server.host, setting: 'auth-client-secret' } });
  expect(inspect([refusal, logged], { depth: 9 })).not.toContain('hush');
});

describe('Userinfo', () => {
  it.each<[string, Lies, string]>([
    ['of somebody else', { userinfoClaims: { sub: 'bob' } }, 'login-refused'],
    ['of nobody', { userinfoClaims: { sub: undefined } }, 'login-refused'],
    ['that is no JSON', { userinfo: [200, '<html>Kaboom</html>'] }, 'oauth-refused'],
    ['that is a list', { userinfo: [200, '[]'] }, 'oauth-refused'],
    ['that fails', { userinfo: [500, '{"message":"Kaboom"}'] }, 'oauth-refused'],
    ['that does not know its own token', { userinfo: [401, ''] }, 'oauth-refused'],
  ])('%s logs nobody in', async (_what, lies, code) => {
    server.lie(lies);

    await expect(login()).rejects.toMatchObject({ code });
  });

  it('that is signed was a 502 without a word on why; it is read, at login and later', async () => {
    server.lie({ signsUserinfo: true, userinfoClaims: { given_name: 'Ada' } });

    expect((await login()).profile).toEqual({ externalId: 'ada', firstName: 'Ada' });
    expect(await identity.holder(server.client(), 'at-ada')).toEqual({ externalId: 'ada', firstName: 'Ada' });
  });

  it.each<[string, Lies, RegExp]>([
    ['for another client', { signsUserinfo: true, userinfoClaims: { aud: 'client-2' } }, /another client/],
    ['of another issuer', { signsUserinfo: true, userinfoClaims: { iss: 'https://evil.example' } }, /another issuer/],
    ['by nobody', { userinfo: [200, `${unsigned}.`] }, /userinfo_signed_response_alg/],
    ['by a stranger', { userinfo: [200, `${unsigned}.c2lnbmF0dXJl`] }, /userinfo_signed_response_alg/],
    ['and encrypted', { userinfo: [200, `${unsigned}.e.e.e`] }, /userinfo_encrypted_response_alg/],
  ])('signed %s logs nobody in, and the log names the remedy', async (_what, lies, remedy) => {
    server.lie(lies);

    await expect(login()).rejects.toMatchObject({ code: 'oauth-refused' });
    expect(inspect(logged, { depth: 9 })).toMatch(remedy);
    expect(inspect(logged, { depth: 9 })).not.toMatch(/evil\.example|at-ada|eyJ/);
  });

  it('is not needed: then the ID token says who it is, and nobody can say it later', async () => {
    server.lie({ discovery: { userinfo_endpoint: undefined }, idToken: { given_name: 'Ada' } });

    expect((await login()).profile).toEqual({ externalId: 'ada', firstName: 'Ada' });
    await expect(identity.holder(server.client(), 'at-ada')).rejects.toMatchObject({ code: 'oauth-unsupported' });
  });

  it('says what fits a field; of anything else it has said nothing', async () => {
    const address = { postal_code: 1012, locality: null };
    const odd = { given_name: { first: 'Ada' }, family_name: ['L'], phone_number: true, email: 'a\ud800b\u0000' };
    server.lie({ userinfoClaims: { ...odd, address, __proto__: { polluted: true } } });

    expect((await login()).profile).toEqual({ externalId: 'ada', email: 'a\ud800b\0', postcode: '1012', city: null });
  });

  it.each([
    ['a list', { groups: ['a', 'mods', 'admins'] }, 'admin'],
    ['one word', { groups: 'mods' }, 'moderator'],
    ['words that mean nothing here', { groups: ['a', 7, null] }, null],
    ['no word', {}, null],
    ['a key that everything has', { groups: ['constructor', '__proto__'] }, null],
  ])('says roles by the table: %s', async (_what, claims, role) => {
    server.lie({ userinfoClaims: claims });
    const values = new Map([['mods', 'moderator'] as const, ['admins', 'admin'] as const]);
    const rules = { ...usualClaims, role: { claim: 'groups', values } };

    expect((await login({ ...server.client(), claims: rules })).profile.roles).toEqual({ 'client-1': role });
  });

  it('is read by the names of the settings, also where these hold dots', async () => {
    server.lie({ userinfoClaims: { 'https://city.example/first': 'Ada', deep: { down: { here: 'Lovelace' } } } });
    const fields = { ...usualClaims.fields, firstName: 'https://city.example/first', lastName: 'deep.down.here' };

    expect((await login({ ...server.client(), claims: { ...usualClaims, fields } })).profile).toEqual({
      ...{ externalId: 'ada', firstName: 'Ada', lastName: 'Lovelace' },
    });
  });
});

describe('A server that says of itself', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another name', { issuer: 'https://evil.example' }],
    ['no name', { issuer: undefined }],
    ['a token endpoint on a host that is not allowed', { token_endpoint: 'http://127.0.0.2:9/token' }],
    ['keys on a host that is not allowed', { jwks_uri: 'http://127.0.0.2:9/jwks' }],
    ['people on a host that is not allowed', { userinfo_endpoint: 'http://127.0.0.2:9/userinfo' }],
    ['a token endpoint with credentials in it', { token_endpoint: 'http://me:pass@127.0.0.1/token' }],
    ['a page that is a script', { authorization_endpoint: 'javascript:alert(1)' }],
    ['a logout page that is data', { end_session_endpoint: 'data:text/html,x' }],
    ['no keys', { jwks_uri: undefined }],
    ['a number for an address', { token_endpoint: 7 }],
  ])('%s logs nobody in', async (_what, discovery) => {
    server.lie({ discovery });

    await expect(login()).rejects.toMatchObject({ code: 'oauth-refused', facts: { mayHaveHappened: false } });
  });

  it('that it steps down from https is not followed', () => {
    expect(() => httpAddress('http://login.example/token', new URL('https://login.example'))).toThrow(OddAnswer);
    expect(httpAddress('https://login.example/token', new URL('http://login.example')).protocol).toBe('https:');
  });

  it('less than all scopes is asked for those', async () => {
    server.lie({ discovery: { scopes_supported: ['openid', 'email', 'other'] } });

    const address = new URL(await identity.authorizationAddress(server.client(), aWish()));

    expect(address.searchParams.get('scope')).toBe('openid email');
  });

  it('nothing of a logout page is not sent to', async () => {
    expect(await identity.logoutAddress(server.client(), 'https://site.example')).toBeNull();
  });
});

it('A server below a path, with a slash at the end of its name, is reached on its internal way', async () => {
  const below = await startLyingOidcServer({ below: '/realms/city' });
  const outside = 'http://login.example/realms/city';
  const endpoints = Object.fromEntries(
    ['authorization', 'token', 'userinfo'].map((name) => [
      `${name}_endpoint`,
      `${outside}/${name === 'authorization' ? 'authorize' : name}`,
    ]),
  );
  below.lie({
    discovery: { issuer: `${outside}/`, ...endpoints, jwks_uri: `${outside}/jwks` },
    idToken: { iss: `${outside}/` },
  });
  const servers = oauthServers({
    allowedHosts: [below.host],
    globalOauthClient: null,
    timeLimitMs: 20_000,
    log: silentLog,
  });
  const client = { ...below.client(), issuer: outside };
  const wish = aWish();

  const address = await servers.authorizationAddress(client, wish);

  expect(address).toMatch(/^http:\/\/login\.example\/realms\/city\/authorize\?/);
  expect(await servers.exchange(client, below.answerTo(wish, address))).toMatchObject({
    profile: { externalId: 'ada' },
  });
  await servers.close();
  await below.close();
});

describe('A logout token', () => {
  const heard = async (claims: Record<string, unknown>) =>
    identity.endedLogin(server.client(), await server.logoutToken(claims));

  it.each([
    ['of a login', {}, { sid: 'login-1', externalId: 'ada' }],
    ['of a person', { sid: undefined }, { sid: null, externalId: 'ada' }],
    ['of a login alone', { sub: undefined }, { sid: 'login-1', externalId: null }],
    ['without an end', { exp: undefined }, { sid: 'login-1' }],
    ['for several', { aud: ['client-2', 'client-1'] }, { sid: 'login-1' }],
  ])('%s is believed', async (_what, claims, ended) => {
    expect(await heard(claims)).toMatchObject(ended);
  });

  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'client-2' }],
    ['that is an ID token', { nonce: 'n' }],
    ['without an event', { events: undefined }],
    ['of another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['of an event that is a word', { events: { 'http://schemas.openid.net/event/backchannel-logout': 'x' } }],
    ['without a name', { jti: undefined }],
    ['of nobody', { sub: undefined, sid: undefined }],
    ['of an odd login', { sid: 7 }],
    ['of an odd person', { sub: { or: 1 } }],
    ['of yesterday', { iat: seconds(-86_400), exp: undefined }],
    ['of tomorrow', { iat: seconds(86_400) }],
    ['made at no time', { iat: undefined }],
    ['that has expired', { exp: seconds(-60) }],
  ])('%s is not believed', async (_what, claims) => {
    await expect(heard(claims)).rejects.toMatchObject({ code: 'login-refused', facts: { reason: 'claims' } });
  });

  it.each(['a stranger', 'a stranger, under its key id', 'nobody', 'its public key'] as const)(
    'signed by %s is not believed',
    async (signedBy) => {
      server.lie({ signedBy });

      await expect(heard({})).rejects.toMatchObject({ code: 'login-refused' });
    },
  );
});
