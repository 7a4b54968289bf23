import { normalisedIssuer, type GlobalOauthClient } from '../domain/oauth-client.ts';
import type { Config } from './config.ts';

/** The global OAuth client that the settings name, or null where none is configured. */
export const globalOauthClientOf = ({ authorization }: Pick<Config, 'authorization'>): GlobalOauthClient => {
  const { serverUrl, internalServerUrl, clientId, clientSecret } = authorization;
  const issuer = serverUrl === null ? null : normalisedIssuer(serverUrl);
  const internalUrl = internalServerUrl === null ? issuer : normalisedIssuer(internalServerUrl);
  if (issuer === null || internalUrl === null || clientId === null || clientSecret === null) return null;
  return { issuer, internalUrl, clientId, clientSecret, adapter: 'openstad', settings: {} };
};
