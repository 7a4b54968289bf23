import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Log } from '../../ports/log.ts';
import { beginTrace, type Trace } from '../trace.ts';

export interface Observer {
  observe(route: string, method: string, status: number, seconds: number): void;
}

/**
 * What every request gets: an id (the caller's, if it is a sane one), the headers of every answer, and when it is over one line
 * in the log and one observation. The line holds the route's template and ids, never an address, a query or a header.
 * Source: user-api.md §3 "Around it".
 */
export const requestLogger =
  (log: Log, observer: Observer | undefined): RequestHandler =>
  (request, response, next) => {
    const trace = beginTrace(request, saneId(request.get('x-request-id')) ?? randomUUID());
    response.setHeader('X-Request-Id', trace.id);
    response.setHeader('Cache-Control', 'private, no-cache');
    response.setHeader('Vary', 'Authorization, X-Authorization, Origin');
    response.once('close', () => {
      const seconds = (performance.now() - trace.startedAt) / 1000;
      observer?.observe(trace.route, request.method, response.statusCode, seconds);
      log.info(lineOf(trace, request.method, response.statusCode, seconds, response.writableFinished), 'request');
    });
    next();
  };

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
