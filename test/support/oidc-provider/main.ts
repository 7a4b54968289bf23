import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration, type JWK } from 'oidc-provider';

/**
 * The npm package oidc-provider as a process of its own: an OpenID Connect server that nobody here wrote. Takes what it shall
 * know as JSON in its first argument; writes its address; makes new keys when told `rotate`, and ends with its parent.
 */
export interface ProviderSpec {
  readonly clients: readonly {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUris: readonly string[];
    readonly afterLogout: readonly string[];
    readonly backchannelLogoutUri: string | null;
    readonly authMethod: 'client_secret_basic' | 'client_secret_post';
  }[];
  /** Claims by `sub`. */
  readonly people: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly accessTokenSeconds: number;
  /** 0: a free one. */
  readonly port: number;
}

const spec = JSON.parse(process.argv[2] ?? '{}') as ProviderSpec;
const keys: JWK[] = [];
/** The newest first: it signs; older ones stay published. */
const addKey = (): void => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  keys.unshift({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' });
};

const configuration = (): Configuration => ({
  clients: spec.clients.map((client) => ({
    client_id: client.clientId,
    client_secret: client.clientSecret,
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.afterLogout],
    token_endpoint_auth_method: client.authMethod,
    ...(client.backchannelLogoutUri === null
      ? {}
      : { backchannel_logout_uri: client.backchannelLogoutUri, backchannel_logout_session_required: true }),
  })),
  findAccount: (_context, sub) =>
    spec.people[sub] === undefined
      ? undefined
      : { accountId: sub, claims: () => Promise.resolve({ sub, ...spec.people[sub] }) },
  claims: {
    openid: ['sub'],
    profile: ['given_name', 'family_name', 'groups'],
    email: ['email', 'email_verified'],
    phone: ['phone_number', 'phone_number_verified'],
    address: ['address'],
  },
  jwks: { keys: [...keys] },
  // By itself it calls nobody on this machine; its dispatcher would see to that.
  fetch: (url, options) => {
    delete options?.dispatcher;
    return fetch(url, options);
  },
  cookies: { keys: ['a secret of the test'] },
  features: { backchannelLogout: { enabled: true }, revocation: { enabled: true }, devInteractions: { enabled: true } },
  ttl: { AccessToken: spec.accessTokenSeconds, IdToken: 3600, Session: 3600, Interaction: 3600, Grant: 3600 },
  pkce: { required: () => true },
});

addKey();
const server = createServer();
server.listen(spec.port, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // What it keeps is kept by the package, whichever provider asks.
  let answer = new Provider(url, configuration()).callback();
  server.on('request', (request, response) => {
    void answer(request, response);
  });
  process.on('message', () => {
    addKey();
    answer = new Provider(url, configuration()).callback();
    process.send?.('rotated');
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(url);
});
