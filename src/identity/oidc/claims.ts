import { usualClaims, type ClaimRules } from '../../domain/users/claim-rules.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { profileFields, type Profile, type ProfileField } from '../../domain/people/oauth-profile.ts';
import { highest, type UserRole } from '../../domain/actor.ts';
import { jsonOf, OddAnswer, aboutPerson } from '../oauth-operation.ts';
import { clockTolerance } from './code-grant.ts';
import type { Conversation } from './conversation.ts';
import { readConfiguration, type Discovered, type Verify } from './discovery.ts';

/** Our column for it; OpenID Connect allows 255 ASCII characters. */
const maxSubjectLength = 191;

/** The person's id at the server, or null when we cannot hold it: cut off, it would be somebody else's. */
export const subjectOf = (sub: unknown): string | null =>
  typeof sub === 'string' && sub !== '' && sub.length <= maxSubjectLength && !unkept.test(sub) ? sub : null;

/**
 * Claims as a profile, by the rules of the site's settings. What no rule names, or no claim says, is not said; values of sites
 * cannot live at such a server and never are. An address or number that the server itself has not verified is not taken: nothing
 * at a login, later what was there before. Source: oauth-server.md §4.
 */
export const profileOf = (
  externalId: string,
  claims: JsonObject,
  { clientId, claims: said }: OauthClient,
  asked: 'at-login' | 'later',
): Profile => {
  const rules = said ?? usualClaims;
  const fields = profileFields.flatMap((field): [ProfileField, string | null][] => {
    const value = claimText(claimOf(claims, rules.fields[field]));
    if (value === undefined) return [];
    if (!isUnverified(claims, rules, field)) return [[field, value]];
    return asked === 'at-login' ? [[field, null]] : [];
  });
  return { externalId, ...Object.fromEntries(fields), ...rolesOf(claims, rules, clientId) };
};

/** A claim of exactly this name (`https://example.org/groups`), else by its path. */
const claimOf = (claims: JsonObject, name: string | null): Json | undefined => {
  if (name === null) return undefined;
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<Json | undefined>(
      (value, key) => (isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      claims,
    );
};

/** The claim that speaks of the field: beside the claim itself (`contact.email_verified`), else the one of OpenID Connect. */
const verifiedClaims: Readonly<Partial<Record<ProfileField, string>>> = {
  email: 'email_verified',
  phoneNumber: 'phone_number_verified',
};

const isUnverified = (claims: JsonObject, { fields }: ClaimRules, field: ProfileField): boolean => {
  const usual = verifiedClaims[field];
  const name = fields[field];
  if (usual === undefined || name === null) return false;
  const said = claimOf(claims, `${name}_verified`) ?? claimOf(claims, usual);
  return said !== undefined && said !== null && !saysYes(said);
};

/** Servers write it as they like: what is neither a plain yes nor left out is no. */
const saysYes = (said: Json): boolean =>
  said === true || said === 1 || (typeof said === 'string' && ['true', '1', 'yes'].includes(said.toLowerCase()));

/** undefined: no text, and so not said. Read as every text is where a row mirrors it (domain/people/mirror.ts). */
const claimText = (value: Json | undefined): string | null | undefined => {
  if (value === null || value === '') return null;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : undefined;
};

/** What a database cannot hold: half characters, and the end of a text in the middle of it. */
const unkept = /[\p{Surrogate}\0]/u;

/** The highest role that the table gives; a claim that is absent, or says nothing of the table, says that there is none. */
const rolesOf = (claims: JsonObject, { role }: ClaimRules, clientId: string): Pick<Profile, 'roles'> => {
  if (role === null) return {};
  const said = claimOf(claims, role.claim);
  const words = Array.isArray(said) ? (said as readonly Json[]) : [said];
  const roles = words.flatMap((word) => (typeof word === 'string' ? (role.values.get(word) ?? []) : []));
  const top = highest(roles);
  return { roles: { [clientId]: top === 'all' ? null : top } satisfies Record<string, UserRole | null> };
};

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
