import { hash, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { visitor, type Actor } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { nameCaller } from '../../platform/asker.ts';
import type { ActorQuestion } from '../../use-cases/commands.ts';
import type { UseCases } from '../../use-cases/index.ts';
import type { Limits } from '../rate-limits/limits.ts';
import type { RouteMetadata } from '../route.ts';
import { credentialOf } from './credential.ts';
import type { ReadSessionToken, SessionClaims } from './session-token.ts';

export interface AuthSettings {
  readonly jwtSecret: string;
  readonly acceptLegacyTokens: boolean;
  readonly fixedTokens: readonly FixedToken[];
  readonly freshSeconds: number;
}
export type Authenticate = (
  request: Request,
  response: Response,
  route: Pick<RouteMetadata, 'leaving' | 'keepsSignedIn'>,
) => Promise<Actor>;

/**
 * Who asks. No credential: a visitor. A bad one, or one whose user is gone: Fault `unauthenticated`, never a visitor.
 * Faults: `unauthenticated`, `too-many-requests`. Source: user-api.md §1.
 */
export const authenticator = (
  settings: Pick<AuthSettings, 'fixedTokens'>,
  session: ReadSessionToken,
  { actorOf }: Pick<UseCases, 'actorOf'>,
  limits: Pick<Limits, 'caller'>,
): Authenticate => {
  const fixedToken = fixedTokenFinder(settings.fixedTokens);
  return async (request, response, { leaving = false, keepsSignedIn = false }) => {
    const credential = credentialOf({
      authorization: request.get('authorization'),
      xAuthorization: request.get('x-authorization'),
    });
    if (credential.kind === 'none') return visitor;
    if (credential.kind === 'malformed') throw invalidToken();
    const question =
      fixedQuestion(fixedToken(credential.token)) ??
      (credential.raw ? null : sessionQuestion(await session(credential.token)));
    if (question === null) throw invalidToken();
    // Counted once the signature is right, and before the database is asked.
    const caller = { id: `user ${question.userId}`, isProgram: question.reach === 'everywhere' };
    await limits.caller(request, response, caller, { last: keepsSignedIn });
    nameCaller(caller.id);
    const actor = await actorOf({
      ...question,
      ...(leaving ? { asKnown: true } : {}),
      ...(keepsSignedIn ? { orMember: true } : {}),
    });
    if (actor === null) throw invalidToken();
    return actor;
  };
};

const fixedQuestion = (token: FixedToken | null): ActorQuestion | null =>
  token === null ? null : { userId: token.userId, provider: token.client, reach: 'everywhere' };

const sessionQuestion = (claims: SessionClaims | null): ActorQuestion | null => {
  if (claims === null) return null;
  const { client, ...named } = claims;
  return { ...named, provider: client, reach: 'one-site' };
};

const invalidToken = (): Fault<'unauthenticated'> =>
  new Fault('unauthenticated', { reason: 'invalid-token' }, 'The token is not valid, or not any more.');

interface FixedToken {
  readonly token: string;
  readonly userId: number;
  /** The name of the OAuth settings in a site's config. */
  readonly client: string;
}

/**
 * Finds a fixed token of the configuration. All are compared, as hashes and in constant time, so that the time an answer takes
 * tells neither how much of a guess was right nor which token it came near to.
 */
const fixedTokenFinder = (tokens: readonly FixedToken[]): ((given: string) => FixedToken | null) => {
  const hashed = tokens.map((token) => ({ token, hash: digest(token.token) }));
  return (given) => {
    const hash = digest(given);
    return hashed.reduce<FixedToken | null>(
      (found, one) => (timingSafeEqual(one.hash, hash) ? one.token : found),
      null,
    );
  };
};

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
