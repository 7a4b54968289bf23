import { inspect } from 'node:util';
import type { Faults } from '../../src/domain/fault.ts';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import { oauthServers } from '../../src/identity/index.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { startLyingOidcServer, type LyingOidcServer } from '../support/lying-oidc-server.ts';
import {
  startMisbehavingServer,
  timeLimitBeside,
  wordsOfTheServer,
  type Misbehaviour,
  type MisbehavingServer,
} from '../support/misbehaving-server.ts';
import { silentLog } from '../support/oauth-world.ts';

/** Each call of a login × each step of it × each way for a server to misbehave. */

const outcomes: Readonly<Record<Exclude<Misbehaviour, 'pass'>, keyof Faults>> = {
  refuse: 'oauth-unreachable',
  hang: 'oauth-timeout',
  'json-500': 'oauth-refused',
  'html-500': 'oauth-refused',
  'html-200': 'oauth-refused',
  'malformed-json': 'oauth-refused',
  '401': 'oauth-refused',
  '429': 'oauth-refused',
  redirect: 'oauth-refused',
  'slow-body': 'oauth-timeout',
  drip: 'oauth-timeout',
  'huge-body': 'oauth-refused',
  reset: 'oauth-unreachable',
  'lose-reply': 'oauth-unreachable',
};
const modes = Object.keys(outcomes) as Exclude<Misbehaviour, 'pass'>[];
const steps = [
  ['the configuration', /openid-configuration/],
  ['the token', /^POST \/token/],
  ['the keys', /\/jwks/],
  ['userinfo', /\/userinfo/],
] as const;

let server: LyingOidcServer;
let proxy: MisbehavingServer;
let identity: IdentityProvider & { close(): Promise<void> };
let client: OauthClient;
const logged: unknown[] = [];
const start = (mode: Misbehaviour = 'pass') => {
  const log = { ...silentLog, warn: (facts: unknown, line: string) => logged.push([facts, line]) };
  return oauthServers({
    allowedHosts: [server.host, new URL(proxy.url).host],
    globalOauthClient: null,
    timeLimitMs: timeLimitBeside(mode, 800),
    log,
  });
};
beforeEach(async () => {
  logged.length = 0;
  server = await startLyingOidcServer();
  proxy = await startMisbehavingServer(server.url);
  // As behind a firewall: called by another address than browsers know.
  client = { ...server.client(), internalUrl: proxy.url };
  identity = start();
});
afterEach(async () => {
  await identity.close();
  await proxy.close();
  await server.close();
});

let last = 0;
const wish = () => {
  const secret = (what: string) => `${what}-${(last += 1)}-`.padEnd(43, 'x');
  const redirectUri = 'https://api.example/oauth/site/1/digest-login';
  return { redirectUri, privileged: false, state: secret('s'), nonce: secret('n'), codeVerifier: secret('v') };
};
const returned = async () => {
  const begun = wish();
  return server.answerTo(begun, await identity.authorizationAddress(client, begun));
};

describe.each(steps)('A login whose server misbehaves over %s', (_step, path) => {
  it.each(modes)('by %s fails as such, without a word of the server', async (mode) => {
    const answer = await returned();
    // What was remembered would hide it.
    await identity.close();
    identity = start(mode);
    if (mode === 'refuse') await proxy.behave(mode);
    else await proxy.behave(mode, path);

    const error: unknown = await identity.exchange(client, answer).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'Fault', code: outcomes[mode], facts: { mayHaveHappened: false } });
    expect(inspect([error, logged], { depth: 9 })).not.toMatch(new RegExp(`${wordsOfTheServer}|at-ada|secret: 1|eyJ`));
    expect(logged).toHaveLength(1);
  });
});

describe.each(modes)('While the server misbehaves by %s', (mode) => {
  it('no session is ended by it, but by a 401 of userinfo itself', async () => {
    await identity.close();
    identity = start(mode);
    await returned();
    await proxy.behave(mode);

    const said = identity.holder(client, 'at-ada');

    if (mode === '401') expect(await said).toBeNull();
    else await expect(said).rejects.toMatchObject({ code: outcomes[mode] });
  });
});

it('A code is sent once, whatever becomes of the answer', async () => {
  const answer = await returned();
  await proxy.behave('lose-reply', /^POST \/token/);

  await expect(identity.exchange(client, answer)).rejects.toMatchObject({ code: 'oauth-unreachable' });

  expect(proxy.calls(/^POST/)).toBe(1);
});
