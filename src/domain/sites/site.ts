import { type JsonObject, isJsonObject, type Json } from '../json.ts';
import { claimRulesOf, type ClaimRules } from '../users/claim-rules.ts';
import { readText } from '../users/personal-text.ts';
import { isRole, type Role } from '../actor.ts';

export interface Site {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  readonly domain: string;
  readonly areaId: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** What we read from the config. */
  readonly config: SiteConfig;
  /** The config as it stands in the database, secrets included: never presented without `maskedConfig`. */
  readonly rawConfig: JsonObject;
}

/** What can be set of a site. */
export type SiteValues = Pick<Site, 'name' | 'title' | 'domain' | 'areaId'> & { readonly config: JsonObject };

/** What everybody may see of a site, inside a user and in lists. */
export type SiteSummary = Pick<Site, 'id' | 'name' | 'title' | 'domain' | 'areaId' | 'createdAt' | 'updatedAt'>;

export const siteSummary = ({ id, name, title, domain, areaId, createdAt, updatedAt }: Site): SiteSummary => ({
  id,
  name,
  title,
  domain,
  areaId,
  createdAt,
  updatedAt,
});

/** Who may see or set one extraData key: roles and above, or `owner`. */
export type KeyAudience = Role | 'owner';

/** How a site defines one extraData key. Source: user-api.md §2 and §4 "Which keys". */
export interface ExtraDataKey {
  readonly siteSpecific: boolean;
  /** null: not said, so everybody. */
  readonly viewableBy: readonly KeyAudience[] | null;
  /** null: not said, so owner and moderators. */
  readonly updateableBy: readonly KeyAudience[] | null;
  /** The only values allowed; null = any. */
  readonly values: readonly Json[] | null;
  /** `string`, `number`, `boolean`, `array`, `object`; other words (OpenStad's form widgets) are not checked. */
  readonly type: string | null;
}

/** The texts of one set of OAuth settings of a site, as written; what is missing comes from the global ones (oauth-client.ts). */
export type OauthSettings = Readonly<Record<string, string>>;

export interface SiteConfig {
  readonly allowedDomains: readonly string[];
  readonly projectHasEnded: boolean;
  readonly oauth: ReadonlyMap<string, OauthSettings>;
  /** By the same names: what an OpenID Connect server's claims mean here. */
  readonly oauthClaims: ReadonlyMap<string, ClaimRules>;
  readonly users: {
    readonly canCreateNewUsers: boolean;
    readonly allowUseOfNicknames: boolean;
    /** `nick`: the nick name or `Deelnemer`, never the real name. */
    readonly displayName: 'name' | 'nick';
    /** Below this role nobody's row can be viewed; null = everybody may. */
    readonly viewableByRole: Role | null;
    readonly extraDataMustBeDefined: boolean;
    readonly extraData: ReadonlyMap<string, ExtraDataKey>;
    readonly anonymize: { readonly firstName: string | null; readonly lastName: string | null };
  };
  readonly votes: {
    readonly isActive: boolean | null;
    readonly isActiveFrom: string | null;
    readonly isActiveTo: string | null;
    readonly isViewable: boolean;
  };
  readonly anonymize: {
    readonly maxListed: number | null;
    readonly requirePreview: boolean;
    readonly requireComplete: boolean;
  };
}

/**
 * Reads a site's config. Never throws: old databases hold odd values, and a site must not go down for one;
 * what cannot be read counts as not said.
 */
export const siteConfigOf = (raw: Json): SiteConfig => {
  const root = objectOf(raw);
  const users = objectOf(root['users']);
  const votes = objectOf(root['votes']);
  return {
    allowedDomains: listOf(root['allowedDomains']).filter(isText),
    projectHasEnded: flagOf(objectOf(root['project'])['projectHasEnded']) ?? false,
    oauth: new Map(Object.entries(objectOf(root['oauth'])).map(([name, settings]) => [name, textsOf(settings)])),
    oauthClaims: new Map(
      Object.entries(objectOf(root['oauth'])).map(([name, settings]) => [name, claimRulesOf(settings)]),
    ),
    users: {
      canCreateNewUsers: flagOf(users['canCreateNewUsers']) ?? true,
      allowUseOfNicknames: flagOf(users['allowUseOfNicknames']) ?? false,
      displayName: users['displayName'] === 'nick' ? 'nick' : 'name',
      viewableByRole: isRole(users['viewableByRole']) ? users['viewableByRole'] : null,
      extraDataMustBeDefined: flagOf(users['extraDataMustBeDefined']) ?? false,
      extraData: new Map(
        Object.entries(objectOf(users['extraData'])).map(([key, rule]) => [key, extraDataKeyOf(key, rule)]),
      ),
      anonymize: {
        firstName: nameOf(objectOf(users['anonymize'])['firstName']),
        lastName: nameOf(objectOf(users['anonymize'])['lastName']),
      },
    },
    votes: {
      isActive: flagOf(votes['isActive']),
      isActiveFrom: configText(votes['isActiveFrom']),
      isActiveTo: configText(votes['isActiveTo']),
      isViewable: flagOf(votes['isViewable']) ?? false,
    },
    anonymize: {
      maxListed: numberOf(objectOf(root['anonymize'])['maxListed']),
      requirePreview: flagOf(objectOf(root['anonymize'])['requirePreview']) ?? false,
      requireComplete: flagOf(objectOf(root['anonymize'])['requireComplete']) ?? false,
    },
  };
};

/** Keys that are site-specific although the site's config does not say so. Source: user-api.md §4 "Which keys". */
export const siteSpecificByDefault: readonly string[] = ['bio', 'expertise'];

const extraDataKeyOf = (key: string, raw: Json): ExtraDataKey => {
  const rule = objectOf(raw);
  const auth = objectOf(rule['auth']);
  return {
    siteSpecific: flagOf(rule['sitespecific']) ?? flagOf(rule['site-specific']) ?? siteSpecificByDefault.includes(key),
    viewableBy: audienceOf(auth['viewableBy']),
    updateableBy: audienceOf(auth['updateableBy']),
    values: Array.isArray(rule['values']) ? listOf(rule['values']) : null,
    type: configText(rule['type']),
  };
};

/** An audience that is said but cannot be read is nobody's: a typing error must not open a field. */
const audienceOf = (raw: Json | undefined): readonly KeyAudience[] | null => {
  if (raw === undefined || raw === null) return null;
  return (Array.isArray(raw) ? listOf(raw) : [raw]).filter((who): who is KeyAudience => who === 'owner' || isRole(who));
};

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const isText = (value: Json): value is string => typeof value === 'string';
const configText = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
/** Without what a name may not hold. */
const nameOf = (value: Json | undefined): string | null =>
  typeof value === 'string' ? readText('name', value).value : null;
const flagOf = (value: Json | undefined): boolean | null => (typeof value === 'boolean' ? value : null);
const numberOf = (value: Json | undefined): number | null => (typeof value === 'number' ? value : null);
const textsOf = (value: Json): OauthSettings =>
  Object.fromEntries(
    Object.entries(objectOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
