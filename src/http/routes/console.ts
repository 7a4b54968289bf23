import { isFault } from '../../domain/fault.ts';
import { refuse } from '../../domain/refusals.ts';
import type { Actor } from '../../domain/actor.ts';
import { namingRow } from '../../domain/people/sight.ts';
import type { Site } from '../../domain/sites/site.ts';
import { displayName } from '../../domain/users/user-visibility.ts';
import { isAtConsole, type ConsoleActor, type OwnSession, type OwnSessions } from '../../use-cases/sessions/console.ts';
import type { LoginThrough } from '../../use-cases/sessions/commands.ts';
import { keepConsole } from '../auth/console-cookie.ts';
import { beginConsoleLogin, consoleAddress, finishConsoleLogin } from '../login/console-flow.ts';
import { reference } from '../openapi/schema.ts';
import { oauthTrouble } from '../problems.ts';
import { consoleLoginParameters, returnParameters } from '../requests/login-query.ts';
import { nothing } from '../requests/validate.ts';
import { route, type Services } from '../route.ts';
import { nowhere } from '../where.ts';

/** No token opens these, a fixed one neither. */
const byConsole = (actor: Actor): void => {
  atConsole(actor);
};
const atConsole = (actor: Actor): ConsoleActor => (isAtConsole(actor) ? actor : refuse(actor, 'console-needed'));

/** Where the browser is logged out at the OAuth server, and led back to the console; null: nowhere, or it does not say now. */
const logoutAddress = async (
  { useCases }: Pick<Services, 'useCases'>,
  through: LoginThrough | null,
  own: string,
): Promise<string | null> => {
  if (through === null) return null;
  try {
    return await useCases.loginProvider(through).logoutAddress(`${own}/console`);
  } catch (error) {
    // The session has ended here, whatever becomes of it there.
    if (!isFault(error)) throw error;
    return null;
  }
};

/** Who is signed in at the console, as they see themselves. Source: people.md §6. */
const ownSessions = (actor: ConsoleActor, own: OwnSessions): object => {
  const { current, through, rows, moderates, sessions, isPlatformAdmin } = own;
  const [first, ...others] = rows;
  const named = first === undefined ? null : namingRow([first.user, ...others.map(({ user }) => user)], actor);
  const site = rows.find(({ user }) => user.id === named?.id)?.site ?? null;
  return {
    id: current.jti,
    expiresAt: current.expiresAt,
    loginSite: through === null ? null : siteOf(through),
    displayName: named === null || site === null ? null : displayName(named, site.config),
    email: named?.email ?? null,
    platformAdmin: isPlatformAdmin,
    users: rows.map(({ user, site: at, role }) => ({
      id: user.id,
      site: siteOf(at),
      role,
      displayName: displayName(user, at.config),
    })),
    moderates: moderates.map(siteOf),
    sessions: sessions.map((session) => sessionOf(session, current)),
  };
};

const siteOf = ({ id, title }: Site): object => ({ id, title });

const sessionOf = ({ jti, console, site, createdAt, expiresAt }: OwnSession, current: OwnSession): object => ({
  id: jti,
  kind: console === undefined ? 'site' : 'console',
  site: site === null ? null : siteOf(site),
  createdAt,
  expiresAt,
  current: jti === current.jti,
});

const ofConsole = { ofConsole: true, cache: 'no-store', refusesUnknown: true } as const;
const sentOn = { status: 302, headers: ['Location'] } as const;

/** The console's login and sessions. Source: people.md §6, docs/adr/0027. */
export const consoleRoutes = [
  route({
    ...ofConsole,
    method: 'get',
    path: '/oauth/console/login',
    operationId: 'beginConsoleLogin',
    summary: 'Begin a login at the console: sends the browser to the OAuth server',
    group: 'Login',
    who: 'Everybody.',
    needsToken: false,
    guarded: 'login',
    query: consoleLoginParameters,
    where: nowhere,
    handler: beginConsoleLogin,
    forBrowsers: true,
    answer: { ...sentOn, description: 'On to the OAuth server, with a cookie to come back with.' },
    problems: oauthTrouble,
  }),
  route({
    ...ofConsole,
    refusesUnknown: false,
    method: 'get',
    path: '/oauth/console/digest-login',
    operationId: 'finishConsoleLogin',
    summary: 'Where the OAuth server sends the browser back to, for the console',
    group: 'Login',
    who: 'The browser that began the login. Nobody is made: whoever has a row at no site is refused.',
    needsToken: false,
    guarded: 'login',
    query: returnParameters,
    where: nowhere,
    handler: finishConsoleLogin,
    forBrowsers: true,
    answer: { ...sentOn, description: 'On to the console, with its session as a cookie.' },
    problems: ['forbidden', 'login-refused', 'person-being-removed', ...oauthTrouble],
  }),
  route({
    ...ofConsole,
    method: 'post',
    path: '/oauth/console/logout',
    operationId: 'leaveConsole',
    summary: 'End this session at the console',
    group: 'Login',
    who: 'Whoever is signed in at the console.',
    needsToken: true,
    leaving: true,
    query: nothing,
    where: nowhere,
    may: byConsole,
    handler: async (services, { actor, browser }) => {
      const own = await consoleAddress(services, browser);
      keepConsole(services.login, browser, own, null);
      const through = await services.useCases.leaveConsole(atConsole(actor));
      return { status: 200, body: { session: 'ended', next: await logoutAddress(services, through, own) } };
    },
    answer: {
      status: 200,
      description: 'Ended here; `next` is where the browser goes to be logged out at the OAuth server, too.',
      schema: reference('ConsoleLeft'),
    },
    problems: ['forbidden'],
  }),
  route({
    ...ofConsole,
    method: 'get',
    path: '/api/session',
    operationId: 'listSessions',
    summary: 'Who is signed in at the console, what they are at which site, and their sessions',
    group: 'Login',
    who: 'Whoever is signed in at the console; no token.',
    needsToken: true,
    query: nothing,
    where: nowhere,
    may: byConsole,
    handler: async ({ useCases }, { actor }) => {
      const asking = atConsole(actor);
      return { status: 200, body: ownSessions(asking, await useCases.listSessions(asking)) };
    },
    answer: {
      status: 200,
      description:
        'The role is the one that counts now. `moderates`: where one is moderator or above; of a platform admin every site, a thousand at most.',
      schema: reference('OwnSessions'),
    },
    problems: ['forbidden'],
  }),
  route({
    ...ofConsole,
    method: 'delete',
    path: '/api/session/{sessionId}',
    operationId: 'endSession',
    summary: 'End a session of one’s own, at the console or at a site',
    group: 'Login',
    who: 'Whoever is signed in at the console; no token.',
    needsToken: true,
    query: nothing,
    where: ({ sessionId = '' }) => Promise.resolve({ jti: sessionId }),
    may: byConsole,
    handler: async ({ useCases }, { actor, where: { jti } }) => {
      await useCases.endSession({ actor: atConsole(actor), jti });
      return { status: 200, body: { session: 'ended' } };
    },
    answer: { status: 200, description: 'It counts no more.', schema: reference('LoggedOut') },
    problems: ['forbidden', 'not-found'],
  }),
];
