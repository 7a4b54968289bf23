import { usePermit } from '../../domain/permit.ts';
import type { HttpClient } from '../../platform/http-client.ts';
import { oauthUnsupported, type IdentityProvider } from '../../ports/identity-provider.ts';
import { findByEmail, findById, isAddressFree } from './find.ts';
import { authorizationAddress, exchange, holder, logoutAddress } from './login.ts';
import { isNeededElsewhere } from './needed-elsewhere.ts';
import { oddMemory } from '../odd-memory.ts';
import { operations, type OperationSettings } from '../operation.ts';
import { conversation } from './conversation.ts';
import { credentialsAccepted } from './credentials.ts';
import { roleBook } from './role-book.ts';
import { refusesEntry, refusesText } from './text.ts';
import { create, remove, update } from './write.ts';

/** The OpenStad dialect. Source: oauth-server.md §1, and the recordings. */
export const openstad = (http: HttpClient, settings: OperationSettings): IdentityProvider => {
  const operation = operations(http, settings, conversation);
  const book = roleBook();
  const unlessOdd = oddMemory();
  return {
    credentialsAccepted: (client) => operation('credentials-accepted', client, credentialsAccepted),
    find: (client, externalId, clientIds) =>
      unlessOdd(client, externalId, () =>
        operation('find', client, (talk) => findById(talk, book, externalId, clientIds)),
      ),
    findByEmail: (client, email, clientIds) =>
      operation('find-by-email', client, (talk) => findByEmail(talk, book, email, clientIds)),
    isAddressFree: (client, email, externalId) =>
      operation('is-address-free', client, (talk) => isAddressFree(talk, email, externalId)),
    create: async (permit) => {
      const { client, person } = usePermit(permit);
      return operation('create', client, (talk) => create(talk, person));
    },
    update: async (permit) => {
      const { client, externalId, change } = usePermit(permit);
      return operation('update', client, (talk) => update(talk, book, externalId, change));
    },
    remove: async (permit) => {
      const { client, externalId } = usePermit(permit);
      return operation('remove', client, (talk) => remove(talk, externalId));
    },
    isNeededElsewhere: (client, externalId, ours, leaving) =>
      isNeededElsewhere(operation, book, client, externalId, ours, leaving),
    stateIsIn: () => 'redirect-uri',
    authorizationAddress: (client, wish) => Promise.resolve(authorizationAddress(client, wish)),
    exchange: (client, answer) => operation('exchange', client, (talk) => exchange(talk, client, answer)),
    holder: (client, accessToken) => operation('holder', client, (talk) => holder(talk, client, accessToken)),
    logoutAddress: (client, redirectUrl) => Promise.resolve(logoutAddress(client, redirectUrl)),
    endedLogin: () => Promise.reject(oauthUnsupported('endedLogin')),
    can: (_client, capability) => capability !== 'endedLogin',
    refusesText,
    refusesEntry,
  };
};
