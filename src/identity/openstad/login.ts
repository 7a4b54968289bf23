import { Fault } from '../../domain/fault.ts';
import { isJsonObject } from '../../domain/json.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { profileFields, type Profile } from '../../domain/people/oauth-profile.ts';
import { isUserRole } from '../../domain/actor.ts';
import type { LoggedIn, LoginAnswer, LoginWish } from '../../ports/identity-provider.ts';
import { OddAnswer } from '../odd-answer.ts';
import { aboutPerson } from '../odd-record.ts';
import type { Answer, Conversation } from './conversation.ts';
import { assertWell, successOf } from './quirks.ts';
import { holderOf } from './replies.ts';

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
export const authorizationAddress = (client: OauthClient, { redirectUri, privileged }: LoginWish): string => {
  const name = privileged ? 'auth-server-admin-login-path' : 'auth-server-login-path';
  return browserUrlOf(client) + pathOf(client, name, { redirectUrl: redirectUri });
};

export const logoutAddress = (client: OauthClient, redirectUrl: string): string =>
  browserUrlOf(client) + pathOf(client, 'auth-server-logout-path', { redirectUrl });

const browserUrlOf = ({ browserUrl, issuer }: OauthClient): string => browserUrl ?? issuer;

/** Code → token → whose it is. */
export const exchange = async (
  talk: Conversation,
  client: OauthClient,
  { address }: LoginAnswer,
): Promise<LoggedIn> => {
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
export const holder = async (talk: Conversation, client: OauthClient, accessToken: string): Promise<Profile | null> => {
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
