import type { GlobalOauthClient } from '../domain/oauth-client.ts';
import type { IdentityProvider } from '../ports/identity-provider.ts';
import type { Log } from '../ports/log.ts';
import type { BreakerSettings } from '../platform/http-breakers.ts';
import { httpClient } from '../platform/http-client.ts';
import { blamesServer } from './openstad/odd-answer.ts';
import { operations } from './openstad/operation.ts';
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
}

/** Every OAuth server that sites may name, behind one port. All of them speak the OpenStad dialect as yet. */
export const oauthServers = (settings: OauthServersSettings): IdentityProvider & { close(): Promise<void> } => {
  const http = httpClient({ ...settings, connections: settings.connections ?? 16, blames: blamesServer });
  return { ...openstad(operations(http, settings)), close: () => http.close() };
};
