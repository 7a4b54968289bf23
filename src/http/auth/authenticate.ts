import { hash, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { jwtVerify, SignJWT, type JWTPayload } from 'jose';
import NodeCache from 'node-cache';
import { atLeast, isAboveMember, isPlatformAdmin, roleAt, visitor, type Actor } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import type { Session } from '../../domain/session.ts';
import { nameCaller, nameSite } from '../../platform/turns.ts';
import type { ActorQuestion } from '../../use-cases/commands.ts';
import type { UseCases } from '../../use-cases/index.ts';
import type { Limits } from '../rate-limits/limits.ts';
import { credentialOf } from '../requests/headers.ts';
import { notValid, type ReadConsole } from './console-cookie.ts';

export interface AuthSettings {
  readonly jwtSecret: string;
  /** Tokens without `jti`, as an OpenStad API beside us makes them. */
  readonly acceptLegacyTokens: boolean;
  readonly fixedTokens: readonly FixedToken[];
  /** How long a verified token is believed without looking again. */
  readonly freshSeconds: number;
}
/** `row`: what the table of routes says of the call. `siteId`: which site its address names by its id. */
export type Authenticate = (
  request: Request,
  response: Response,
  row: {
    readonly leaving?: boolean;
    readonly keepsSignedIn?: boolean;
    readonly path: string;
    readonly ofConsole?: boolean;
  },
  siteId: number | null,
) => Promise<Actor>;

/**
 * Who asks. No credential: a visitor. A bad one, or one whose user is gone: Fault `unauthenticated`, never a visitor.
 * Faults: `unauthenticated`, `too-many-requests`. Source: user-api.md §1.
 */
export const authenticator = (
  settings: Pick<AuthSettings, 'fixedTokens'>,
  session: ReadSessionToken,
  readConsole: ReadConsole | null,
  { actorOf }: Pick<UseCases, 'actorOf'>,
  limits: Pick<Limits, 'caller'>,
): Authenticate => {
  const fixedToken = fixedTokenFinder(settings.fixedTokens);
  const people = rememberedPeople();
  const atConsole = readConsole === null ? null : consoleAuthenticator(readConsole, { actorOf }, limits);
  return async (request, response, row, siteId) => {
    const { leaving = false, keepsSignedIn = false } = row;
    const credential = credentialOf({
      authorization: request.get('authorization'),
      xAuthorization: request.get('x-authorization'),
    });
    if (credential.kind === 'none') return (await atConsole?.(request, response, row, siteId)) ?? visitor;
    if (credential.kind === 'malformed') throw invalidToken();
    const question =
      fixedQuestion(fixedToken(credential.token)) ??
      (credential.raw ? null : sessionQuestion(await session(credential.token)));
    if (question === null) throw invalidToken();
    // Counted once the signature is right, and before the database is asked.
    const isProgram = question.reach === 'everywhere';
    const id = `user ${question.userId}`;
    const caller = { id, isProgram, person: isProgram ? null : people.of(question.userId) };
    await limits.caller(request, response, caller, { last: keepsSignedIn });
    nameCaller(id, { servesAll: isProgram });
    const asked = {
      ...question,
      ...(leaving ? { asKnown: true } : {}),
      ...(keepsSignedIn ? { orMember: true } : {}),
    };
    // Whether they still are who they were is asked in their own line, too.
    const actor = await actorOf(asked, (known) => {
      if (isProgram) return;
      nameLine(known);
      people.keep(question.userId, nameOfPerson(known));
    });
    if (actor === null) throw invalidToken();
    return actor;
  };
};

/**
 * Who asks by a session at the console; null: nobody says so. It counts under `/api` and for what is the console's own, as the person's
 * row at the site that is asked about. Faults: `unauthenticated`, `too-many-requests`. Source: docs/adr/0027.
 */
const consoleAuthenticator =
  (readConsole: ReadConsole, { actorOf }: Pick<UseCases, 'actorOf'>, limits: Pick<Limits, 'caller'>) =>
  async (
    request: Request,
    response: Response,
    { path, ofConsole = false, leaving = false }: Parameters<Authenticate>[2],
    siteId: number | null,
  ): Promise<Actor | null> => {
    const shown = path.startsWith('/api/') || ofConsole ? readConsole(request) : null;
    if (shown === null) return null;
    const { jti, personId, isMeant } = shown;
    const person = `person ${personId}`;
    // Counted as any session: once the seal is right, and before the database is asked.
    await limits.caller(request, response, { id: person, isProgram: false });
    nameCaller(person);
    if (!isMeant) throw notValid('Somebody else has logged in beside this page: load it anew.');
    const question = { userId: 0, jti, personId, siteId, provider: '', reach: 'rows' } as const;
    const actor = await actorOf(leaving ? { ...question, asKnown: true } : question, (known) => {
      const isStaff = siteId === null ? isAboveMember(known) : atLeast(roleAt(known, siteId), 'moderator');
      nameCaller(person, { isStaff });
      const line = lineAtConsole(known, siteId, isStaff);
      if (line !== null) nameSite(String(line));
    });
    if (actor === null) throw notValid('The session is not valid, or not any more.');
    return actor;
  };

/**
 * In whose line they stand, whichever site they ask about: their session's. Fixed tokens serve each site, and stand in that of the one
 * they ask about.
 */
const nameLine = (actor: Actor): void => {
  const { reach } = actor;
  if (reach.kind === 'one-site' && reach.siteId !== null) nameSite(String(reach.siteId));
  const person = nameOfPerson(actor);
  if (person !== null) nameCaller(person);
  else nameCaller(`user ${actor.userId}`, { isStaff: isStaff(actor) });
};

/**
 * In whose line somebody at the console stands: of the platform's own site its admins, whatever they ask about, as they may look at a site
 * just because its staff crowds it; else of the site that is asked about, where they belong to it; else of one of their own, where they are
 * staff of the first where they are that. Null: of none.
 */
const lineAtConsole = (actor: Actor, asked: number | null, isStaff: boolean): number | null => {
  const { reach, roleBySite } = actor;
  if (isPlatformAdmin(actor) && reach.kind === 'rows') return reach.platformSiteId;
  if (asked !== null && (isStaff || roleBySite.has(asked))) return asked;
  // Whose row is the last of them is who they act as, or their first row.
  const own = [...roleBySite.keys()].filter((siteId) => !isStaff || atLeast(roleAt(actor, siteId), 'moderator'));
  return own.at(-1) ?? null;
};

/**
 * Whoever logs in at a site has a row more, and is the same person. Staff of a site are its own: what another site does with the
 * session that it was given, or they themselves do there, keeps them from no work. Null: known by their row.
 */
const nameOfPerson = (actor: Actor): string | null =>
  actor.personId === null || isStaff(actor) ? null : `person ${actor.personId}`;
const isStaff = (actor: Actor): boolean =>
  actor.reach.kind === 'one-site' && atLeast(roleAt(actor, actor.reach.siteId), 'moderator');

/** Whose rows were last seen to be whose, so that a person is counted before the database is asked who they are. */
const rememberedPeople = (): {
  readonly of: (userId: number) => string | null;
  readonly keep: (userId: number, person: string | null) => void;
} => {
  const kept = new Map<number, string>();
  return {
    of: (userId) => kept.get(userId) ?? null,
    keep: (userId, person) => {
      if (person === null) {
        kept.delete(userId);
        return;
      }
      if (kept.size >= maxKept && !kept.has(userId)) kept.clear();
      kept.set(userId, person);
    },
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

interface SessionClaims {
  readonly userId: number;
  /** OpenStad's name for the provider: the OAuth settings of the site that the login went through. No management client. */
  readonly client: string;
  /** The session that it names; absent in tokens that an OpenStad API made. */
  readonly jti?: string;
}
export type ReadSessionToken = (token: string) => Promise<SessionClaims | null>;

const maxKept = 10_000;

/**
 * Reads session tokens: HS256 only, in time, with `{userId, client}` of the right shape. Null for everything else.
 * Verified ones are remembered by their hash, never longer than they live. Source: user-api.md §1.
 */
export const sessionReader = (settings: Omit<AuthSettings, 'fixedTokens'>): ReadSessionToken => {
  const secret = new TextEncoder().encode(settings.jwtSecret);
  const verified = new NodeCache({ useClones: false, maxKeys: maxKept, checkperiod: 60 });
  return async (token) => {
    const key = hash('sha256', token, 'base64url');
    const known = verified.get<SessionClaims>(key);
    if (known !== undefined) return known;
    const payload = await payloadOf(token, secret);
    const claims = payload === null ? null : claimsOf(payload, settings.acceptLegacyTokens);
    const seconds = Math.min(settings.freshSeconds, Math.floor((payload?.exp ?? 0) - Date.now() / 1000));
    // A time to live of 0 would mean for ever.
    if (claims !== null && seconds > 0 && verified.getStats().keys < maxKept) verified.set(key, claims, seconds);
    return claims;
  };
};

/** Makes the token of a session, which ends when the session does: `{userId, client, jti, iat, exp}`. Source: user-api.md §1. */
export const sessionSigner = (jwtSecret: string): ((session: Session) => Promise<string>) => {
  const secret = new TextEncoder().encode(jwtSecret);
  return ({ userId, provider, jti, createdAt, expiresAt }) =>
    new SignJWT({ userId, client: provider, jti })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(createdAt)
      .setExpirationTime(expiresAt)
      .sign(secret);
};

const payloadOf = async (token: string, secret: Uint8Array): Promise<JWTPayload | null> => {
  try {
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], requiredClaims: ['exp'] });
    return payload;
  } catch {
    // Expired, forged or no token at all: the same to whoever sent it.
    return null;
  }
};

const claimsOf = (payload: JWTPayload, acceptLegacyTokens: boolean): SessionClaims | null => {
  const { userId, client, jti } = payload;
  if (jti === undefined ? !acceptLegacyTokens : jti === '') return null;
  if (typeof userId !== 'number' || !Number.isSafeInteger(userId) || userId < 1) return null;
  if (typeof client !== 'string' || client === '') return null;
  return { userId, client, ...(jti === undefined ? {} : { jti }) };
};
