import { tooMany } from './budget.ts';
import type { Counts } from './counts.ts';

/** Said once it is known whether somebody had the address. */
export type EndGuess = (wasTaken: boolean) => Promise<void>;

/**
 * How many addresses that somebody has one caller may try. Each counts as taken from before it is looked up until it turns out to be
 * free: asking for many at once tells no more than asking one by one. Where only those that are still being looked up stand in the
 * way, the next waits for one of them, so that whoever adds many people in parallel is not refused. Fault `too-many-requests`.
 */
export const guessesOf = (most: number, counts: Counts): ((caller: string) => Promise<EndGuess>) => {
  const underWay = new Map<string, Set<Promise<void>>>();

  const begun = (caller: string): (() => void) => {
    const all = underWay.get(caller) ?? new Set();
    let resolve = (): void => undefined;
    const ended = new Promise<void>((settle) => {
      resolve = settle;
    });
    underWay.set(caller, all.add(ended));
    return () => {
      all.delete(ended);
      if (all.size === 0) underWay.delete(caller);
      resolve();
    };
  };

  return async (caller) => {
    if (most === 0) return () => Promise.resolve();
    for (;;) {
      if (counts.get(caller).totalHits < most) {
        const ended = begun(caller);
        const { totalHits, resetTime } = await counts.exactly(caller);
        if (totalHits <= most)
          return async (wasTaken) => {
            if (!wasTaken) await counts.giveBack(caller, resetTime);
            ended();
          };
        await counts.giveBack(caller, resetTime);
        ended();
      }
      const others = underWay.get(caller);
      if (others === undefined) throw tooMany(counts.get(caller));
      await Promise.race(others);
    }
  };
};
