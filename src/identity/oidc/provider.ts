import { isJsonObject } from '../../domain/json.ts';
import { isAllowedHost, type OauthClient } from '../../domain/sites/oauth-client.ts';
import type { HttpClient } from '../../platform/http-client.ts';
import {
  oauthUnsupported,
  type IdentityProvider,
  type OauthCapability,
  type EndedLogin,
} from '../../ports/identity-provider.ts';
import { operations, type OperationSettings } from '../oauth-operation.ts';
import { subjectOf } from './claims.ts';
import { clockTolerance } from './code-grant.ts';
import { conversation, type Conversation } from './conversation.ts';
import { discovery, readConfiguration, keyRing } from './discovery.ts';
import { authorizationAddress, exchange, holder, logoutAddress, type Known } from './login.ts';
import { refused } from './code-grant.ts';

/** OpenID Connect knows logins and no administration of people. */
const cannot: readonly OauthCapability[] = [
  ...(['find', 'findByEmail', 'isAddressFree', 'create', 'update', 'remove', 'isNeededElsewhere'] as const),
];

/** Any OpenID Connect server: discovery, code flow with PKCE, ID token, userinfo, back-channel logout. Source: oauth-server.md §2. */
export const oidc = (http: HttpClient, settings: OperationSettings): IdentityProvider => {
  const { allowedHosts, globalOauthClient } = settings;
  const isAllowed = (host: string): boolean => isAllowedHost(host, allowedHosts, globalOauthClient);
  const operation = operations(http, settings, conversation(isAllowed));
  const known: Known = { discover: discovery(), verify: keyRing() };
  const during = <A extends readonly unknown[], T>(
    name: string,
    work: (known: Known, talk: Conversation, client: OauthClient, ...asked: A) => Promise<T>,
  ) => {
    return (client: OauthClient, ...asked: A): Promise<T> =>
      operation(name, client, (talk) => work(known, talk, client, ...asked));
  };
  const never = (capability: OauthCapability) => () => Promise.reject(oauthUnsupported(capability));
  return {
    can: (_client, capability) => !cannot.includes(capability),
    credentialsAccepted: during('credentials-accepted', isThere),
    find: never('find'),
    findByEmail: never('findByEmail'),
    isAddressFree: never('isAddressFree'),
    create: never('create'),
    update: never('update'),
    remove: never('remove'),
    isNeededElsewhere: never('isNeededElsewhere'),
    stateIsIn: () => 'state',
    authorizationAddress: during('authorization-address', authorizationAddress),
    exchange: during('exchange', exchange),
    holder: during('holder', holder),
    endedLogin: during('ended-login', endedLogin),
    logoutAddress: during('logout-address', logoutAddress),
    refusesText: () => null,
    refusesEntry: () => null,
  };
};

/** Only a login tries credentials; that there is such a server is told by its configuration, read anew. */
const isThere = async (_known: Known, talk: Conversation, client: OauthClient): Promise<null> => {
  await readConfiguration(talk, client);
  return null;
};

/** A logout token says that something has just happened: an older one is not waited for. */
const maxAgeSeconds = 600;
const event = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * What a logout token says, once it holds: signed by the server, for us, just now, about a login or a person, and no ID token in
 * disguise. Fault `login-refused`. Source: OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6.
 */
const endedLogin = async (
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
  const name = sid === undefined ? null : nonEmptyText(sid);
  const isOdd = (sub !== undefined && externalId === null) || (sid !== undefined && name === null);
  if (isOdd || (externalId === null && name === null)) throw refused('claims', 'a logout token of nobody');
  return { sid: name, externalId, jti };
};

const nonEmptyText = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
