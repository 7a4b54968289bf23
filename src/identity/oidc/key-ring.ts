import Joi from 'joi';
import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload, type JWTVerifyOptions } from 'jose';
import NodeCache from 'node-cache';
import type { JsonObject } from '../../domain/json.ts';
import { OddAnswer } from '../odd-answer.ts';
import type { Conversation } from './conversation.ts';

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
const keptSeconds = 600;
const coolingSeconds = 10;
const maxKept = 1000;

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
