import { reference } from '../openapi/described.ts';
import { beginLogin } from '../login/begin.ts';
import { finishLogin } from '../login/finish.ts';
import { leave } from '../login/leave.ts';
import { meAnswer } from '../presenters/me.ts';
import { loginParameters, logoutParameters, returnParameters } from '../requests/login-query.ts';
import { nothing } from '../requests/nothing.ts';
import { route } from '../route.ts';
import { atNamedSite, nowhere } from '../where.ts';
import { oauthTrouble } from './oauth-trouble.ts';

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
    problems: ['site-not-found', 'forbidden', 'login-refused', 'busy', 'person-being-removed', ...oauthTrouble],
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
