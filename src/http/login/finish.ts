import { Fault } from '../../domain/fault.ts';
import type { Session } from '../../domain/session.ts';
import type { Answer } from '../answer.ts';
import type { ReturnParameters } from '../requests/login-query.ts';
import type { Asked, House } from '../route.ts';
import type { AtSite } from '../where.ts';
import { pendingLogins, redirectUriOf } from './pending-login.ts';
import { redirectTarget, withToken } from './redirect-target.ts';
import { seeOther } from './see-other.ts';
import { travel } from './strategy.ts';

/**
 * The browser is back: if it is the one that began this login, the code is exchanged, the story told, and the browser sent on
 * with its token. Whatever comes of it, the login is used. Source: oauth-server.md §4.
 */
export const finishLogin = async (
  { stories, login: { secrets, sign } }: House,
  { where: { site }, query, rawQuery, browser }: Asked<AtSite, ReturnParameters>,
): Promise<Answer> => {
  const pending = query.state === undefined ? null : pendingLogins(secrets, browser).take(query.state);
  if (pending?.siteId !== site.id) throw notBegunHere();
  // OpenStad's server says why in words; they are not ours to show.
  if (query.error !== undefined) throw broken('The OAuth server did not let this login through.');
  if (query.code === undefined || query.code === '') throw broken('The OAuth server sent no code along.');
  const { provider, state, back } = pending;
  const isOurs = new URL(back).origin === new URL(pending.returnTo).origin;
  const returnTo = isOurs ? pending.returnTo : redirectTarget(pending.returnTo, site);
  const wayIn = stories.wayIn({ site, provider });
  const redirectUri = redirectUriOf(pending, wayIn.stateTravelsIn);
  const address = `${back}?${new URLSearchParams(rawQuery).toString()}`;
  const arrived = await travel<Session>(
    {
      ...{ wayIn, state, redirectUri, authorizationUrl: wayIn.issuer },
      exchange: () => wayIn.exchange({ ...pending, redirectUri, address }),
      arrive: (loggedIn) => stories.logIn({ site, provider, loggedIn, state }),
    },
    { code: query.code },
  );
  if (arrived.kind !== 'arrived') throw new Error('a login with a code is not sent on');
  return seeOther(withToken(returnTo, await sign(arrived.arrival)));
};

const notBegunHere = (): Fault<'login-refused'> =>
  new Fault(
    'login-refused',
    { reason: 'state' },
    'This login was begun in another browser or too long ago, or has been used: log in again.',
  );
const broken = (detail: string): Fault<'login-refused'> =>
  new Fault('login-refused', { reason: 'code' }, `${detail} Log in again.`);
