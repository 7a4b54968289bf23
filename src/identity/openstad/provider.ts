import NodeCache from 'node-cache';
import { isInRecord } from '../../domain/fault.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { usePermit } from '../../domain/permit.ts';
import type { HttpClient } from '../../platform/http-client.ts';
import { oauthUnsupported, type IdentityProvider } from '../../ports/identity-provider.ts';
import { OddAnswer } from '../odd-answer.ts';
import { operations, type OperationSettings, type Operation } from '../operation.ts';
import { conversation, type Conversation } from './conversation.ts';
import { findByEmail, findById, isAddressFree, personById } from './find.ts';
import { authorizationAddress, exchange, holder, logoutAddress } from './login.ts';
import { assertWell } from './quirks.ts';
import { roleBook, type RoleBook, type RoleTable } from './role-book.ts';
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

/** Asked of the list of roles: small, the same for everybody, and behind the same Basic credentials as all of `/api/admin`. */
const credentialsAccepted = async (talk: Conversation): Promise<boolean> => {
  const { status, json } = await talk.read('/roles');
  if (status === 200 && Array.isArray(json)) return true;
  if (status === 401) return false;
  throw new OddAnswer('the list of roles cannot be read', { status, unwell: status >= 500 });
};

/** Long enough that asking again and again costs no reading of megabytes each time; short enough for who has put it right. */
const keptSeconds = 5;
const maxKept = 10_000;

/** Reads a person, unless it was found a moment ago that their record cannot be read: then it is that Fault again. */
type UnlessOdd = <T>(client: OauthClient, externalId: string, read: () => Promise<T>) => Promise<T>;

const oddMemory = (): UnlessOdd => {
  const odd = new NodeCache({ stdTTL: keptSeconds, useClones: false, checkperiod: 60, maxKeys: maxKept });
  return async (client, externalId, read) => {
    const name = `${client.issuer} ${externalId}`;
    const known = odd.get<Error>(name);
    if (known !== undefined) throw known;
    try {
      return await read();
    } catch (error) {
      if (isInRecord(error) && odd.keys().length < maxKept) odd.set(name, error);
      throw error;
    }
  };
};

/**
 * Whether the person exists beside what we are about to leave: a role at a client that is none of ours, or above member at one of
 * ours that is not left. A client whose secret the server refuses may be another application's: nobody is called unneeded while a
 * role of theirs is there. Never guesses: what the server cannot tell just now is thrown. Source: anonymization.md §3.
 */
const isNeededElsewhere = async (
  operation: Operation<Conversation>,
  book: RoleBook,
  client: OauthClient,
  externalId: string,
  ours: readonly OauthClient[],
  leaving: readonly string[],
): Promise<boolean> => {
  const answer = await operation('is-needed-elsewhere', client, (talk) =>
    saidByRoles(
      talk,
      book,
      externalId,
      ours.map(({ clientId }) => clientId),
      leaving,
    ),
  );
  if (answer === 'needed') return true;
  await Promise.all(
    answer.map(async (clientIds) => {
      const [first, ...others] = ours.filter(({ clientId }) => clientIds.includes(clientId));
      if (first !== undefined) await operation('is-our-client', { ...first, others }, assertWell);
    }),
  );
  return false;
};

/** `needed`, or the clients that have to be ours for it to be otherwise; each by all names that we have for it. */
const saidByRoles = async (
  talk: Conversation,
  book: RoleBook,
  externalId: string,
  ours: readonly string[],
  leaving: readonly string[],
): Promise<'needed' | readonly (readonly string[])[]> => {
  const [person, rows] = await Promise.all([
    personById(talk, externalId, ['id', 'roles']),
    book.clientRows(talk, ours),
  ]);
  if (person === null) return [];
  if (person.roles === undefined) throw unsure('a person without a list of roles', false);
  if (person.roles.length === 0) return [];
  if ([...rows.values()].includes('unsure')) throw unsure('a client of ours that is neither known nor unknown', true);
  const table = await book.roleTable(talk, person.roles);
  const held = person.roles.map(({ clientId: row, roleId }) => ({
    roleId,
    clientIds: [...rows].flatMap(([clientId, its]) => (its === row ? [clientId] : [])),
  }));
  const keeps = ({ roleId, clientIds }: (typeof held)[number]): boolean =>
    clientIds.length === 0 || (isAboveMember(table, roleId) && !clientIds.some((id) => leaving.includes(id)));
  return held.some(keeps) ? 'needed' : held.map(({ clientIds }) => clientIds);
};

/** A role whose name tells us nothing may be a high one: the person stays. */
const isAboveMember = (table: RoleTable, roleId: number): boolean => {
  const name = table.get(roleId);
  return name !== 'member' && name !== 'anonymous';
};

const unsure = (reason: string, unwell: boolean): OddAnswer => new OddAnswer(reason, { status: 500, unwell });
