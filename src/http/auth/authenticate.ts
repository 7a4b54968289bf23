import type { Request } from 'express';
import { visitor, type Actor } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import type { ActorQuestion, Stories } from '../../users/commands.ts';
import { credentialOf } from './credential.ts';
import { fixedTokenFinder, type FixedToken } from './fixed-tokens.ts';
import { sessionReader, type SessionClaims } from './session-token.ts';

export interface AuthSettings {
  readonly jwtSecret: string;
  readonly acceptLegacyTokens: boolean;
  readonly fixedTokens: readonly FixedToken[];
  readonly freshSeconds: number;
}
export type Authenticate = (request: Request) => Promise<Actor>;

/**
 * Who asks. No credential: a visitor. A bad one, or one whose user is gone: Fault `unauthenticated`, never a visitor.
 * Source: user-api.md §1.
 */
export const authenticator = (settings: AuthSettings, { actorOf }: Pick<Stories, 'actorOf'>): Authenticate => {
  const fixedToken = fixedTokenFinder(settings.fixedTokens);
  const session = sessionReader(settings);
  return async (request) => {
    const credential = credentialOf({
      authorization: request.get('authorization'),
      xAuthorization: request.get('x-authorization'),
    });
    if (credential.kind === 'none') return visitor;
    if (credential.kind === 'malformed') throw invalidToken();
    const question =
      fixedQuestion(fixedToken(credential.token)) ??
      (credential.raw ? null : sessionQuestion(await session(credential.token)));
    const actor = question === null ? null : await actorOf(question);
    if (actor === null) throw invalidToken();
    return actor;
  };
};

const fixedQuestion = (token: FixedToken | null): ActorQuestion | null =>
  token === null ? null : { userId: token.userId, provider: token.client, everywhere: true };

const sessionQuestion = (claims: SessionClaims | null): ActorQuestion | null => {
  if (claims === null) return null;
  const { client, ...named } = claims;
  return { ...named, provider: client, everywhere: false };
};

const invalidToken = (): Fault<'unauthenticated'> =>
  new Fault('unauthenticated', { reason: 'invalid-token' }, 'The token is not valid, or not any more.');
