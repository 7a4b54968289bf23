import { usualClaims, type ClaimRules } from '../../domain/users/claim-rules.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { profileFields, type Profile, type ProfileField } from '../../domain/people/oauth-profile.ts';
import { highest, type UserRole } from '../../domain/actor.ts';

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
    const value = textOf(claimOf(claims, rules.fields[field]));
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
const textOf = (value: Json | undefined): string | null | undefined => {
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
