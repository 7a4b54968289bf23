import { normalisedIssuer, type GlobalOauthClient } from '../domain/sites/oauth-client.ts';
import type { Config } from './config.ts';

/** The global OAuth client that the settings name, or null where none is configured. */
export const globalOauthClientOf = ({ authorization }: Pick<Config, 'authorization'>): GlobalOauthClient => {
  const { serverUrl, internalServerUrl, clientId, clientSecret } = authorization;
  const browserUrl = serverUrl === null ? null : normalisedIssuer(serverUrl);
  const internalUrl = internalServerUrl === null ? browserUrl : normalisedIssuer(internalServerUrl);
  const issuer = authorization.issuer === null ? browserUrl : normalisedIssuer(authorization.issuer);
  if (browserUrl === null || issuer === null || internalUrl === null) return null;
  if (clientId === null || clientSecret === null) return null;
  const client = { issuer, internalUrl, clientId, clientSecret, adapter: 'openstad', settings: {} } as const;
  return browserUrl === issuer ? client : { ...client, browserUrl };
};
