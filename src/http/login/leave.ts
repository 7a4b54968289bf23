import type { Answer } from '../answer.ts';
import type { LogoutParameters } from '../requests/login-query.ts';
import type { HandlerInput, Services } from '../route.ts';
import type { AtSite } from '../where.ts';
import { redirectTarget, withoutToken } from './redirect-target.ts';
import { seeOther } from './see-other.ts';

/**
 * Ends the session whose token the browser carries, and sends it on to be logged out at the OAuth server. A browser that is led
 * here sends no header along, so the token may stand in the address: it is worth nothing afterwards. Source: oauth-server.md §4.
 */
export const leave = async (
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
