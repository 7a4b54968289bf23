import Joi from 'joi';
import NodeCache from 'node-cache';
import { normalisedIssuer, type OauthClient } from '../../domain/sites/oauth-client.ts';
import { OddAnswer } from '../oauth-operation.ts';
import { httpAddress, type Conversation } from './conversation.ts';
import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { JsonObject } from '../../domain/json.ts';

/** What the server says of itself; what is not named here is dropped at the door. */
export interface Discovered {
  /** As tokens name it, to the letter: ours may lack a slash at the end. */
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly userinfo_endpoint?: string;
  readonly end_session_endpoint?: string;
  readonly scopes_supported?: string[];
  readonly id_token_signing_alg_values_supported?: string[];
  readonly token_endpoint_auth_methods_supported?: string[];
  readonly authorization_response_iss_parameter_supported?: boolean;
}
export type Discover = (talk: Conversation, client: OauthClient) => Promise<Discovered>;

const keptSeconds = 600;
const maxKept = 1000;

/**
 * Reads a server's configuration, and remembers it for ten minutes. Throws OddAnswer for one that calls itself by another name
 * than ours: that is how one server would vouch for another's people.
 */
export const discovery = (): Discover => {
  const known = new NodeCache({ useClones: false, stdTTL: keptSeconds, checkperiod: keptSeconds, maxKeys: maxKept });
  return async (talk, client) => {
    const key = `${client.issuer} ${client.internalUrl}`;
    const kept = known.get<Discovered>(key);
    if (kept !== undefined) return kept;
    const found = await readConfiguration(talk, client);
    if (known.keys().length < maxKept) known.set(key, found);
    return found;
  };
};

/** What the server says of itself now. Throws OddAnswer for what is no such configuration, or another server's. */
export const readConfiguration = async (talk: Conversation, client: OauthClient): Promise<Discovered> => {
  const said = await talk.read(`${talk.root}/.well-known/openid-configuration`);
  const found: Joi.ValidationResult<Discovered> = configuration.validate(said, { stripUnknown: true });
  // Joi's own sentence quotes the value.
  if (found.error !== undefined) throw odd(`a configuration that cannot be read, at ${pathsOf(found.error)}`);
  if (normalisedIssuer(found.value.issuer) !== client.issuer) throw odd('it calls itself by another name');
  const issuer = new URL(client.issuer);
  for (const address of addressesOf(found.value)) httpAddress(address, issuer);
  return found.value;
};

const configuration = Joi.object<Discovered>({
  issuer: Joi.string().required(),
  authorization_endpoint: Joi.string().required(),
  token_endpoint: Joi.string().required(),
  jwks_uri: Joi.string().required(),
  userinfo_endpoint: Joi.string(),
  end_session_endpoint: Joi.string(),
  scopes_supported: Joi.array().items(Joi.string()),
  id_token_signing_alg_values_supported: Joi.array().items(Joi.string()),
  token_endpoint_auth_methods_supported: Joi.array().items(Joi.string()),
  authorization_response_iss_parameter_supported: Joi.boolean(),
});

const addressesOf = (found: Discovered): readonly string[] =>
  [
    found.authorization_endpoint,
    found.token_endpoint,
    found.jwks_uri,
    found.userinfo_endpoint,
    found.end_session_endpoint,
  ].filter((address) => address !== undefined);

const pathsOf = (error: Joi.ValidationError): string => error.details.map(({ path }) => path.join('.')).join(', ');
const odd = (reason: string): OddAnswer => new OddAnswer(reason, { status: 200, unwell: false });

/** The claims of a token that one of the server's keys has signed; null for one that none of them has, or whose claims do not hold. */
export type Verify = (
  talk: Conversation,
  jwksUri: string,
  token: string,
  expected: JWTVerifyOptions,
) => Promise<JWTPayload | null>;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Signatures that a public key can check: with a shared secret, or none, anybody could sign. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const coolingSeconds = 10;

/**
 * Checks signatures against the servers' JWKS, remembered for ten minutes. Where no key fits they are read once more, as keys
 * rotate; but not again for ten seconds, as anybody may send us tokens.
 */
export const keyRing = (): Verify => {
  const known = new NodeCache({ useClones: false, stdTTL: keptSeconds, checkperiod: keptSeconds, maxKeys: maxKept });
  const cooling = new NodeCache({ useClones: false, stdTTL: coolingSeconds, checkperiod: 60, maxKeys: maxKept });
  const readAnew = async (talk: Conversation, jwksUri: string): Promise<KeySet> => {
    const keys = keySetOf(await talk.read(jwksUri));
    if (known.has(jwksUri) || known.keys().length < maxKept) known.set(jwksUri, keys);
    return keys;
  };
  return async (talk, jwksUri, token, expected) => {
    const options = { ...expected, algorithms };
    const kept = known.get<KeySet>(jwksUri);
    const first = await checked(token, kept ?? (await readAnew(talk, jwksUri)), options);
    if (first !== 'no-key') return first;
    if (kept === undefined || cooling.has(jwksUri) || cooling.keys().length >= maxKept) return null;
    cooling.set(jwksUri, true);
    const again = await checked(token, await readAnew(talk, jwksUri), options);
    return again === 'no-key' ? null : again;
  };
};

/** `no-key`: another key may have signed it. */
const checked = async (
  token: string,
  keys: KeySet,
  options: JWTVerifyOptions,
): Promise<JWTPayload | null | 'no-key'> => {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    // Whatever else is wrong with it (or with a key): it does not count.
    const mayRotate =
      error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
    return mayRotate ? 'no-key' : null;
  }
};

const keySetOf = (said: JsonObject | 'unauthorized'): KeySet => {
  const read: Joi.ValidationResult<JSONWebKeySet> = keySet.validate(said, { stripUnknown: true });
  if (read.error !== undefined) throw new OddAnswer('keys that cannot be read', { status: 200, unwell: false });
  return createLocalJWKSet(read.value);
};

/** What a key holds is looked at when it is used. */
const keySet = Joi.object<JSONWebKeySet>({ keys: Joi.array().items(Joi.object().unknown()).required() });
