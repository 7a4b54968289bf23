import type { GlobalOauthClient, OauthAdapter, OauthClient } from '../domain/sites/oauth-client.ts';
import type { IdentityProvider } from '../ports/identity-provider.ts';
import type { Log } from '../ports/platform.ts';
import type { BreakerSettings, OnCircuit } from '../platform/http-servers.ts';
import { httpClient } from '../platform/http-client.ts';
import type { AroundCall } from '../platform/tracing.ts';
import { blamesServer } from './oauth-operation.ts';
import { oidc } from './oidc/provider.ts';
import { openstad } from './openstad/provider.ts';

export interface OauthServersSettings {
  /** Hosts, with port where it is not the scheme's own, that a site's config may name. */
  readonly allowedHosts: readonly string[];
  readonly globalOauthClient: GlobalOauthClient;
  /** For an operation as a whole. */
  readonly timeLimitMs: number;
  readonly log: Log;
  /** Connections per server, 16 unless said otherwise. */
  readonly connections?: number;
  readonly breaker?: BreakerSettings;
  readonly onCircuit?: OnCircuit | undefined;
  /** Makes each call to them, which stands in a span meanwhile. */
  readonly aroundCall?: AroundCall;
}

/** Every OAuth server that sites may name, behind one port: a client's adapter says which language is spoken. */
export const oauthServers = (settings: OauthServersSettings): IdentityProvider & { close(): Promise<void> } => {
  const http = httpClient({ ...settings, connections: settings.connections ?? 16, blames: blamesServer });
  const adapters: Readonly<Record<OauthAdapter, IdentityProvider>> = {
    openstad: openstad(http, settings),
    oidc: oidc(http, settings),
  };
  const of = ({ adapter }: OauthClient): IdentityProvider => adapters[adapter];
  return {
    can: (client, capability) => of(client).can(client, capability),
    credentialsAccepted: (client) => of(client).credentialsAccepted(client),
    find: (client, externalId, clientIds) => of(client).find(client, externalId, clientIds),
    findByEmail: (client, email, clientIds) => of(client).findByEmail(client, email, clientIds),
    isAddressFree: (client, email, externalId) => of(client).isAddressFree(client, email, externalId),
    create: (permit) => of(permit.client).create(permit),
    update: (permit) => of(permit.client).update(permit),
    remove: (permit) => of(permit.client).remove(permit),
    isNeededElsewhere: (client, externalId, ours, leaving) =>
      of(client).isNeededElsewhere(client, externalId, ours, leaving),
    stateIsIn: (client) => of(client).stateIsIn(client),
    authorizationAddress: (client, request) => of(client).authorizationAddress(client, request),
    exchange: (client, answer) => of(client).exchange(client, answer),
    holder: (client, accessToken) => of(client).holder(client, accessToken),
    endedLogin: (client, message) => of(client).endedLogin(client, message),
    logoutAddress: (client, redirectUrl) => of(client).logoutAddress(client, redirectUrl),
    // Asked before anybody knows which server it is about; who cannot be written to refuses no text.
    refusesText: (text) => adapters.openstad.refusesText(text),
    refusesEntry: (key, value) => adapters.openstad.refusesEntry(key, value),
    close: () => http.close(),
  };
};
