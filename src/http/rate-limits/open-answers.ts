import type { Fault } from '../../domain/fault.ts';
import { lineFor, type Asker } from '../../platform/turns.ts';
import { wakers } from '../../platform/wakers.ts';
import { busyForNow, tooManyForNow } from './counts.ts';

/**
 * Waits until an answer may begin, and says how to tell that it has ended. Faults, for who waited in vain: `too-many-requests` where
 * one's own are in the way, `busy` where others' are.
 */
export type BeginAnswer = (asker: Asker) => Promise<() => void>;

/** In this process: each may hold some MB of what a site filled its rows with. */
const maxOpen = 600;
/** Of a program at each site that it serves … */
const maxOfCaller = 20;
/** … and at all of them. */
const maxOfProgram = 100;
/** As of what an index leads to: visitors behind one address are many, and each is answered soon. */
const maxWaiting = 100;

/**
 * Answers that are read as they are written hold some rows each for as long as nobody takes them, which a site may have filled. So
 * their number is bound from before the first byte until the last. Who reads what they ask for makes room within milliseconds, so
 * the next waits for a moment. A site's visitors, its people and its programs (each a line) take no more than half of what is left by
 * all: 200 where nobody else has any. However many sites are in one hand, something is left for the next.
 */
export const openAnswers = (waitMs = 2_000): BeginAnswer => {
  const [open, waiting] = [counted(), counted()];
  let inAll = 0;
  const { pause, wakeAll } = wakers();
  return async (asker) => {
    const line = lineFor(asker);
    const own = ownBounds(asker, line);
    const mostOwn = own[0].key;
    const refusal = (): Fault | null => {
      if (own.some(({ key, most }) => open.of(key) >= most)) return tooManyForNow();
      return 2 * open.of(line) >= maxOpen - inAll ? busyForNow() : null;
    };
    const until = performance.now() + waitMs;
    waiting.add(mostOwn, 1);
    try {
      for (let why = refusal(); why !== null; why = refusal()) {
        const leftMs = until - performance.now();
        if (leftMs <= 0 || waiting.of(mostOwn) > maxWaiting) throw why;
        await pause(leftMs);
      }
    } finally {
      waiting.add(mostOwn, -1);
    }
    const count = (by: 1 | -1): void => {
      inAll += by;
      for (const key of [line, ...own.map((one) => one.key)]) open.add(key, by);
    };
    count(1);
    return () => {
      count(-1);
      wakeAll();
    };
  };
};

interface Bound {
  readonly key: string;
  readonly most: number;
}
const ownBounds = ({ caller, servesAll = false }: Asker, line: string): readonly [Bound, ...Bound[]] =>
  servesAll
    ? [
        { key: `${caller} ${line}`, most: maxOfCaller },
        { key: `program ${caller}`, most: maxOfProgram },
      ]
    : [{ key: `caller ${caller}`, most: maxOfCaller }];

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
