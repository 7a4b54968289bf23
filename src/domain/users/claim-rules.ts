import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { profileFields, type ProfileField } from '../people/oauth-profile.ts';
import { isUserRole, userRoles, type UserRole } from '../actor.ts';

/** Which claims of an OpenID Connect server mean what here. Configuration only: no code in it. */
export interface ClaimRules {
  /** The claim that a field is read from; `address.postal_code` looks into the claim `address`. null: from none. */
  readonly fields: Readonly<Record<ProfileField, string | null>>;
  /** null: the server says nothing of roles, and rows keep theirs. */
  readonly role: { readonly claim: string; readonly values: ReadonlyMap<string, UserRole> } | null;
  /** What is asked for at login, `openid` first. */
  readonly scopes: readonly string[];
}

/** OpenID Connect's own claims. Its `street_address` holds street and number together, often on several lines: ours are apart. */
const usualFields: ClaimRules['fields'] = {
  email: 'email',
  firstName: 'given_name',
  lastName: 'family_name',
  phoneNumber: 'phone_number',
  streetName: null,
  houseNumber: null,
  suffix: null,
  postcode: 'address.postal_code',
  city: 'address.locality',
};
export const usualClaims: ClaimRules = {
  fields: usualFields,
  role: null,
  scopes: ['openid', 'profile', 'email', 'phone', 'address'],
};

/**
 * Reads `claims` and `scopes` of a site's OAuth settings. Never throws: what cannot be read counts as not said, but a role that
 * is said and cannot be read is nobody's.
 */
export const claimRulesOf = (settings: Json | undefined): ClaimRules => {
  const { claims, scopes } = objectOf(settings);
  const said = objectOf(claims);
  return {
    fields: { ...usualFields, ...fieldsOf(said) },
    role: roleOf(said['role']),
    scopes: scopesOf(scopes),
  };
};

/** `{"firstName": "given_name", "phoneNumber": null}`: null takes a field from no claim. */
const fieldsOf = (said: JsonObject): Partial<ClaimRules['fields']> =>
  Object.fromEntries(
    profileFields.flatMap((field) => {
      const claim = said[field];
      return claim === null || isName(claim) ? [[field, claim]] : [];
    }),
  );

/** `{"claim": "groups", "values": {"city-moderators": "moderator"}}`, or a claim alone, whose values then are our own words. */
const roleOf = (said: Json | undefined): ClaimRules['role'] => {
  if (isName(said)) return { claim: said, values: new Map(userRoles.map((role) => [role, role])) };
  const { claim, values } = objectOf(said);
  if (!isName(claim)) return null;
  const table = Object.entries(objectOf(values)).filter((entry): entry is [string, UserRole] => isUserRole(entry[1]));
  return { claim, values: new Map(table) };
};

/** A list, or words in one text. `openid` is what makes it OpenID Connect. */
const scopesOf = (said: Json | undefined): readonly string[] => {
  const words = typeof said === 'string' ? said.split(/\s+/) : Array.isArray(said) ? (said as readonly Json[]) : null;
  if (words === null) return usualClaims.scopes;
  // As RFC 6749 spells a scope.
  const spelt = words.filter(
    (word): word is string => typeof word === 'string' && /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(word),
  );
  return [...new Set(['openid', ...spelt])];
};

const isName = (value: Json | undefined): value is string => typeof value === 'string' && value !== '';
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
