import type { Request, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { Fault } from '../../domain/fault.ts';
import type { Counts, Hits } from './counts.ts';

export interface BudgetSettings {
  /** As it stands in the headers. */
  readonly name: string;
  /** Hits in one window; 0: no limit. */
  readonly limit: number;
  readonly windowMs: number;
  readonly counts: Counts;
}

/** Counts one hit of `key` and tells in the headers what is left. Answers the hits of a caller who asked too often, else null. */
export type Budget = (request: Request, response: Response, key: string) => Promise<Hits | null>;

export const budgetOf = ({ name, limit, windowMs, counts }: BudgetSettings): Budget => {
  if (limit === 0) return () => Promise.resolve(null);
  const keys = new WeakMap<object, string>();
  const refused = new WeakSet<object>();
  const middleware = rateLimit({
    windowMs,
    limit,
    identifier: name,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Its checks write to the console; ours are tests.
    validate: false,
    store: counts,
    keyGenerator: (request) => keys.get(request) ?? '',
    handler: (request, _response, next) => {
      refused.add(request);
      next();
    },
  });
  return async (request, response, key) => {
    keys.set(request, key);
    await new Promise<void>((resolve, reject) => {
      void middleware(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('a limit failed'));
      });
    });
    return refused.has(request) ? counts.get(key) : null;
  };
};

/** Told to come back when the window ends. */
export const tooMany = ({ resetTime }: Hits): Fault<'too-many-requests'> =>
  refusal(Math.max(1, Math.ceil((resetTime.getTime() - Date.now()) / 1000)));

/** Too many at once: told to come back as soon as one of them may have ended. */
export const tooManyForNow = (): Fault<'too-many-requests'> => refusal(1);

const refusal = (retryAfterSeconds: number): Fault<'too-many-requests'> =>
  new Fault('too-many-requests', { retryAfterSeconds }, 'Too many requests: wait as long as Retry-After says.');
