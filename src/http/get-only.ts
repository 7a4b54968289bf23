import type { RequestHandler, Router } from 'express';
import { Fault } from '../domain/fault.ts';
import { traceOf } from './trace.ts';

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
