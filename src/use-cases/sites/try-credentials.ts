import { pointerToken, Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { oauthClientOf, type GlobalOauthClient, type OauthClient } from '../../domain/sites/oauth-client.ts';
import { siteConfigOf } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';
import { mustBeRight } from './changed-site.ts';

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
