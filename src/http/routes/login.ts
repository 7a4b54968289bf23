import type { Actor } from '../../domain/actor.ts';
import type { FoundMe } from '../../use-cases/sessions/commands.ts';
import { type Answer, route, type HandlerInput, type Services } from '../route.ts';
import { finishLogin } from '../login/finish.ts';
import { loginCookies } from '../login/login-cookies.ts';
import { derivedSecrets, sealState } from '../login/login-state.ts';
import { loginUrl, ownAddress, redirectUriOf } from '../login/own-address.ts';
import { redirectTarget, withoutToken, targetOf } from '../login/redirect-target.ts';
import { seeOther } from '../login/see-other.ts';
import { authorize } from '../login/strategy.ts';
import { reference } from '../openapi/described.ts';
import { userText } from '../presenters/user-text.ts';
import { isTrue, nothing } from '../requests/validate.ts';
import {
  loginParameters,
  logoutParameters,
  returnParameters,
  type LogoutParameters,
  type LoginParameters,
} from '../requests/login-query.ts';
import { atNamedSite, nowhere, type AtSite } from '../where.ts';
import { oauthTrouble } from '../problems.ts';

/** Sends the browser to the OAuth server, and leaves it a cookie to come back with. Source: oauth-server.md §4. */
const beginLogin = async (
  services: Services,
  { where: { site }, query, browser }: HandlerInput<AtSite, LoginParameters>,
): Promise<Answer> => {
  const {
    useCases,
    login: { secrets },
  } = services;
  if (query.redirectUrl !== undefined) redirectTarget(query.redirectUrl, site);
  const provider = query.useOauth ?? 'default';
  const own = await ownAddress(services, browser, site);
  const loginProvider = useCases.loginProvider({ site, provider });
  const redirectUrl = query.redirectUrl ?? null;
  targetOf(redirectUrl, loginProvider, site, own);
  if (isTrue(query.forceNewLogin)) {
    const again = await loginProvider.logoutAddress(loginUrl(own, site, query));
    if (again !== null) return seeOther(again);
  }
  const nonce = secrets.newToken();
  const state = sealState(secrets, { siteId: site.id, provider, redirectUrl, nonce });
  const redirectUri = redirectUriOf(own, site, state, loginProvider.stateIsIn);
  const authorizationUrl = await loginProvider.authorizationAddress({
    ...derivedSecrets(secrets, { nonce }),
    state,
    redirectUri,
    privileged: isTrue(query.loginPriviliged),
  });
  const flow = { loginProvider, state, authorizationUrl, redirectUri };
  const onward = await authorize({ ...flow, exchange: neverYet, arrive: neverYet }, {});
  if (onward.kind !== 'sent') throw new Error('a login that has not begun cannot arrive');
  loginCookies(browser, own).keep(nonce);
  return seeOther(onward.address);
};

const neverYet = (): Promise<never> => Promise.reject(new Error('a login that has not begun has nothing to exchange'));

/**
 * Ends the session whose token the browser carries, and sends it on to be logged out at the OAuth server. A browser that is led
 * here sends no header along, so the token may stand in the address: it is worth nothing afterwards. Source: oauth-server.md §4.
 */
const leave = async (
  { useCases, login: { readToken } }: Services,
  { actor, where: { site }, query }: HandlerInput<AtSite, LogoutParameters>,
): Promise<Answer> => {
  const given = query.redirectUrl === undefined ? null : redirectTarget(query.redirectUrl, site);
  const named = query.jwt === undefined ? null : await readToken(query.jwt);
  const provider = query.useOauth ?? named?.client ?? actor.provider;
  const { logoutAddress, afterLogin } = useCases.loginProvider({ site, provider });
  const target =
    given ??
    (afterLogin === null || !/^https?:/i.test(afterLogin) ? null : withoutToken(redirectTarget(afterLogin, site)));
  // Before the OAuth server may have to be asked for its address: while that is away, the session ends all the same.
  if (named !== null) await useCases.logOut({ userId: named.userId, jti: named.jti ?? null });
  if (actor.userId !== null) await useCases.logOut({ userId: actor.userId, jti: actor.jti });
  const address = (await logoutAddress(target ?? '')) ?? target;
  if (address !== null) return seeOther(address);
  return { status: 200, text: { type: 'text/plain', content: 'You are logged out.\n' } };
};

/** Oneself, by the same table as in any other answer; nobody, as OpenStad's clients know it. Source: oauth-server.md §4. */
const meAnswer = (actor: Actor, found: FoundMe | null): Answer => ({
  status: 200,
  json:
    found === null ? JSON.stringify({ externalUserId: null, extraData: {} }) : userText(actor, found.user, found.site),
});

const at = '/oauth/site/{siteId}';
const sentOn = { status: 302, headers: ['Location'] } as const;

const me = {
  method: 'get',
  group: 'Login',
  needsToken: false,
  keepsSignedIn: true,
  query: nothing,
  cache: 'no-store',
  answer: {
    status: 200,
    description: 'The actor as they see themself, with the role that counts now.',
    schema: reference('Me'),
  },
} as const;

/** Source: oauth-server.md §4. */
export const loginRoutes = [
  route({
    method: 'get',
    path: `${at}/login`,
    operationId: 'beginLogin',
    summary: 'Begin a login: sends the browser to the OAuth server',
    group: 'Login',
    who: 'Everybody.',
    needsToken: false,
    guarded: 'login',
    query: loginParameters,
    where: atNamedSite,
    handler: beginLogin,
    cache: 'no-store',
    forBrowsers: true,
    answer: { ...sentOn, description: 'On to the OAuth server, with a cookie to come back with.' },
    problems: ['site-not-found', ...oauthTrouble],
  }),
  route({
    method: 'get',
    path: `${at}/digest-login`,
    operationId: 'finishLogin',
    summary: 'Where the OAuth server sends the browser back to',
    group: 'Login',
    who: 'The browser that began the login.',
    needsToken: false,
    guarded: 'login',
    query: returnParameters,
    where: atNamedSite,
    handler: finishLogin,
    cache: 'no-store',
    forBrowsers: true,
    answer: { ...sentOn, description: 'On to where the login was to lead, with a session token.' },
    problems: ['site-not-found', 'forbidden', 'login-refused', 'person-being-removed', ...oauthTrouble],
  }),
  route({
    method: 'get',
    path: `${at}/logout`,
    operationId: 'leave',
    summary: 'End a session and log out at the OAuth server, too',
    group: 'Login',
    who: 'Everybody; the session that ends is the one whose token is sent along.',
    needsToken: false,
    leaving: true,
    query: logoutParameters,
    where: atNamedSite,
    handler: leave,
    cache: 'no-store',
    forBrowsers: true,
    answer: { ...sentOn, description: 'On to the OAuth server, and from there to `redirectUrl`.' },
    problems: ['site-not-found', ...oauthTrouble],
  }),
  route({
    method: 'post',
    path: `${at}/logout`,
    operationId: 'logOut',
    summary: 'End a session',
    group: 'Login',
    who: 'Whoever has its token.',
    needsToken: true,
    leaving: true,
    query: nothing,
    where: atNamedSite,
    handler: async ({ useCases }, { actor }) => {
      const ended = actor.userId !== null && (await useCases.logOut({ userId: actor.userId, jti: actor.jti }));
      return { status: 200, body: { session: ended ? 'ended' : 'none' } };
    },
    cache: 'no-store',
    answer: {
      status: 200,
      description: '`none` where the token names no session: a fixed one, or one that an OpenStad API made.',
      schema: reference('LoggedOut'),
    },
    problems: ['site-not-found'],
  }),
  route({
    ...me,
    path: `${at}/me`,
    operationId: 'viewMe',
    summary: 'View oneself',
    who: 'Everybody; visitors, and whoever has no row at this site, are told so by empty fields.',
    where: atNamedSite,
    handler: async ({ useCases }, { actor, where: { site } }) => meAnswer(actor, await useCases.getMe({ actor, site })),
    problems: ['site-not-found'],
  }),
  route({
    ...me,
    path: '/oauth/me',
    operationId: 'viewMeAnywhere',
    summary: 'View oneself, at the site of the token',
    who: 'Everybody; visitors are told so by empty fields.',
    where: nowhere,
    handler: async ({ useCases }, { actor }) => meAnswer(actor, await useCases.getMe({ actor, site: null })),
    problems: [],
  }),
];
