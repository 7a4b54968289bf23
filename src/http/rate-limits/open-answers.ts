import type { Fault } from '../../domain/fault.ts';
import { busyForNow, tooManyForNow } from './counts.ts';
import type { Asker } from '../../platform/turns.ts';

/**
 * Waits until an answer may begin, and says how to tell that it has ended. Faults, for who waited in vain: `too-many-requests` where
 * one's own are in the way, `busy` where others' are.
 */
export type BeginAnswer = (asker: Asker) => Promise<() => void>;

const maxOfCaller = 20;
/** Of visitors, and of those who were verified: neither keeps the other from its lists. */
const maxOfSite = 200;
/** As of what an index leads to: visitors behind one address are many, and each is answered soon. */
const maxWaiting = 100;

/**
 * Answers that are read as they are written hold some rows each for as long as nobody takes them, which a site may have filled. So
 * their number is bound from before the first byte until the last. Who reads what they ask for makes room within milliseconds, so
 * the next waits for a moment.
 */
export const openAnswers = (waitMs = 2_000): BeginAnswer => {
  const open = counted();
  const waiting = counted();
  const wakers = new Set<() => void>();
  const wake = (): void => {
    for (const waker of [...wakers]) waker();
  };
  return async ({ site, caller, isVerified = false }) => {
    const keys = { caller: `caller ${caller}`, site: `${isVerified ? 'of' : 'at'} site ${site}` };
    const refusal = (): Fault | null => {
      if (open.of(keys.caller) >= maxOfCaller) return tooManyForNow();
      return open.of(keys.site) >= maxOfSite ? busyForNow() : null;
    };
    const until = performance.now() + waitMs;
    waiting.add(keys.caller, 1);
    try {
      for (let why = refusal(); why !== null; why = refusal()) {
        const leftMs = until - performance.now();
        if (leftMs <= 0 || waiting.of(keys.caller) > maxWaiting) throw why;
        await untilWoken(wakers, leftMs);
      }
    } finally {
      waiting.add(keys.caller, -1);
    }
    for (const key of Object.values(keys)) open.add(key, 1);
    return () => {
      for (const key of Object.values(keys)) open.add(key, -1);
      wake();
    };
  };
};

/** Until somebody wakes all who wait, or the time is over. */
const untilWoken = (wakers: Set<() => void>, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      wakers.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    wakers.add(wake);
  });

interface Counted {
  of(key: string): number;
  add(key: string, count: number): void;
}
const counted = (): Counted => {
  const counts = new Map<string, number>();
  const of = (key: string): number => counts.get(key) ?? 0;
  return {
    of,
    add: (key, count) => {
      const now = of(key) + count;
      if (now > 0) counts.set(key, now);
      else counts.delete(key);
    },
  };
};
