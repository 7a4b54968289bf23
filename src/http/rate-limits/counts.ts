import type { Request, Response } from 'express';
import { rateLimit, type ClientRateLimitInfo, type Store } from 'express-rate-limit';
import type { SharedCounts } from '../../platform/peer-workers.ts';
import { Fault } from '../../domain/fault.ts';

export interface Hits {
  readonly totalHits: number;
  readonly resetTime: Date;
}
export interface Counts extends Store {
  /** Counts one at once; other instances hear of it a quarter of a second later. */
  increment(key: string): ClientRateLimitInfo;
  /** Counts one (or none), and what other instances counted until now: one round trip to where they share their counts. */
  exactly(key: string, by?: 0 | 1): Promise<Hits>;
  /** Takes back one of the window that ends then, and takes over what all count. */
  giveBack(key: string, resetTime: Date): Promise<void>;
  /** Takes over what all count, be it less than was known here. */
  hear(key: string): Promise<void>;
  /** What is known here. */
  get(key: string): Hits;
}

interface Count {
  hits: number;
  /** Those of `hits` that the others have not been told of. */
  untold: number;
}

/** As many callers are told apart in one window; beyond it newcomers go uncounted, so that a flood of addresses fills no memory. */
const most = 100_000;
const tellEveryMs = 250;
const toldAtOnce = 1000;
/** After it did not answer, nobody waits for what is shared for a moment: it may be hanging, and each would wait as long. */
const leftInPeaceMs = 1000;

/**
 * Counts per key in windows of clock time, the same in all instances. With `shared` (Redis, or the primary of several
 * workers) all add up; while it is away each counts by itself, and nothing waits or fails. `increment` is told behind the requests'
 * back: no request waits for it, at the price of what comes in through several instances in a quarter of a second.
 */
export const countsIn = (
  { name, windowMs }: { readonly name: string; readonly windowMs: number },
  shared?: SharedCounts,
): Counts => {
  let current = windowAt(Date.now(), windowMs);
  let telling: NodeJS.Timeout | undefined;
  let awayUntil = 0;

  const now = (): Window => {
    const at = Date.now();
    if (at >= current.resetTime.getTime()) current = windowAt(at, windowMs);
    return current;
  };
  const countOf = (key: string): Count => {
    const { counts } = now();
    const known = counts.get(key);
    if (known !== undefined) return known;
    const count = { hits: 0, untold: 0 };
    if (counts.size < most) counts.set(key, count);
    return count;
  };

  /** Tells of what was counted here, and takes over what all counted. */
  const add = async (
    together: SharedCounts,
    key: string,
    count: Count,
    by: number,
    mayBeLess = by < 0,
  ): Promise<void> => {
    try {
      const all = await together.add(`${name} ${now().number} ${key}`, by, 2 * windowMs);
      // Only what was taken back makes it less: a place that forgot all does not.
      count.hits = mayBeLess ? all + count.untold : Math.max(count.hits, all + count.untold);
    } catch {
      // It is away, and told later, with what is counted meanwhile.
      awayUntil = Date.now() + leftInPeaceMs;
      count.untold += by;
      tellSoon(shared);
    }
  };
  const tellSoon = (together: SharedCounts | undefined): void => {
    if (together === undefined) return;
    telling ??= setTimeout(
      () => {
        telling = undefined;
        const news = [...now().counts].filter(([, { untold }]) => untold !== 0);
        for (const [key, count] of news.slice(0, toldAtOnce)) {
          const by = count.untold;
          count.untold = 0;
          void add(together, key, count, by);
        }
        if (news.length > toldAtOnce) tellSoon(together);
      },
      Math.max(tellEveryMs, awayUntil - Date.now()),
    ).unref();
  };

  const get = (key: string): Hits => ({
    totalHits: now().counts.get(key)?.hits ?? 0,
    resetTime: now().resetTime,
  });
  return {
    localKeys: shared === undefined,
    get,
    increment: (key) => {
      const count = countOf(key);
      count.hits += 1;
      if (shared !== undefined) {
        count.untold += 1;
        tellSoon(shared);
      }
      return { totalHits: count.hits, resetTime: now().resetTime };
    },
    exactly: async (key, by = 1) => {
      const count = countOf(key);
      count.hits += by;
      if (shared !== undefined && Date.now() >= awayUntil) await add(shared, key, count, by);
      else if (shared !== undefined) {
        count.untold += by;
        tellSoon(shared);
      }
      return { totalHits: count.hits, resetTime: now().resetTime };
    },
    giveBack: async (key, resetTime) => {
      if (now().resetTime.getTime() !== resetTime.getTime()) return;
      const count = countOf(key);
      count.hits -= 1;
      if (shared !== undefined && Date.now() >= awayUntil) {
        await add(shared, key, count, -1);
        // Where what was shared is lost, nobody has more than before.
        count.hits = Math.max(0, count.hits);
      } else if (shared !== undefined) {
        count.untold -= 1;
        tellSoon(shared);
      }
    },
    hear: async (key) => {
      if (shared !== undefined && Date.now() >= awayUntil) await add(shared, key, countOf(key), 0, true);
    },
    decrement: (key) => {
      countOf(key).hits -= 1;
    },
    resetKey: (key) => {
      now().counts.delete(key);
    },
  };
};

interface Window {
  readonly number: number;
  readonly resetTime: Date;
  readonly counts: Map<string, Count>;
}
const windowAt = (at: number, windowMs: number): Window => {
  const number = Math.floor(at / windowMs);
  return { number, resetTime: new Date((number + 1) * windowMs), counts: new Map() };
};

interface BudgetSettings {
  /** As it stands in the headers. */
  readonly name: string;
  /** Hits in one window. */
  readonly limit: number;
  readonly windowMs: number;
  readonly counts: Counts;
}

/** Counts one hit of `key` and tells in the headers what is left. Answers the hits of a caller who asked too often, else null. */
export type Budget = (request: Request, response: Response, key: string) => Promise<Hits | null>;

export const budgetOf = ({ name, limit, windowMs, counts }: BudgetSettings): Budget => {
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
/** What others do is in the way. */
export const busyForNow = (): Fault<'busy'> =>
  new Fault('busy', { retryAfterSeconds: 2 }, 'Others have much at work here just now: try again in a moment.');

const refusal = (retryAfterSeconds: number): Fault<'too-many-requests'> =>
  new Fault('too-many-requests', { retryAfterSeconds }, 'Too many requests: wait as long as Retry-After says.');
