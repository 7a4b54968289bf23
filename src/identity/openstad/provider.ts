import NodeCache from 'node-cache';
import { isInRecord, Fault } from '../../domain/fault.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { usePermit } from '../../domain/permit.ts';
import type { HttpClient } from '../../platform/http-client.ts';
import {
  oauthUnsupported,
  type IdentityProvider,
  type LoggedIn,
  type LoginAnswer,
  type LoginRequest,
} from '../../ports/identity-provider.ts';
import { OddAnswer, operations, type OperationSettings, aboutPerson } from '../oauth-operation.ts';
import { conversation, type Conversation, assertWell, type Answer, successOf } from './conversation.ts';
import { findByEmail, findById, isAddressFree, isNeededElsewhere, roleBook } from './find.ts';
import { refusesEntry, refusesText, holderOf } from './records.ts';
import { create, remove, update } from './write.ts';
import { isJsonObject } from '../../domain/json.ts';
import { profileFields, type Profile } from '../../domain/people/oauth-profile.ts';
import { isUserRole } from '../../domain/actor.ts';

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
    authorizationAddress: (client, request) => Promise.resolve(authorizationAddress(client, request)),
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

/** What OpenStad's own API uses where a site says nothing. Source: oauth-server.md §1. */
const usualPaths = {
  'auth-server-login-path':
    '/dialog/authorize?redirect_uri=[[redirectUrl]]&response_type=code&client_id=[[clientId]]&scope=offline',
  'auth-server-admin-login-path':
    '/auth/admin/login?redirect_uri=[[redirectUrl]]&response_type=code&clientId=[[clientId]]&scope=offline',
  'auth-server-exchange-code-path': '/oauth/token',
  'auth-server-get-user-path': '/api/userinfo?client_id=[[clientId]]',
  'auth-server-logout-path': '/logout?clientId=[[clientId]]&redirectUrl=[[redirectUrl]]',
} as const;

const pathOf = (
  client: OauthClient,
  name: keyof typeof usualPaths,
  { redirectUrl = '', jwt = '' }: { readonly redirectUrl?: string; readonly jwt?: string } = {},
): string => {
  const path = (client.settings[name] ?? usualPaths[name])
    .replaceAll('[[clientId]]', encodeURIComponent(client.clientId))
    .replaceAll('[[redirectUrl]]', encodeURIComponent(redirectUrl))
    .replaceAll('[[jwt]]', encodeURIComponent(jwt));
  return path.startsWith('/') ? path : `/${path}`;
};

/** As browsers reach it. `state` would get lost on the way: it stands in `redirectUri`. */
const authorizationAddress = (client: OauthClient, { redirectUri, privileged }: LoginRequest): string => {
  const name = privileged ? 'auth-server-admin-login-path' : 'auth-server-login-path';
  return browserUrlOf(client) + pathOf(client, name, { redirectUrl: redirectUri });
};

const logoutAddress = (client: OauthClient, redirectUrl: string): string =>
  browserUrlOf(client) + pathOf(client, 'auth-server-logout-path', { redirectUrl });

const browserUrlOf = ({ browserUrl, issuer }: OauthClient): string => browserUrl ?? issuer;

/** Code → token → whose it is. */
const exchange = async (talk: Conversation, client: OauthClient, { address }: LoginAnswer): Promise<LoggedIn> => {
  const code = new URL(address).searchParams.get('code') ?? '';
  if (code === '') throw refusedCode();
  const asked = Date.now();
  const answer = await talk.ask('POST', pathOf(client, 'auth-server-exchange-code-path'), {
    body: { client_id: client.clientId, client_secret: client.clientSecret, code, grant_type: 'authorization_code' },
  });
  if (answer.status === 403 && isJsonObject(answer.json)) throw refusedCode();
  const token = successOf(answer);
  const accessToken = isJsonObject(token) ? token['access_token'] : undefined;
  if (!isJsonObject(token) || typeof accessToken !== 'string' || !isAccessToken(accessToken))
    throw new OddAnswer('a token answer without a token', { status: answer.status, unwell: false });
  const profile = await holder(talk, client, accessToken);
  // Removed between the two questions.
  if (profile === null) throw refused('claims', 'The OAuth server does not vouch for this account any more.');
  const seconds = Number(token['expires_in']);
  // An answer may be as old as the time limit: counting from the question never believes a token too long.
  const accessTokenExpiresAt = seconds > 0 ? new Date(asked + Math.min(seconds, 31_536_000) * 1000) : null;
  return { profile, accessToken, accessTokenExpiresAt, sid: null };
};

/**
 * 401 ends a session. A page of HTML with a 500 is what a text that is no JWT gets, somebody whose unique code was taken away, and
 * every other trouble: where the server is well it is this person's, and opens no breaker.
 */
const holder = async (talk: Conversation, client: OauthClient, accessToken: string): Promise<Profile | null> => {
  const path = pathOf(client, 'auth-server-get-user-path', { jwt: accessToken });
  return aboutPerson(
    () => assertWell(talk),
    async () => {
      const answer = await talk.ask('GET', path, { bearer: accessToken });
      return answer.status === 401 ? null : profileOf(answer, client.clientId);
    },
  );
};

/** Fields that userinfo does not have are not said; an absent role is said, and means none at this client. */
const profileOf = (answer: Answer, clientId: string): Profile => {
  const { id, role, extraData, ...fields } = holderOf(answer);
  return {
    externalId: id,
    ...Object.fromEntries(
      profileFields.flatMap((field) => (fields[field] === undefined ? [] : [[field, fields[field]]])),
    ),
    ...(extraData === undefined ? {} : { extraData }),
    roles: { [clientId]: role === undefined ? null : isUserRole(role) ? role : 'anonymous' },
  };
};

const refused = (reason: 'code' | 'claims', detail: string): Fault<'login-refused'> =>
  new Fault('login-refused', { reason }, detail);
const refusedCode = (): Fault<'login-refused'> =>
  refused('code', 'This login has been used, or took too long: log in again.');

/** What a header can carry (RFC 6750, 2.1), and no longer than one may be: anything else could only fail later, and differently. */
const isAccessToken = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text);
