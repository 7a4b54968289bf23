import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { Tracing } from '../../platform/tracing.ts';
import type { Log } from '../../ports/platform.ts';
import type { ErrorForm } from '../problem-response.ts';

/** Counts answered requests for `/metrics`. */
export interface RequestMetrics {
  observe(route: string, method: string, status: number, seconds: number): void;
}

/**
 * What every request gets: an id (the caller's, if it is a sane one), the headers of every answer, and when it is over one line
 * in the log and one observation; and all the while a span, where somebody traces. The line holds the route's template and ids, never
 * an address, a query or a header. Source: user-api.md §3 "Around it".
 */
export const requestLogger =
  (log: Log, metrics: RequestMetrics | undefined, tracing: Pick<Tracing, 'request'> | null = null): RequestHandler =>
  (request, response, next) => {
    const trace = beginTrace(request, saneId(request.get('x-request-id')) ?? randomUUID());
    response.setHeader('X-Request-Id', trace.id);
    response.setHeader('Cache-Control', 'private, no-cache');
    response.setHeader('Vary', 'Authorization, X-Authorization, Origin');
    const span = tracing === null || isProbe(request) ? null : tracing.request(request);
    const close = (): void => {
      const seconds = (performance.now() - trace.startedAt) / 1000;
      const { statusCode: status } = response;
      metrics?.observe(trace.route, request.method, status, seconds);
      log.info(lineOf(trace, request.method, status, seconds, response.writableFinished), 'request');
      span?.end({ route: trace.route === unknownRoute ? null : trace.route, status, problem: trace.problem });
    };
    response.once('close', () => {
      if (span === null) close();
      else span.inside(close);
    });
    if (span === null) next();
    else span.inside(next);
  };

const unknownRoute = 'unknown';
/** Machines that look every few seconds would be most of all traces. */
const isProbe = ({ url = '' }: IncomingMessage): boolean => /^\/(?:health\/|metrics\b)/.test(url);

const lineOf = (
  trace: Trace,
  method: string,
  status: number,
  seconds: number,
  whole: boolean,
): Readonly<Record<string, unknown>> => {
  const { id: requestId, route, siteId, userId, actorId, clientId, problem } = trace;
  const milliseconds = Math.round(seconds * 1000);
  return {
    requestId,
    method,
    route,
    status,
    milliseconds,
    siteId,
    userId,
    actorId,
    clientId,
    problem,
    ...(whole ? {} : { brokenOff: true }),
  };
};

const saneId = (given: string | undefined): string | null =>
  given !== undefined && /^[\w.:-]{1,64}$/.test(given) ? given : null;

/** What is known of a request while it runs: for its log line, its metrics and its problems. Ids only, never a person. */
export interface Trace {
  readonly id: string;
  readonly startedAt: number;
  /** The route's template; an address that no route knows is not logged, as anything may stand in it. */
  route: string;
  siteId?: number;
  userId?: number;
  actorId?: number;
  /** Whether the actor may hear which OAuth setting has to be put right: platform admins, as it may be another site's. */
  seesSettings?: boolean;
  /** Whether whoever asks may want a page to read. */
  forBrowsers?: boolean;
  clientId?: number;
  /** How the route tells its failures. */
  errors?: ErrorForm | undefined;
  /** The code of the problem that was answered. */
  problem?: string;
}

const traces = new WeakMap<IncomingMessage, Trace>();

const beginTrace = (request: IncomingMessage, id: string): Trace => {
  const trace: Trace = { id, startedAt: performance.now(), route: unknownRoute };
  traces.set(request, trace);
  return trace;
};

/** The trace of a running request; one is begun where the first step never ran. */
export const traceOf = (request: IncomingMessage): Trace => traces.get(request) ?? beginTrace(request, 'untraced');
