import Joi from 'joi';
import type { Actor } from '../../domain/actor.ts';
import type { FoundMe } from '../../use-cases/sessions/commands.ts';
import { redirectTarget, seeOther, withoutToken } from '../login/login-urls.ts';
import { beginLogin, finishLogin } from '../login/flow.ts';
import { reference } from '../openapi/schema.ts';
import { escaped, pageEnd, pageHead, pageHeaders } from '../presenters/page.ts';
import { quoted, tagOfJson, userText } from '../presenters/user-records.ts';
import { oauthTrouble } from '../problems.ts';
import { loginParameters, logoutParameters, returnParameters, type LogoutParameters } from '../requests/login-query.ts';
import type { Browser, PageLanguage } from '../requests/headers.ts';
import { malformed, nothing } from '../requests/validate.ts';
import { route, type Answer, type HandlerInput, type Services } from '../route.ts';
import { atNamedSite, nowhere, type SiteOfAddress } from '../where.ts';

/**
 * Ends the session whose token the browser carries, and sends it on to be logged out at the OAuth server. A browser that is led
 * here sends no header along, so the token may stand in the address: it is worth nothing afterwards. Source: oauth-server.md §4.
 */
const leave = async (
  { useCases, login: { readToken } }: Services,
  { actor, where: { site }, query, browser }: HandlerInput<SiteOfAddress, LogoutParameters>,
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
  return loggedOut(browser);
};

/** What whoever left is told where nothing says where to go next: a page to browsers, a line to everybody else. */
const loggedOut = ({ wantsPage, language }: Browser): Answer => {
  if (!wantsPage)
    return { status: 200, text: { type: 'text/plain; charset=utf-8', content: `${loggedOutWords.en.title}.\n` } };
  const { title, sentence } = loggedOutWords[language];
  const content = `${pageHead(title, language)}    <p>${escaped(sentence)}</p>\n${pageEnd}`;
  return { status: 200, headers: pageHeaders(language), text: { type: 'text/html; charset=utf-8', content } };
};

const loggedOutWords: Readonly<Record<PageLanguage, { readonly title: string; readonly sentence: string }>> = {
  en: { title: 'You are logged out', sentence: 'You can close this page.' },
  nl: { title: 'U bent uitgelogd', sentence: 'U kunt deze pagina sluiten.' },
};

/**
 * Oneself, by the same table as in any other answer, and with its tag, so that whoever read this may change it; nobody, as OpenStad's
 * clients know it. Source: oauth-server.md §4.
 */
const meAnswer = (actor: Actor, found: FoundMe | null): Answer => {
  if (found === null) return { status: 200, json: JSON.stringify({ externalUserId: null, extraData: {} }) };
  const json = userText(actor, found.user, found.site);
  return { status: 200, headers: { ETag: quoted(tagOfJson(json)) }, json };
};

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
    description: 'The actor as they see themself, with the role that counts now; a visitor has no `ETag`.',
    schema: reference('Me'),
    headers: ['ETag'],
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

const backchannelParameters = Joi.object<{ readonly useOauth?: string }>({
  useOauth: Joi.string()
    .pattern(/^[\w.-]{1,64}$/)
    .messages({ 'string.pattern.base': 'must be the name of OAuth settings' })
    .description("The name of OAuth settings in the site's config; default `default`."),
});
const backchannelForm = Joi.object({
  logout_token: Joi.string().required().description('A JWT, as OpenID Connect Back-Channel Logout 1.0 says.'),
});

/** Where an OpenID Connect server tells that a login has ended. Source: oauth-server.md §2. */
export const backchannelLogoutRoute = route({
  method: 'post',
  path: '/oauth/site/{siteId}/backchannel-logout',
  operationId: 'backchannelLogout',
  summary: 'Be told by an OpenID Connect server that a login has ended',
  group: 'Login',
  who: 'The OAuth server of the site, by what it has signed.',
  needsToken: false,
  query: backchannelParameters,
  requestBody: backchannelForm,
  bodyIs: 'form',
  where: atNamedSite,
  handler: async ({ useCases }, { where: { site }, query, body }) => {
    const { logout_token: message } = body;
    if (typeof message !== 'string') throw malformed('logout_token', 'is needed');
    await useCases.endLogin({ site, provider: query.useOauth ?? 'default', message });
    return { status: 200, body: {} };
  },
  cache: 'no-store',
  answer: { status: 200, description: 'The sessions of that login have ended.', schema: { type: 'object' } },
  problems: ['site-not-found', ...oauthTrouble],
});
