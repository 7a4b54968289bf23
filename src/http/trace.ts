import type { IncomingMessage } from 'node:http';
import type { ErrorForm } from './error-forms.ts';

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

export const beginTrace = (request: IncomingMessage, id: string): Trace => {
  const trace: Trace = { id, startedAt: performance.now(), route: 'unknown' };
  traces.set(request, trace);
  return trace;
};

/** The trace of a running request; one is begun where the first step never ran. */
export const traceOf = (request: IncomingMessage): Trace => traces.get(request) ?? beginTrace(request, 'untraced');
