import type { Clock } from '../ports/clock.ts';
import { askerNow } from '../platform/asker.ts';
import { turns, type Turns } from '../platform/turns.ts';
import type { Database } from './database.ts';
import { takeLease, type HeldLease } from './lease-row.ts';

/** Beside the one that is at work and the one that is next. Twenty writes of one caller at once are a promise: user-api.md §3 "Update". */
const maxOfCaller = 20;
const maxOfSite = 100;

/** Who in this process wants one lease. */
interface Line {
  /** One of them is next, and only that one asks the database. */
  readonly next: Turns;
  /** Who of this process holds it, and until when at most; the database need not be asked before. */
  holder: { until: number } | null;
  /** Tells who is next that it is free. */
  wake: () => void;
  /** How many are in here, the holder among them. */
  members: number;
}
interface Terms {
  readonly name: string;
  readonly lifeMs: number;
  readonly timeoutMs: number;
}
export type InLine = <T>(terms: Terms, work: (lease: HeldLease | null) => Promise<T>) => Promise<T>;

/**
 * Runs work with a lease, or null where it stays taken. In this process those who want the same wait in turn (by site, then by
 * caller), in memory. Rejects with NoTurn where too many of them wait already. Source: docs/reference/neighbours.md.
 */
export const leaseLines = (database: Database, clock: Pick<Clock, 'now' | 'spread'>): InLine => {
  const lines = new Map<string, Line>();

  const take = async (line: Line, terms: Terms): Promise<HeldLease | null> => {
    const begun = performance.now();
    const giveTurnBack = await line.next.take(askerNow(), terms.timeoutMs);
    try {
      const lease = await takeLease(database, clock, {
        ...terms,
        timeoutMs: terms.timeoutMs - (performance.now() - begun),
        isHeldHere: () => line.holder !== null && line.holder.until > clock.now().getTime(),
        pause: (ms) => untilFree(line, ms),
      });
      return lease === null ? null : heldIn(line, lease, () => clock.now().getTime() + terms.lifeMs);
    } finally {
      giveTurnBack();
    }
  };

  return async (terms, work) => {
    const line = lines.get(terms.name) ?? newLine();
    lines.set(terms.name, line);
    line.members += 1;
    try {
      return await work(await take(line, terms));
    } finally {
      line.members -= 1;
      if (line.members === 0) lines.delete(terms.name);
    }
  };
};

const newLine = (): Line => ({
  next: turns({ places: 1, maxOfCaller, maxOfSite }),
  holder: null,
  wake: () => undefined,
  members: 0,
});

/** Until it is given back, or for so long: it may run out, and another process may hold it. */
const untilFree = (line: Line, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    line.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });

/** The line knows of it until it is given back. Where it is not, as a write may still be under way, until it has run out. */
const heldIn = (line: Line, lease: HeldLease, end: () => number): HeldLease => {
  const holder = { until: end() };
  line.holder = holder;
  return {
    renew: async () => {
      const until = end();
      const isHeld = await lease.renew();
      if (isHeld) holder.until = until;
      return isHeld;
    },
    release: async () => {
      try {
        await lease.release();
      } finally {
        if (line.holder === holder) line.holder = null;
        line.wake();
      }
    },
  };
};
