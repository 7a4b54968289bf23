import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import type { LoginAnswer, LoginRequest } from '../../src/ports/identity-provider.ts';

type Claims = Readonly<Record<string, unknown>>;

/** What the server says otherwise than it should; a claim that is undefined is left out. */
export interface Lies {
  readonly discovery?: Claims;
  readonly idToken?: Claims;
  /** By whom ID tokens and logout tokens are signed. */
  readonly signedBy?: 'itself' | 'a stranger' | 'a stranger, under its key id' | 'nobody' | 'its public key';
  readonly header?: Claims;
  /** What `/token` answers instead. */
  readonly token?: readonly [status: number, body: string];
  readonly userinfo?: readonly [status: number, body: string];
  readonly userinfoClaims?: Claims;
  /** Userinfo as a JWT (`application/jwt`), signed as `signedBy` says. */
  readonly signsUserinfo?: boolean;
  readonly jwks?: unknown;
}

/** An OpenID Connect server that is exact by itself, and lies as it is told to. */
export interface LyingOidcServer {
  readonly url: string;
  readonly host: string;
  client(): OauthClient;
  lie(lies: Lies): void;
  /** From now on another key signs; the old one is no longer published. */
  rotate(): Promise<void>;
  /** As a browser that has been to `address` comes back. */
  answerTo(request: LoginRequest, address: string): LoginAnswer;
  logoutToken(claims?: Claims): Promise<string>;
  calls(path: RegExp): number;
  close(): Promise<void>;
}

const clientId = 'client-1';
const clientSecret = 'secret: 1%';

export const startLyingOidcServer = async ({
  below = '',
}: { readonly below?: string } = {}): Promise<LyingOidcServer> => {
  let lies: Lies = {};
  let key = await newKey();
  const stranger = await newKey();
  const codes = new Map<string, URLSearchParams>();
  let seen: string[] = [];
  let url = '';

  const signed = async (claims: Claims): Promise<string> => {
    const said = withoutUndefined(claims);
    const header = { alg: 'ES256', kid: key.kid, ...lies.header };
    switch (lies.signedBy ?? 'itself') {
      case 'itself':
        return new SignJWT(said).setProtectedHeader(header).sign(key.privateKey);
      case 'a stranger':
        return new SignJWT(said).setProtectedHeader({ ...header, kid: stranger.kid }).sign(stranger.privateKey);
      case 'a stranger, under its key id':
        return new SignJWT(said).setProtectedHeader(header).sign(stranger.privateKey);
      case 'nobody':
        return new UnsecuredJWT(said).encode();
      case 'its public key': {
        const secret = new TextEncoder().encode(JSON.stringify(key.jwk));
        return new SignJWT(said).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret);
      }
    }
  };
  const now = (): number => Math.floor(Date.now() / 1000);
  const idToken = (nonce: string | null): Promise<string> =>
    signed({
      iss: url,
      sub: 'ada',
      aud: clientId,
      exp: now() + 300,
      iat: now(),
      nonce,
      sid: 'login-1',
      ...lies.idToken,
    });

  const tokenAnswer = async (request: IncomingMessage): Promise<readonly [number, string]> => {
    const form = new URLSearchParams(await requestText(request));
    if (!isUs(request.headers.authorization)) return [401, JSON.stringify({ error: 'invalid_client' })];
    const code = form.get('code') ?? '';
    const begun = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const fits = begun?.get('code_challenge') === challenge && begun.get('redirect_uri') === form.get('redirect_uri');
    if (!fits) return [400, JSON.stringify({ error: 'invalid_grant', error_description: 'Kaboom' })];
    if (lies.token !== undefined) return lies.token;
    const body = { access_token: 'at-ada', token_type: 'Bearer', id_token: await idToken(begun.get('nonce')) };
    return [200, JSON.stringify(body)];
  };
  const answers: Readonly<Record<string, (request: IncomingMessage) => Promise<readonly [number, string]>>> = {
    '/.well-known/openid-configuration': async () => [
      200,
      JSON.stringify(
        withoutUndefined({
          issuer: url,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          jwks_uri: `${url}/jwks`,
          userinfo_endpoint: `${url}/userinfo`,
          id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
          ...lies.discovery,
        }),
      ),
    ],
    '/token': tokenAnswer,
    '/jwks': async () => [200, JSON.stringify(lies.jwks ?? { keys: [key.jwk] })],
    '/userinfo': async (request) => {
      if (request.headers.authorization !== 'Bearer at-ada') return [401, ''];
      if (lies.userinfo !== undefined) return lies.userinfo;
      const claims = { sub: 'ada', ...lies.userinfoClaims };
      if (lies.signsUserinfo === true) return [200, await signed({ iss: url, aud: clientId, ...claims })];
      return [200, JSON.stringify(withoutUndefined(claims))];
    },
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    seen.push(path);
    const answer = path.startsWith(below) ? answers[path.slice(below.length)] : undefined;
    void (answer?.(request) ?? Promise.resolve([404, '{}'] as const)).then(([status, body]) => {
      const type = body.startsWith('ey') ? 'application/jwt' : 'application/json';
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}${below}`;

  return {
    url,
    host: `127.0.0.1:${port}`,
    client: () => ({ issuer: url, internalUrl: url, clientId, clientSecret, adapter: 'oidc', settings: {} }),
    lie: (said) => {
      lies = said;
    },
    rotate: async () => {
      key = await newKey();
    },
    answerTo: (request, address) => {
      const asked = new URL(address).searchParams;
      const code = randomUUID();
      codes.set(code, asked);
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', asked.get('state') ?? '');
      return { ...request, address: back.href };
    },
    logoutToken: (claims = {}) =>
      signed({
        ...{ iss: url, aud: clientId, iat: now(), exp: now() + 120, jti: randomUUID(), sub: 'ada', sid: 'login-1' },
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        ...claims,
      }),
    calls: (path) => seen.filter((one) => path.test(one)).length,
    close: async () => {
      seen = [];
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

/** Basic credentials of OAuth are written as a form writes them. */
const isUs = (header = ''): boolean => {
  const [id, secret] = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':');
  const read = (text = ''): string => decodeURIComponent(text.replaceAll('+', ' '));
  return read(id) === clientId && read(secret) === clientSecret;
};

const newKey = async (): Promise<{ kid: string; privateKey: CryptoKey; jwk: JWK }> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'ES256' } };
};

const withoutUndefined = (claims: Claims): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));

const requestText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
