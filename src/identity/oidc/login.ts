import * as openid from 'openid-client';
import { usualClaims } from '../../domain/users/claim-rules.ts';
import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { oauthUnsupported, type LoggedIn, type LoginAnswer, type LoginRequest } from '../../ports/identity-provider.ts';
import { OddAnswer } from '../oauth-operation.ts';
import { profileOf, subjectOf, userinfoOf } from './claims.ts';
import { clockTolerance, configurationOf, grantFor } from './code-grant.ts';
import type { Conversation } from './conversation.ts';
import type { Discover, Discovered, Verify } from './discovery.ts';
import { refused } from './code-grant.ts';

/** What an adapter remembers of its servers. */
export interface Known {
  readonly discover: Discover;
  readonly verify: Verify;
}

/** As browsers reach it: authorization code flow, with PKCE (S256), state and nonce. */
export const authorizationAddress = async (
  { discover }: Known,
  talk: Conversation,
  client: OauthClient,
  { redirectUri, state, nonce, codeVerifier }: LoginRequest,
): Promise<string> => {
  const found = await discover(talk, client);
  const address = openid.buildAuthorizationUrl(configurationOf(found, client), {
    redirect_uri: redirectUri,
    scope: scopeFor(found, client),
    state,
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  });
  return address.href;
};

export const logoutAddress = async (
  { discover }: Known,
  talk: Conversation,
  client: OauthClient,
  redirectUrl: string,
): Promise<string | null> => {
  const found = await discover(talk, client);
  if (found.end_session_endpoint === undefined) return null;
  const to = redirectUrl === '' ? {} : { post_logout_redirect_uri: redirectUrl };
  return openid.buildEndSessionUrl(configurationOf(found, client), to).href;
};

/** Code → tokens → signature → whose they are. Fault `login-refused`. */
export const exchange = async (
  known: Known,
  talk: Conversation,
  client: OauthClient,
  answer: LoginAnswer,
): Promise<LoggedIn> => {
  const found = await known.discover(talk, client);
  const asked = Date.now();
  const { idToken, accessToken, expiresIn } = await grantFor(talk, found, client, answer);
  const claims = await signedClaims(known, talk, found, client, idToken);
  const externalId = subjectOf(claims['sub']);
  if (externalId === null) throw refused('claims', 'a subject that we cannot hold');
  const profile = await profileAfterLogin(known, talk, found, client, accessToken, externalId, claims);
  // An answer may be as old as the time limit: counting from the question never believes a token too long.
  const expiresAt = expiresIn === null ? null : new Date(asked + Math.min(expiresIn, 31_536_000) * 1000);
  const { sid } = claims;
  return {
    profile,
    accessToken,
    accessTokenExpiresAt: expiresAt,
    sid: typeof sid === 'string' && sid !== '' ? sid : null,
  };
};

/** Whose token it is. Where the server has no userinfo there is no way to know: Fault `oauth-unsupported`. */
export const holder = async (
  { discover, verify }: Known,
  talk: Conversation,
  client: OauthClient,
  accessToken: string,
): Promise<Profile | null> => {
  const found = await discover(talk, client);
  if (found.userinfo_endpoint === undefined) throw oauthUnsupported('holder');
  const claims = await userinfoOf(verify, talk, found, client, accessToken);
  if (claims === 'unauthorized') return null;
  const externalId = subjectOf(claims['sub']);
  if (externalId === null) throw new OddAnswer('userinfo of nobody', { status: 200, unwell: false });
  return profileOf(externalId, claims, client, 'later');
};

/** What userinfo says; where the server has none, what the ID token says. Never of anybody but the one who logged in. */
const profileAfterLogin = async (
  { verify }: Known,
  talk: Conversation,
  found: Discovered,
  client: OauthClient,
  accessToken: string,
  externalId: string,
  idClaims: JsonObject,
): Promise<Profile> => {
  if (found.userinfo_endpoint === undefined) return profileOf(externalId, idClaims, client, 'at-login');
  const claims = await userinfoOf(verify, talk, found, client, accessToken);
  if (claims === 'unauthorized') throw new OddAnswer('a token that counts no more', { status: 401, unwell: false });
  if (claims['sub'] !== externalId) throw refused('claims', 'userinfo of somebody else');
  return profileOf(externalId, claims, client, 'at-login');
};

const signedClaims = async (
  { verify }: Known,
  talk: Conversation,
  found: Discovered,
  client: OauthClient,
  idToken: string,
): Promise<JsonObject> => {
  const { issuer, jwks_uri: jwksUri } = found;
  const requiredClaims = ['sub', 'iat', 'exp', 'nonce'];
  const expected = { issuer, audience: client.clientId, clockTolerance, requiredClaims };
  const claims = await verify(talk, jwksUri, idToken, expected);
  if (!isJsonObject(claims)) throw refused('claims', 'an ID token that no key of the server has signed');
  // openid-client asks only where it is for several.
  if ('azp' in claims && claims['azp'] !== client.clientId) throw refused('claims', 'an ID token of another party');
  return claims;
};

/** A scope that the server does not know may make it refuse the whole login. */
const scopeFor = ({ scopes_supported: supported }: Discovered, { claims = usualClaims }: OauthClient): string =>
  claims.scopes.filter((scope) => scope === 'openid' || supported?.includes(scope) !== false).join(' ');
