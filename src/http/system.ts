import express, { type Express, type Request, type RequestHandler, type Response, type Router } from 'express';
import { Fault } from '../domain/fault.ts';
import { allProblems, type ProblemCode } from './problems.ts';
import { pageHeaders } from './presenters/page.ts';
import { explanationPage, explanationText } from './presenters/problem-page.ts';
import { languageOf, wantsPage } from './requests/headers.ts';
import { type RequestMetrics, traceOf, requestLogger } from './middleware/request-logger.ts';
import type { Limits } from './rate-limits/limits.ts';
import type { Log } from '../ports/platform.ts';
import { faultAnswer, nothingHere } from './middleware/error-handler.ts';

export interface Readiness {
  readonly database: boolean;
  readonly migrated: boolean;
  /** Required: `ready`. */
  readonly databaseState: 'ready' | 'unreachable' | 'not-in-sync' | 'read-only' | 'not-migrated';
  /** How we know, where it is not: a word of the driver (`ECONNREFUSED`) or of the server (`read_only is ON`). */
  readonly databaseSays: string | null;
  /** Reported, not required: what is cached is answered without them. `unreachable`: one of them, or one that may not be called. */
  readonly oauth: 'reachable' | 'unreachable' | 'unknown';
  /** Each OAuth server that sites use, with what to do where one is not well. */
  readonly oauthServers: readonly object[];
  /** Reported, not required: without it changes reach other instances later. `none`: not configured. */
  readonly redis: 'reachable' | 'unreachable' | 'none';
}
export interface MetricsPage extends RequestMetrics {
  text(): Promise<string>;
  readonly contentType: string;
}

/** What machines around us ask: whether we live, whether we are ready, how it goes; and what a problem means. Source: running.md. */
export const system = (
  health: { ready(): Promise<Readiness> },
  metrics: MetricsPage | undefined,
  { probed, unverified }: Pick<Limits, 'probed' | 'unverified'>,
): Router => {
  const router = express.Router({ caseSensitive: true });
  router.use(['/health', '/metrics'], probed);
  router.use('/problems', unverified);
  getOnly(router, '/health/live', (_request, response) => {
    response.json({ status: 'live' });
  });
  const ready = keptAWhile(() => health.ready());
  getOnly(router, '/health/ready', async (_request, response) => {
    const readiness = await ready();
    const isReady = readiness.databaseState === 'ready';
    if (!isReady) response.set('Retry-After', '5');
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not-ready', ...readiness });
  });
  if (metrics !== undefined) showMetrics(router, metrics);
  getOnly(router, '/problems/:code', async (request, response) => {
    const { code } = request.params;
    if (!isProblem(code)) throw new Fault('not-found', {});
    // Its examples are loaded when somebody asks: not every process is asked.
    const explained = await (await import('./openapi/examples.ts')).explainProblem(code);
    response.vary('Accept, Accept-Language');
    if (wantsPage(request)) {
      const language = languageOf(request);
      response.set(pageHeaders(language)).type('html').send(explanationPage(explained, language));
    } else response.set('Content-Language', 'en').type('text/plain').send(explanationText(explained));
  });
  return router;
};

const isProblem = (code: unknown): code is ProblemCode => typeof code === 'string' && Object.hasOwn(allProblems, code);

/** In Prometheus' text form. */
const showMetrics = (router: Router, metrics: MetricsPage): void => {
  const text = keptAWhile(async () => Buffer.from(await metrics.text()));
  getOnly(router, '/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.contentType).send(await text());
  });
};

const keptMs = 500;

/** A look that hangs, as its connection died, is followed by another. */
const hangsMs = 5_000;

/**
 * What was found half a second ago, or is being found: both ask the database, and are never refused, as whoever watches over the program
 * must hear of it while it is flooded.
 */
const keptAWhile = <T>(find: () => Promise<T>): (() => Promise<T>) => {
  let last: Promise<T> | null = null;
  const forget = (one: Promise<T>): void => {
    if (last === one) last = null;
  };
  return () => {
    if (last !== null) return last;
    const begun = find();
    last = begun;
    const hanging = setTimeout(forget, hangsMs, begun).unref();
    const settled = (): void => {
      clearTimeout(hanging);
      setTimeout(forget, keptMs, begun).unref();
    };
    begun.then(settled, settled);
    return begun;
  };
};

/** An address outside the table that only answers GET and HEAD, and says so. */
export const getOnly = (router: Router, path: string, handler: RequestHandler): void => {
  router
    .route(path)
    .get((request, response, next) => {
      traceOf(request).route = path;
      return handler(request, response, next);
    })
    .all((request) => {
      traceOf(request).route = path;
      throw new Fault('method-not-allowed', { allow: ['GET', 'HEAD'] });
    });
};

/**
 * A file, by its path, or by its name in a folder: whole, whichever part or version is asked for, as a caller's header must be no failure
 * of ours. Who hangs up meanwhile is none either: without a function of ours to hear of it, Express passes over that.
 */
export const sendFile = (request: Request, response: Response, path: string, root?: string): void => {
  for (const name of ['if-match', 'if-unmodified-since']) Reflect.deleteProperty(request.headers, name);
  response.sendFile(path, {
    ...{ acceptRanges: false, cacheControl: false, dotfiles: 'allow' },
    ...(root === undefined ? {} : { root }),
  });
};

/** What answers at a port of its own, which nobody publishes: `/metrics`, and nothing else. Source: SECURITY.md "Running it". */
export const metricsApp = (metrics: MetricsPage, log: Log): Express => {
  const app = express();
  app.disable('etag').disable('x-powered-by').enable('case sensitive routing').set('query parser', false);
  app.use(requestLogger(log, undefined));
  showMetrics(app, metrics);
  app.use(nothingHere);
  app.use(faultAnswer(log));
  return app;
};
