import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { isFault } from '../../domain/fault.ts';
import type { LimitSettings, SharedCounts } from '../../platform/peer-workers.ts';
import type { Log } from '../../ports/platform.ts';
import { credentialOf, showsConsole } from '../requests/headers.ts';
import { linesOfPerson, type Asker } from '../../platform/turns.ts';
import { concurrencyLimit, type InTurnWork, type TurnOptions } from './concurrency.ts';
import { budgetOf, countsIn, tooMany, type Budget, type Counts, type Hits } from './counts.ts';
import { guessesOf, type EndGuess, type Guesser } from './guesses.ts';
import { openAnswers, type BeginAnswer } from './open-answers.ts';

/**
 * What a route is counted as by address, before anybody is known (`enter`): a step of a login; the giving of tokens; a page whose path
 * is known to whom it was given only (a path that is not there counts as a failure). A limit of who asks stands behind
 * `context.actor()` instead, in route.ts, as `guess` does.
 */
export type Guarded = 'login' | 'token' | 'secret-path';
/** A caller who was verified. */
export interface Caller {
  readonly id: string;
  /** A program: a fixed token, or a client of the management API. */
  readonly isProgram: boolean;
  /** Whose row it is, where it is known: they have other sessions at other sites. */
  readonly person?: string | null;
}
export interface InTurnOptions<T> extends TurnOptions<T> {
  /** Much is held in memory: waits among its like, as it may take longer than lists. */
  readonly holdsMuch?: boolean;
  /** Merges into what may be large: waits among the large bodies, though its own may be small. */
  readonly merges?: boolean;
  /** The line of whoever plans for many people, as that of a site: one such work at a time in each, whoever asks, beside those of callers. */
  readonly inLine?: string;
  /** An index leads to the rows: they cost little, unless a site filled them. What is not cheap costs by how rows are looked for. */
  readonly isCheap?: boolean;
}
/** `last`: by a budget of its own, ten times as large, which nothing else uses up: refused when everything else long is. */
export interface CallOptions {
  readonly last?: boolean;
}
const lastFactor = 10;
/** As many callers' guesses all staff of a site have together. */
const guessersOfSite = 3;

/**
 * Who may ask how often. Verified callers are counted by themselves, all others by their address, before anything is looked up;
 * what failed (bad tokens, wrong secrets, receipts that are not there) by address, more strictly, and never against who is right.
 * Faults everywhere: `too-many-requests`. Source: docs/adr/0013.
 */
export interface Limits {
  /** Counts by address who shows no credential; beyond twice the budget it ends there, without looking anything up. */
  readonly count: RequestHandler;
  /** Refuses who is over the budget: after the site's CORS headers, so that a page can read why. */
  readonly refuse: RequestHandler;
  /** Before what looks at no credential: whoever shows one there is counted by address, too, as nobody ever verifies it. */
  readonly unverified: RequestHandler;
  /**
   * Before what watches over the program is answered, by a budget of its own. It is never refused, as a refusal costs what the answer does
   * and would make a balancer take us out: beyond ten a second of an address each waits for half a second.
   */
  readonly probed: RequestHandler;
  /**
   * Before a token is looked up that only the database can tell right from wrong. An address that failed too often is counted
   * as if it showed none; from all others a right token is never refused.
   */
  readonly lookUp: (request: Request, response: Response) => Promise<void>;
  /** Whether so much that was wrong came from its address that the next is refused. */
  readonly failsOften: (request: Request) => boolean;
  /** Counts a caller who was verified. */
  readonly caller: (request: Request, response: Response, caller: Caller, options?: CallOptions) => Promise<void>;
  /** Before a guarded row does anything. */
  readonly enter: (guarded: Guarded, request: Request, response: Response) => Promise<void>;
  /** A token was given. */
  readonly given: (request: Request) => Promise<void>;
  /** Something was wrong: counted against the address, and the key that it was tried with. */
  readonly failed: (request: Request, key?: string) => Promise<void>;
  /** Before somebody has an address looked up that they do not know to be free: refused after too many that somebody had. */
  readonly guess: (guesser: Guesser) => Promise<EndGuess>;
  /** What whoever asks is called before they are verified. */
  readonly addressName: (request: Request) => string;
  /** What may cost much, when it is the turn of their site, and there of this caller. */
  readonly inTurn: <T>(asker: Asker, work: InTurnWork<T>, options?: InTurnOptions<T>) => Promise<T>;
  /** Before the first byte of an answer that is read as it is written. */
  readonly beginAnswer: BeginAnswer;
  /** Before a large body is parsed and checked; answers how to tell that this is done. */
  readonly beginBody: (asker: Asker) => Promise<() => void>;
}

export interface LimitParts extends LimitTimes {
  readonly settings: LimitSettings;
  readonly log: Pick<Log, 'warn'>;
  /** False: a proxy's word about addresses is not heeded. */
  readonly trustProxy: boolean | number | string;
  readonly shared?: SharedCounts;
  /** How much of what may cost much runs at a time. */
  readonly costlyAtOnce: number;
}
/** Of tests, which wait for no clock. */
export interface LimitTimes {
  /** A minute. */
  readonly windowMs?: number;
  /** Until whoever probes too often is answered: half a second. */
  readonly probePause?: () => Promise<unknown>;
}

export const limitsOf = (parts: LimitParts): Limits => {
  const { settings, log, trustProxy, shared, costlyAtOnce, windowMs = 60_000 } = parts;
  const { probePause = () => pause(probeWaitsMs) } = parts;
  const addressOf = addressReader();
  const counts = (name: string): Counts => countsIn({ name, windowMs }, shared);
  const budget = (name: string, limit: number): Budget =>
    limit === 0 ? unlimited : budgetOf({ name, limit, windowMs, counts: counts(name) });
  const perAddress = budget('address', settings.perAddress);
  const [perUser, perUserLast] = [budget('user', settings.perUser), budget('user-last', lastFactor * settings.perUser)];
  const perToken = budget('token', settings.perToken);
  const perTokenLast = budget('token-last', lastFactor * settings.perToken);
  const [perPerson, perPersonLast] = [counts('person'), counts('person-last')];
  const logins = budget('logins', settings.logins);
  const [given, failures, probes] = [counts('given'), counts('failures'), counts('probes')];
  const takeTurns = concurrencyLimit({ places: costlyAtOnce, oneOfEach: true, maxWaiting: 20, timeoutMs: 2_000 });
  // Visitors behind one address are many, and each is answered soon.
  const takeTurnsOfCheap = concurrencyLimit({ places: 2 * costlyAtOnce, maxWaiting: 100, timeoutMs: 10_000 });
  // They take longer than lists: these are not to wait for them, nor a site's admins for whoever is previewed there.
  const long = { places: costlyAtOnce, oneOfEach: true, timeoutMs: 10_000 };
  const takeTurnsOfMuch = concurrencyLimit({ ...long, maxWaiting: 20 });
  const takeTurnsOfSites = concurrencyLimit({ ...long, maxWaiting: 5 });
  const takeTurnsOfBodies = concurrencyLimit({ ...long, maxWaiting: 20 });
  const maxGuesses = Math.ceil(settings.failures / 10);
  const warn = oncePerProcess(() => {
    log.warn(
      {},
      'requests carry X-Forwarded-For, but TRUST_PROXY is not set: everybody behind the proxy is limited as one address',
    );
  });

  const addressName = (request: Request): string => `address ${addressOf(request)}`;
  const over = new WeakMap<Request, Hits>();
  const counted = new WeakSet<Request>();
  const count: RequestHandler = async (request, response, next) => {
    if (trustProxy === false && request.get('x-forwarded-for') !== undefined) warn();
    if (!isNobody(request)) {
      next();
      return;
    }
    counted.add(request);
    const hits = await perAddress(request, response, addressOf(request));
    if (hits !== null && hits.totalHits > 2 * settings.perAddress) throw tooMany(hits);
    if (hits !== null) over.set(request, hits);
    next();
  };

  const failsOften = (request: Request): boolean =>
    settings.failures > 0 && failures.get(addressOf(request)).totalHits > settings.failures;

  return {
    count,
    refuse: (request, _response, next) => {
      const hits = over.get(request);
      next(hits === undefined ? undefined : tooMany(hits));
    },
    unverified: async (request, response, next) => {
      const hits = counted.has(request) ? null : await perAddress(request, response, addressOf(request));
      counted.add(request);
      next(hits === null ? undefined : tooMany(hits));
    },
    probed: async (request, _response, next) => {
      const isLimited = settings.perAddress > 0 && !isOfThisMachine(request);
      if (isLimited && probes.increment(addressOf(request)).totalHits > probesOfAddress) await probePause();
      next();
    },
    lookUp: async (request, response) => {
      if (!failsOften(request)) return;
      const hits = await perAddress(request, response, addressOf(request));
      if (hits !== null) throw tooMany(hits);
    },
    failsOften,
    caller: async (request, response, { id, isProgram, person = null }, { last = false } = {}) => {
      const [usual, lastOne] = isProgram ? [perToken, perTokenLast] : [perUser, perUserLast];
      const hits = await (last ? lastOne : usual)(request, response, id);
      if (hits !== null) throw tooMany(hits);
      if (person === null) return;
      // Not by the person alone: each site has a session of theirs, and what one does with it must not keep them from another.
      const ofPerson = last ? perPersonLast : perPerson;
      mustBeUnder(linesOfPerson * settings.perUser * (last ? lastFactor : 1), ofPerson, person);
      ofPerson.increment(person);
    },
    enter: async (guarded, request, response) => {
      const address = addressOf(request);
      if (guarded === 'login') {
        const hits = await logins(request, response, address);
        if (hits !== null) throw tooMany(hits);
      }
      if (guarded === 'token') mustBeUnder(settings.tokens, given, address);
      if (guarded === 'secret-path') mustBeUnder(settings.failures, failures, address);
    },
    given: async (request) => {
      if (settings.tokens > 0) await given.exactly(addressOf(request));
    },
    failed: async (request, key) => {
      if (settings.failures === 0) return;
      const byAddress = await failures.exactly(addressOf(request));
      if (byAddress.totalHits > settings.failures) throw tooMany(byAddress);
      // Only then, so that nobody fills the memory with keys that there never were.
      const byKey = key === undefined ? null : await failures.exactly(`key ${key.slice(0, 64)}`);
      if (byKey !== null && byKey.totalHits > maxGuesses) throw tooMany(byKey);
    },
    addressName,
    inTurn: (asker, work, { inLine, holdsMuch = false, merges = false, isCheap = false, ...options } = {}) => {
      if (holdsMuch) return takeTurnsOfMuch(asker, work, options);
      if (merges) return takeTurnsOfBodies(asker, work, options);
      if (inLine === undefined) return (isCheap ? takeTurnsOfCheap : takeTurns)(asker, work, options);
      return takeTurnsOfSites({ site: inLine, caller: inLine }, work, options);
    },
    beginAnswer: openAnswers(),
    beginBody: (asker) =>
      new Promise((begin, refuse) => {
        const untilDone = () =>
          new Promise<void>((done) => {
            begin(done);
          });
        takeTurnsOfBodies(asker, untilDone, { isLarge: () => true }).catch(refuse);
      }),
    guess: guessesOf(
      { ofCaller: maxGuesses, ofSite: guessersOfSite * maxGuesses },
      { begun: counts('guesses'), taken: counts('taken') },
    ),
  };
};

/** In a window. */
const probesOfAddress = 600;
/** Shorter than what whoever probes waits for an answer (a second at Kubernetes). */
const probeWaitsMs = 500;
/** Not what a proxy beside us passes on. */
const isOfThisMachine = (request: Request): boolean =>
  /^(::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? '') && request.get('x-forwarded-for') === undefined;

const unlimited: Budget = () => Promise.resolve(null);

const mustBeUnder = (limit: number, counts: Counts, key: string): void => {
  const hits = counts.get(key);
  if (limit > 0 && hits.totalHits >= limit) throw tooMany(hits);
};

/** Who shows nothing that could be verified later; what is shown where nobody looks at it counts as nothing. */
const isNobody = (request: Request): boolean => {
  // No method asks who a preflight is from.
  if (request.method === 'OPTIONS') return true;
  if (showsSecretInBody.test(request.path)) return true;
  const [authorization, xAuthorization] = [request.get('authorization'), request.get('x-authorization')];
  if (credentialOf({ authorization, xAuthorization }).kind !== 'none') return false;
  if (!request.path.startsWith('/api/v1/')) return !showsConsole(request);
  // As the authenticator of clients reads it: one that is empty shows nothing.
  return credentialOf({ authorization: undefined, xAuthorization: request.get('authentication') }).kind === 'none';
};
const showsSecretInBody = /^\/oauth\/(?!me\/?$)[^/]+\/?$/;

/** Whether a fault says that a credential was bad. */
export const isBadCredential = (error: unknown): boolean =>
  isFault(error, 'unauthenticated') && error.facts.reason === 'invalid-token';

const oncePerProcess = (work: () => void): (() => void) => {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
};

const maxKept = 10_000;

/**
 * Whom an address stands for: itself, or the /56 of an IPv6 address, as one line is given that many. `request.ip` follows
 * TRUST_PROXY. Reading an IPv6 address takes time, so that the last ones are remembered.
 */
const addressReader = (): ((request: Pick<Request, 'ip'>) => string) => {
  const kept = new Map<string, string>();
  return ({ ip = '' }) => {
    const known = kept.get(ip);
    if (known !== undefined) return known;
    // What a proxy passed on may be anything; only addresses are told apart.
    if (isIP(ip) === 0) return 'no address';
    if (kept.size >= maxKept) kept.clear();
    const address = ipKeyGenerator(ip, 56);
    kept.set(ip, address);
    return address;
  };
};
