import express, { type Request, type Response, type Router } from 'express';
import { atLeast, includes, isPlatformAdmin, isVisitor, roleAt, type Actor } from '../domain/actor.ts';
import { Fault, isFault } from '../domain/fault.ts';
import { askerNow, nameCaller, nameSite, onBehalfOf } from '../platform/turns.ts';
import type { AnswerSize } from './rate-limits/open-answers.ts';
import {
  jsonType,
  littleAnswer,
  writtenIn,
  type Answer,
  type RequestContext,
  type Services,
  type Route,
  type Written,
} from './route.ts';
import type { Authenticate } from './auth/authenticate.ts';
import { keepToSiteOf } from './middleware/cross-origin.ts';
import { browserOf } from './requests/headers.ts';
import type { AuthenticateClient } from './auth/authenticate-client.ts';
import type { EndGuess, Guesser } from './rate-limits/guesses.ts';
import { isBadCredential, type Limits } from './rate-limits/limits.ts';
import { readerOf } from './slow-readers.ts';
import { idOf } from './where.ts';
import { readBody } from './requests/body.ts';
import { sendLarge, type LargeAnswer, type LargeSource } from './send-answer.ts';
import { traceOf, type Trace } from './middleware/request-logger.ts';

/**
 * The routes as an express router: with and without trailing slash, HEAD where there is GET, and for every other method on a
 * known address 405 with `Allow` (204 for OPTIONS). What a row answers is sent here.
 */
export const register = (
  routes: readonly Route[],
  services: Services,
  authenticate: Authenticate,
  authenticateClient: AuthenticateClient,
  limits: Limits,
): Router => {
  const router = express.Router({ caseSensitive: true });
  for (const route of routes) {
    const answer = async (request: Request, response: Response): Promise<void> => {
      const trace = noted(traceOf(request), route, request);
      response.setHeader('Cache-Control', route.cache);
      if (route.forBrowsers === true) response.vary('Accept, Accept-Language');
      let endGuess: EndGuess | undefined;
      // Also when the answer is read: what goes on then belongs to nobody by itself.
      const asker = askerNow();
      const large = largeAnswer((size) => limits.beginAnswer(asker, readerOf(response.socket), size));
      const context = contextOf(
        request,
        response,
        async () => {
          const { siteId = '' } = textsOf(request.params);
          const actor = await authenticate(request, response, route, idOf(siteId));
          if (actor.userId !== null) trace.actorId = actor.userId;
          trace.seesSettings = isPlatformAdmin(actor);
          if (route.ofCallersSite === true && !isVisitor(actor))
            await keepToSiteOf(actor, services.sites, request, response);
          return actor;
        },
        async (needed) => {
          const actor = await authenticateClient(request, response, needed);
          trace.clientId = actor.client.id;
          nameSite(`client ${actor.client.id}`);
          // A key is public by its nature: whoever has it from a page is one visitor of many.
          if (includes(actor.client.scopes, 'authentication')) nameCaller(`client ${actor.client.id}`);
          return actor;
        },
        async (actor) => {
          endGuess = await limits.guess(guesserOf(actor, idOf(textsOf(request.params)['siteId'] ?? '')));
        },
        (work, options) => limits.inTurn(asker, (hasWaited) => work(hasWaited === true || large.hasWaited()), options),
        large.begin,
        () => limits.beginBody(asker),
      );
      const work = counted(
        () => route.handle(services, context),
        (wasTaken) => endGuess?.(wasTaken),
      );
      try {
        const answered = await limited(route, limits, request, response, work);
        const isDone = !['GET', 'HEAD'].includes(request.method) && route.looksOnly !== true;
        await send(response, answered, { large, isDone });
      } finally {
        large.end();
      }
    };
    // By their address, until they are verified, and of no site: nothing is looked up for anybody before they are counted.
    router[route.method](expressPath(route.path), (request, response) =>
      onBehalfOf({ site: '', caller: limits.addressName(request) }, () => answer(request, response)),
    );
  }
  for (const [path, methods] of methodsByPath(routes)) {
    router.all(expressPath(path), limits.unverified, (request, response) => {
      const trace = traceOf(request);
      trace.route = path;
      trace.errors = routes.find((route) => route.path === path)?.errors;
      if (request.method !== 'OPTIONS') throw new Fault('method-not-allowed', { allow: methods });
      response.set('Allow', methods.join(', ')).status(204).end();
    });
  }
  return router;
};

/** The work of a row, with what has to be counted before and after it. */
const limited = async (
  { guarded }: Route,
  limits: Limits,
  request: Request,
  response: Response,
  work: () => Promise<Answer>,
): Promise<Answer> => {
  if (guarded !== undefined) await limits.enter(guarded, request, response);
  try {
    const answer = await work();
    if (answer.wrongSecretOf !== undefined) await limits.failed(request, answer.wrongSecretOf);
    else if (guarded === 'token' && answer.status < 300) await limits.given(request);
    return answer;
  } catch (error) {
    if (isBadCredential(error) || (guarded === 'secret-path' && isFault(error, 'not-found')))
      await limits.failed(request);
    throw error;
  }
};

/** Work that may look an address up for its caller: it tells that somebody has it, or not. */
const counted =
  (work: () => Promise<Answer>, end: (wasTaken: boolean) => Promise<void> | undefined) => async (): Promise<Answer> => {
    let wasTaken = false;
    try {
      return await work();
    } catch (error) {
      wasTaken = saysAddressTaken(error);
      throw error;
    } finally {
      await end(wasTaken);
    }
  };

const saysAddressTaken = (error: unknown): boolean =>
  isFault(error, 'conflict') && error.facts.rule === 'address-taken';

/**
 * By the user who asks, whatever their address and token; and staff by the site of their session, at the console by that of the address.
 * Members are told of no address, and would only stand in the way there.
 */
const guesserOf = (actor: Actor, asked: number | null): Guesser => {
  const { userId, personId, reach } = actor;
  // At the console they act by several rows, and are one.
  const caller = reach.kind === 'rows' ? `person ${personId ?? 'nobody'}` : `actor ${userId ?? 'nobody'}`;
  if (reach.kind === 'everywhere' || isPlatformAdmin(actor)) return { caller, site: null };
  const siteId = reach.kind === 'rows' ? asked : reach.siteId;
  const isStaff = siteId !== null && atLeast(roleAt(actor, siteId), 'moderator');
  return { caller, site: isStaff ? String(siteId) : null };
};

const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

export const methodsByPath = (routes: readonly Route[]): ReadonlyMap<string, readonly string[]> => {
  const methods = new Map<string, readonly string[]>();
  for (const { path, method } of routes) {
    methods.set(path, [...(methods.get(path) ?? []), ...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])]);
  }
  return methods;
};

const contextOf = (
  request: Request,
  response: Response,
  actor: RequestContext['actor'],
  client: RequestContext['client'],
  beginEmailGuess: RequestContext['beginEmailGuess'],
  inTurn: RequestContext['inTurn'],
  beginLarge: RequestContext['beginLarge'],
  beginLargeBody: () => Promise<() => void>,
): RequestContext => ({
  parameters: textsOf(request.params),
  address: request.originalUrl,
  path: request.path,
  header: (name) => request.get(name),
  actor,
  client,
  beginEmailGuess,
  inTurn,
  beginLarge,
  body: (rules) => readBody(request, response, rules, beginLargeBody),
  browser: browserOf(request, response),
  tellsNothing: request.method === 'HEAD',
});

const textsOf = (parameters: Request['params']): RequestContext['parameters'] =>
  Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

/** Ids are noted only where they are ids: anything else in an address may be somebody's. */
const noted = (trace: Trace, route: Route, request: Request): Trace => {
  const { siteId, userId } = textsOf(request.params);
  const [site, user] = [siteId, userId].map((text) => (text === undefined ? null : idOf(text)));
  trace.route = route.path;
  trace.forBrowsers = route.forBrowsers ?? false;
  trace.errors = route.errors;
  if (site !== undefined && site !== null) trace.siteId = site;
  if (user !== undefined && user !== null) trace.userId = user;
  return trace;
};

/** Is taken by whoever knows first that an answer is large, again where it turns out to be larger, and given back when it has ended. */
const largeAnswer = (begin: (size: AnswerSize) => Promise<() => void>): LargeAnswer => {
  let [held, end]: [number, () => void] = [-1, () => undefined];
  let hasWaited = false;
  return {
    hasWaited: () => hasWaited,
    begin: async (size = {}) => {
      const { bytes = 0 } = size;
      if (bytes <= held) return;
      // Nobody waits for more and keeps others from it meanwhile.
      end();
      [held, end] = [-1, () => undefined];
      const others = setImmediate(() => {
        hasWaited = true;
      });
      end = await begin(size).finally(() => {
        clearImmediate(others);
      });
      held = bytes;
    },
    end: () => {
      end();
    },
  };
};

/** What is little leaves with its head as one piece. Faults, before anything is sent: those of `large`. */
const send = async (
  response: Response,
  answer: Answer,
  room: { readonly large: LargeAnswer; readonly isDone: boolean },
): Promise<void> => {
  const written = writtenIn(answer);
  const writeHead = (): void => {
    response.statusCode = answer.status;
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  };
  const source = largeSource(answer, written);
  if (source !== null) {
    await sendLarge(response, source, { ...room, writeHead });
    return;
  }
  writeHead();
  if (written !== null) response.setHeader('Content-Type', written.type);
  response.end(written?.content);
};

/** What is not known to be little. */
const largeSource = (
  { stream, streamType = jsonType, pieces }: Answer,
  written: Written | null,
): LargeSource | null => {
  if (stream !== undefined) return { type: streamType, stream };
  if (pieces !== undefined) return { pieces };
  return written !== null && written.content.length > littleAnswer ? written : null;
};
