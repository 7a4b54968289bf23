import { isAllowedHost, type OauthClient } from '../../domain/oauth-client.ts';
import type { HttpClient } from '../../platform/http-client.ts';
import { oauthUnsupported, type IdentityProvider, type OauthCapability } from '../../ports/identity-provider.ts';
import { operations, type OperationSettings } from '../operation.ts';
import { conversation, type Conversation } from './conversation.ts';
import { discovery, readConfiguration } from './discovery.ts';
import { keyRing } from './key-ring.ts';
import { authorizationAddress, exchange, holder, logoutAddress, type Known } from './login.ts';
import { endedLogin } from './logout-token.ts';

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
