import { isJsonObject } from '../../domain/json.ts';
import type { OauthClient } from '../../domain/oauth-client.ts';
import type { EndedLogin } from '../../ports/identity-provider.ts';
import { subjectOf } from './claims.ts';
import { clockTolerance } from './code-grant.ts';
import type { Conversation } from './conversation.ts';
import type { Known } from './login.ts';
import { refused } from './refused.ts';

/** A logout token says that something has just happened: an older one is not waited for. */
const maxAgeSeconds = 600;
const event = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * What a logout token says, once it holds: signed by the server, for us, just now, about a login or a person, and no ID token in
 * disguise. Fault `login-refused`. Source: OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6.
 */
export const endedLogin = async (
  { discover, verify }: Known,
  talk: Conversation,
  client: OauthClient,
  token: string,
): Promise<EndedLogin> => {
  const { issuer, jwks_uri: jwksUri } = await discover(talk, client);
  const claims = await verify(talk, jwksUri, token, {
    issuer,
    audience: client.clientId,
    clockTolerance,
    requiredClaims: ['iat', 'jti', 'events'],
    maxTokenAge: maxAgeSeconds,
  });
  if (claims === null)
    throw refused('claims', 'a logout token that does not hold, or that no key of the server signed');
  const { sub, sid, jti, events } = claims;
  if (!isJsonObject(events) || !isJsonObject(events[event])) throw refused('claims', 'no logout token');
  if ('nonce' in claims) throw refused('claims', 'a logout token with a nonce');
  if (typeof jti !== 'string' || jti === '') throw refused('claims', 'a logout token without a name');
  const externalId = sub === undefined ? null : subjectOf(sub);
  const name = sid === undefined ? null : textOf(sid);
  const isOdd = (sub !== undefined && externalId === null) || (sid !== undefined && name === null);
  if (isOdd || (externalId === null && name === null)) throw refused('claims', 'a logout token of nobody');
  return { sid: name, externalId, jti };
};

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
