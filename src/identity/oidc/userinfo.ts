import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { jsonOf } from '../bounded-json.ts';
import { OddAnswer } from '../odd-answer.ts';
import { aboutPerson } from '../odd-record.ts';
import { clockTolerance } from './code-grant.ts';
import type { Conversation } from './conversation.ts';
import { readConfiguration, type Discovered } from './discovery.ts';
import type { Verify } from './key-ring.ts';

/**
 * What the server says of an access token's holder: as JSON, or as a JWT that one of its keys has signed, where our client is
 * registered with `userinfo_signed_response_alg`. Source: OpenID Connect Core 1.0, §5.3.2.
 */
export const userinfoOf = async (
  verify: Verify,
  talk: Conversation,
  found: Discovered,
  client: OauthClient,
  accessToken: string,
): Promise<JsonObject | 'unauthorized'> => {
  const authorization = `Bearer ${accessToken}`;
  const said = await aboutPerson(
    () => readConfiguration(talk, client),
    async () => {
      const text = await talk.readText(found.userinfo_endpoint ?? '', {
        accept: 'application/json, application/jwt',
        authorization,
      });
      return text === null ? 'unauthorized' : claimsOrToken(text.trim());
    },
  );
  if (typeof said !== 'object') return said;
  if (!('token' in said)) return said.claims;
  if (isEncrypted(said.token))
    throw odd('userinfo is encrypted: register our client there without userinfo_encrypted_response_alg');
  return signedClaims(verify, talk, found, client, said.token);
};

const claimsOrToken = (text: string): { readonly token: string } | { readonly claims: JsonObject } => {
  if (isEncrypted(text) || isSigned(text)) return { token: text };
  const claims = jsonOf(text);
  if (!isJsonObject(claims)) throw new OddAnswer('no JSON where JSON belongs', { status: 200, unwell: true });
  return { claims };
};

/** Judged by what the body is, not by what its header calls it. */
const isSigned = (text: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
const isEncrypted = (text: string): boolean => /^[\w-]+(?:\.[\w-]*){4}$/.test(text);

/** `iss` and `aud` should be there, and must be ours where they are. */
const signedClaims = async (
  verify: Verify,
  talk: Conversation,
  { issuer, jwks_uri: jwksUri }: Discovered,
  { clientId }: OauthClient,
  token: string,
): Promise<JsonObject> => {
  const claims = await verify(talk, jwksUri, token, { clockTolerance });
  if (!isJsonObject(claims))
    throw odd(
      'userinfo is a JWT that no key of its JWKS has signed: register our client there with userinfo_signed_response_alg RS256 or ES256, or without one',
    );
  if ('iss' in claims && claims['iss'] !== issuer) throw odd('userinfo is a JWT of another issuer');
  if ('aud' in claims && ![claims['aud']].flat().includes(clientId)) throw odd('userinfo is a JWT for another client');
  return claims;
};

const odd = (reason: string): OddAnswer => new OddAnswer(reason, { status: 200, unwell: false });
