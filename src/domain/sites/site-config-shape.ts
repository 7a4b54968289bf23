import { oauthAdapters } from './oauth-client.ts';
import { profileFields } from '../people/oauth-profile.ts';
import { userRoles } from '../actor.ts';

/** What one key of a site's config may hold; null is "not said" everywhere. */
export type ConfigShape =
  | { readonly kind: 'flag' }
  | { readonly kind: 'text'; readonly maxLength: number }
  /** What somebody is called: the rule of personal-text.ts. */
  | { readonly kind: 'name'; readonly maxLength: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'word'; readonly words: readonly string[] }
  | { readonly kind: 'role' }
  /** Roles and `owner`, one or a list. */
  | { readonly kind: 'audience' }
  /** A date, with or without time and offset. */
  | { readonly kind: 'moment' }
  /** Hosts, with or without port. */
  | { readonly kind: 'hosts' }
  /** An http(s) address without credentials. */
  | { readonly kind: 'address' }
  /** A path below such an address. */
  | { readonly kind: 'path' }
  /** Any values. */
  | { readonly kind: 'list' }
  | { readonly kind: 'texts' }
  | { readonly kind: 'either'; readonly shapes: readonly ConfigShape[] }
  | { readonly kind: 'object'; readonly keys: Readonly<Record<string, ConfigShape>> }
  /** An object whose keys are names that a site gives itself. */
  | { readonly kind: 'named'; readonly name: RegExp; readonly each: ConfigShape; readonly most?: number };

const flag = { kind: 'flag' } as const;
const text = { kind: 'text', maxLength: 2048 } as const;
const address = { kind: 'address' } as const;
const path = { kind: 'path' } as const;
const moment = { kind: 'moment' } as const;
const audience = { kind: 'audience' } as const;
const name = { kind: 'name', maxLength: 64 } as const;
const anyName = /^(?!__proto__$|constructor$|prototype$)/;
const object = <K extends Readonly<Record<string, ConfigShape>>>(keys: K) => ({ kind: 'object', keys }) as const;

/** A claim that holds our own words, or one with a table from its words to ours (claim-rules.ts). */
const roleClaim: ConfigShape = {
  kind: 'either',
  shapes: [
    text,
    object({ claim: text, values: { kind: 'named', name: anyName, each: { kind: 'word', words: userRoles } } }),
  ],
};

/**
 * THE list of what we read in a site's config (`siteConfigOf` reads it; a test holds the two together): from it a config that is
 * sent is checked, and described in OpenAPI. Whatever else OpenStad keeps there stays as it is. Source: user-api.md §2–4,
 * oauth-server.md §1, anonymization.md.
 */
export const siteConfigShape: Extract<ConfigShape, { kind: 'object' }> = object({
  allowedDomains: { kind: 'hosts' },
  project: object({ projectHasEnded: flag }),
  oauth: {
    kind: 'named',
    name: /^[\w.-]{1,64}$/,
    // Each is looked at with every request of the site, and tried where it is new.
    most: 20,
    each: object({
      adapter: { kind: 'word', words: oauthAdapters },
      'auth-server-url': address,
      'auth-internal-server-url': address,
      'auth-client-id': text,
      'auth-client-secret': text,
      'auth-server-login-path': path,
      'auth-server-admin-login-path': path,
      'auth-server-exchange-code-path': path,
      'auth-server-get-user-path': path,
      'auth-server-logout-path': path,
      'after-login-redirect-uri': text,
      claims: object({ ...Object.fromEntries(profileFields.map((field) => [field, text])), role: roleClaim }),
      scopes: { kind: 'either', shapes: [text, { kind: 'texts' }] },
    }),
  },
  users: object({
    canCreateNewUsers: flag,
    allowUseOfNicknames: flag,
    displayName: { kind: 'word', words: ['name', 'nick'] },
    viewableByRole: { kind: 'role' },
    extraDataMustBeDefined: flag,
    extraData: {
      kind: 'named',
      name: anyName,
      each: object({
        sitespecific: flag,
        'site-specific': flag,
        auth: object({ viewableBy: audience, updateableBy: audience }),
        values: { kind: 'list' },
        type: text,
      }),
    },
    anonymize: object({ firstName: name, lastName: name }),
  }),
  votes: object({ isActive: flag, isActiveFrom: moment, isActiveTo: moment, isViewable: flag }),
  anonymize: object({ maxListed: { kind: 'count' }, requirePreview: flag, requireComplete: flag }),
});
