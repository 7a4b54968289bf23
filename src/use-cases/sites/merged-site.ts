import { mergedConfig, type Pieces } from '../../domain/sites/config-merge.ts';
import { invalidValues, pointerToken, Fault, type FieldError } from '../../domain/fault.ts';
import { entriesIn, maxEntries, sameJson, type Json, type JsonObject } from '../../domain/json.ts';
import { oauthSetErrors } from '../../domain/people/oauth-set.ts';
import { siteConfigOf, type Site, type SiteValues } from '../../domain/sites/site.ts';
import { oauthClientOf, type GlobalOauthClient, type OauthClient } from '../../domain/sites/oauth-client.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import type { ConfigErrors, SiteChange } from './commands.ts';

type Before = Pick<Site, 'name' | 'title' | 'domain' | 'areaId' | 'rawConfig'>;

/** What a site would hold after a change; nobody has looked yet whether that is right. */
export interface MergedSite {
  readonly values: SiteValues;
  /** The top-level things that differ; config by its own top-level keys. For rights and for the log. */
  readonly changed: readonly string[];
  /**
   * Of what was there before only what changes is looked at: a client may send back an old value that nobody would accept today.
   * Fault `invalid-values`, one entry per wrong value.
   */
  readonly mustBeRight: () => Promise<void>;
}

interface Merging extends Pick<Ports, 'settings'> {
  /** Comes between the pieces of what thousands of keys cost: others' turns. */
  readonly between: () => Promise<void>;
}

export const mergedSite = async (
  { settings, between }: Merging,
  before: Before,
  { config: sent, ...fields }: SiteChange,
  configErrors: ConfigErrors,
): Promise<MergedSite> => {
  const { name, title, domain, areaId } = { ...before, ...fields };
  const { config, errors: masks } =
    sent === undefined
      ? { config: before.rawConfig, errors: [] }
      : await pieceByPiece(mergedConfig(before.rawConfig, sent), between);
  const values = { name, title, domain, areaId, config };
  if (sent !== undefined) await between();
  return {
    values,
    changed: differences(before, values),
    mustBeRight: async () => {
      if (sent === undefined) return;
      await between();
      const change = { before: before.rawConfig, after: config };
      const found = [...masks, ...sizeErrors(before.rawConfig, config)];
      await between();
      found.push(...configErrors(change));
      await between();
      // Settings that cannot be read say nothing about the set that they make.
      mustBeRight(found.length > 0 ? found : oauthSetErrors({ ...change, sent }, settings));
    },
  };
};

const pieceByPiece = async <T>(work: Pieces<T>, between: () => Promise<void>): Promise<T> => {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await between();
  }
};

const differences = (before: Before, { config, ...fields }: SiteValues): readonly string[] => [
  ...(['name', 'title', 'domain', 'areaId'] as const).filter((field) => before[field] !== fields[field]),
  ...[...new Set([...Object.keys(before.rawConfig), ...Object.keys(config)])]
    .filter((key) => !sameJson(own(before.rawConfig, key), own(config, key)))
    .map((key) => `config.${key}`),
];

/** The values as a site, for who presents it without reading it again. */
export const asSite = (
  id: number,
  { config, ...fields }: SiteValues,
  dates: Pick<Site, 'createdAt' | 'updatedAt'>,
): Site => ({
  id,
  ...fields,
  ...dates,
  config: siteConfigOf(config),
  rawConfig: config,
});

/**
 * As much as one body may bring: merged in many times, it must not grow for ever, as every request at the site reads it. One that
 * is larger already may shrink, and stay.
 */
const sizeErrors = (before: JsonObject, config: JsonObject): readonly FieldError[] =>
  sizes
    .filter(({ measure, most }) => measure(config) > most && measure(config) > measure(before))
    .map(({ words }) => ({ pointer: '/config', detail: `would hold over ${words} with what is there already` }));
const sizes = [
  { measure: (config: JsonObject) => JSON.stringify(config).length, most: 1024 * 1024, words: '1 MB' },
  { measure: entriesIn, most: maxEntries, words: `${maxEntries} keys and list items` },
] as const;

/** Fault `invalid-values` for these, if any. */
const mustBeRight = (errors: readonly FieldError[]): void => {
  if (errors.length > 0) throw invalidValues(errors);
};

const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Credentials of a site's own, under the name that its config gives them. */
export interface NamedClient {
  readonly name: string;
  readonly client: OauthClient;
}

/**
 * The sets of a config that were not there before: address, client id and secret, each of them as it will be used. One without a
 * client id of its own takes the global pair, which is not the site's to try.
 */
export const newCredentials = (
  before: JsonObject,
  after: JsonObject,
  globals: GlobalOauthClient,
): readonly NamedClient[] => {
  const known = new Set(credentialsIn(before, globals).map(({ client }) => setOf(client)));
  return credentialsIn(after, globals).filter(({ client }) => !known.has(setOf(client)));
};

const maxAtOnce = 4;

/**
 * Asks each server whether it takes these credentials. Fault `invalid-values`, naming each that it refuses; those of the OAuth
 * server where one does not answer: what nobody tried is not kept. A server that has no way to say does not hinder. Source:
 * oauth-server.md §1.
 */
export const tryCredentials = async (
  { identity }: Pick<Ports, 'identity'>,
  wanted: readonly NamedClient[],
): Promise<void> => {
  const refused: string[] = [];
  for (let first = 0; first < wanted.length; first += maxAtOnce) {
    const some = wanted.slice(first, first + maxAtOnce);
    const answers = await Promise.all(some.map(({ client }) => identity.credentialsAccepted(client)));
    refused.push(...some.flatMap(({ name }, index) => (answers[index] === false ? [name] : [])));
  }
  mustBeRight(
    refused.map((name) => ({
      pointer: `/config/oauth/${pointerToken(name)}/auth-client-secret`,
      detail: 'is not taken by the OAuth server with this client id',
    })),
  );
};

/** What is kept is what was tried. Fault `busy`: the site changed meanwhile, so that it would be something else. */
export const mustHaveBeenTried = (wanted: readonly NamedClient[], tried: readonly NamedClient[]): void => {
  const known = new Set(tried.map(({ client }) => setOf(client)));
  if (wanted.every(({ client }) => known.has(setOf(client)))) return;
  throw new Fault('busy', { retryAfterSeconds: 1 }, 'The OAuth settings of this site changed meanwhile.');
};

const credentialsIn = (config: JsonObject, globals: GlobalOauthClient): readonly NamedClient[] => {
  const site = { config: siteConfigOf(config) };
  return [...site.config.oauth].flatMap(([name, settings]) => {
    const client = settings['auth-client-id'] === undefined ? null : oauthClientOf(site, name, globals);
    return client === null ? [] : [{ name, client }];
  });
};

const setOf = ({ adapter, issuer, internalUrl, clientId, clientSecret }: OauthClient): string =>
  JSON.stringify([adapter, issuer, internalUrl, clientId, clientSecret]);

type Needs = Pick<Ports, 'sites' | 'secrets' | 'withLease' | 'inOneTransaction'>;

/**
 * Runs a unit that gives a domain to a site. Two sites cannot take one at once: no index can say "unique among live sites", so
 * whoever takes a domain holds a lease on it, and renews it inside the unit. Fault `conflict` (rule `domain-taken`).
 */
export const takingDomain = <T>(
  { sites, secrets, withLease, inOneTransaction }: Needs,
  domain: string,
  owner: number | null,
  unit: () => Promise<T>,
): Promise<T> =>
  withLease(`site-domain:${secrets.fingerprint('site domain lease', domain)}`, (lease: Lease) =>
    inOneTransaction(async () => {
      await lease.assertHeld();
      const there = await sites.idOfDomain(domain);
      if (there !== null && there !== owner)
        throw new Fault('conflict', { rule: 'domain-taken' }, 'Another site has this domain.');
      return unit();
    }),
  );
