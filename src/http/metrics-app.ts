import express, { type Express } from 'express';
import type { Log } from '../ports/log.ts';
import { requestLogger } from './middleware/request-logger.ts';
import { faultAnswer, nothingHere } from './middleware/faults.ts';
import { showMetrics, type Metrics } from './system.ts';

/** What answers at a port of its own, which nobody publishes: `/metrics`, and nothing else. Source: SECURITY.md "Running it". */
export const metricsApp = (metrics: Metrics, log: Log): Express => {
  const app = express();
  app.disable('etag').disable('x-powered-by').enable('case sensitive routing').set('query parser', false);
  app.use(requestLogger(log, undefined));
  showMetrics(app, metrics);
  app.use(nothingHere);
  app.use(faultAnswer(log));
  return app;
};
