import * as oidc from 'openid-client';
import { Fault, type Faults } from '../../domain/fault.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { HttpFailure } from '../../platform/http-exchange.ts';
import type { LoginAnswer } from '../../ports/identity-provider.ts';
import { jsonOf, CredentialsRefused, OddAnswer } from '../oauth-operation.ts';
import type { Conversation } from './conversation.ts';
import type { Discovered } from './discovery.ts';

/** How far clocks may differ, in seconds. */
export const clockTolerance = 30;

export interface Granted {
  readonly idToken: string;
  readonly accessToken: string;
  /** Seconds; null: not said. */
  readonly expiresIn: number | null;
}

/** What openid-client needs to know of server and client. */
export const configurationOf = (found: Discovered, client: OauthClient): oidc.Configuration => {
  const { clientId, clientSecret } = client;
  // Without a word of the server, Basic is what OpenID Connect says.
  const ways = found.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const usesForm = !ways.includes('client_secret_basic') && ways.includes('client_secret_post');
  const authentication = usesForm ? oidc.ClientSecretPost(clientSecret) : oidc.ClientSecretBasic(clientSecret);
  const made = new oidc.Configuration(
    { ...found },
    clientId,
    { [oidc.clockTolerance]: clockTolerance },
    authentication,
  );
  // Addresses were checked when they were read: none steps down from https. Inside a network, servers speak http.
  // oxlint-disable-next-line @typescript-eslint/no-deprecated -- marked so to make it stand out
  oidc.allowInsecureRequests(made);
  return made;
};

/**
 * Code → tokens: `state` and `iss` of the answer, the code with its verifier, the ID token's issuer, audience, authorized party,
 * times and nonce are checked by openid-client; the signature is not, as yet. Fault `login-refused` for what does not hold.
 */
export const grantFor = async (
  talk: Conversation,
  found: Discovered,
  client: OauthClient,
  answer: LoginAnswer,
): Promise<Granted> => {
  const configuration = configurationOf(found, client);
  let hasAsked = false;
  configuration[oidc.customFetch] = async (address, { headers, body }) => {
    hasAsked = true;
    const form = new URLSearchParams(body instanceof URLSearchParams ? body : '');
    // openid-client would cut off its query.
    form.set('redirect_uri', answer.redirectUri);
    const reply = await talk.post(address, headers, form.toString());
    mustNotRefuseUs(reply);
    return new Response(reply.text, { status: reply.status, headers: { 'content-type': 'application/json' } });
  };
  try {
    const tokens = await oidc.authorizationCodeGrant(configuration, answeredAt(answer), {
      expectedState: answer.state,
      expectedNonce: answer.nonce,
      pkceCodeVerifier: answer.codeVerifier,
      idTokenExpected: true,
    });
    return { idToken: tokens.id_token ?? '', accessToken: tokens.access_token, expiresIn: tokens.expires_in ?? null };
  } catch (error) {
    throw ownFault(error, hasAsked);
  }
};

/** The redirect address as it was sent, with what came back: a proxy may have changed what our own host is called. */
const answeredAt = ({ redirectUri, address }: LoginAnswer): URL => {
  const there = new URL(redirectUri);
  there.search = new URL(address).search;
  return there;
};

/** A bad code is the browser's; every other refusal is ours to put right, and no word on the login. */
const mustNotRefuseUs = ({ status, text }: { readonly status: number; readonly text: string }): void => {
  if (status < 400) return;
  const json = jsonOf(text);
  const code = typeof json === 'object' && json !== null && 'error' in json ? json.error : undefined;
  if (status === 400 && code === 'invalid_grant') throw refused('code', 'the code does not count');
  if (code === 'invalid_client' || status === 401) throw new CredentialsRefused();
  const known = knownErrors.find((kind) => kind === code);
  throw new OddAnswer(`the token endpoint refused: ${known ?? 'without a known reason'}`, { status, unwell: false });
};
const knownErrors = ['invalid_request', 'unauthorized_client', 'unsupported_grant_type'];

/** openid-client wraps what its fetch throws, and its own errors hold claims. */
const ownFault = (error: unknown, hasAsked: boolean): unknown => {
  for (let one = error; one instanceof Error; one = one.cause)
    if (one instanceof HttpFailure || one instanceof OddAnswer || one instanceof Fault) return one;
  if (error instanceof oidc.AuthorizationResponseError) return refused('code', 'the server ended the login');
  return hasAsked ? refused('claims', reasonOf(error)) : refused('state', reasonOf(error));
};

/** The library's fixed sentences; what else may be thrown could quote the server. */
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.name === 'OperationProcessingError' ? cause.message : 'it cannot be read';
};

const sentences = {
  code: 'The OAuth server does not vouch for this login: it was ended there, has been used, or took too long. Log in again.',
  state: 'What came back from the OAuth server does not belong to this login. Log in again.',
  claims: 'What the OAuth server says of this login does not hold.',
} as const satisfies Record<Faults['login-refused']['reason'], string>;

/** `why` is for the log: our own words, never the server's. */
export const refused = (reason: keyof typeof sentences, why: string): Fault<'login-refused'> =>
  new Fault('login-refused', { reason }, sentences[reason], { cause: new Error(why) });
