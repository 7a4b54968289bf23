import { setTimeout as pause } from 'node:timers/promises';
import { tooMany, tooManyForNow, type Counts } from './counts.ts';

/** Said once it is known whether somebody had the address. */
export type EndGuess = (wasTaken: boolean) => Promise<void>;

export interface GuessCounts {
  /** Those that were taken, and all that are still being looked up. */
  readonly begun: Counts;
  /** Those that were taken: they are so for the rest of the window. */
  readonly taken: Counts;
}

/** How long one waits for what other instances are looking up: nobody here knows whether they still are. */
const timeoutMs = 2000;
const lookAgainMs = 100;

/**
 * How many addresses that somebody has one caller may try. Each counts as taken from before it is looked up until it turns out to be
 * free: asking for many at once tells no more than asking one by one. Where only those that are still being looked up stand in the
 * way, the next waits for one of them, so that whoever adds many people in parallel is not refused; where they are other instances',
 * for a moment, and is told to come back at once. Only those that were taken refuse until the window ends. Fault `too-many-requests`.
 */
export const guessesOf = (most: number, { begun, taken }: GuessCounts): ((caller: string) => Promise<EndGuess>) => {
  const underWay = new Map<string, Set<Promise<void>>>();
  const looks = new Map<string, Promise<void>>();

  const begin = (caller: string): (() => void) => {
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

  const tryToBegin = async (caller: string): Promise<EndGuess | null> => {
    if (begun.get(caller).totalHits >= most) return null;
    const ended = begin(caller);
    const { totalHits, resetTime } = await begun.exactly(caller);
    if (totalHits > most) {
      await begun.giveBack(caller, resetTime);
      ended();
      return null;
    }
    return async (wasTaken) => {
      if (!wasTaken) await begun.giveBack(caller, resetTime);
      // What began in an earlier window is none of this one's.
      else if (taken.get(caller).resetTime.getTime() === resetTime.getTime()) await taken.exactly(caller);
      ended();
    };
  };

  /** What other instances have ended meanwhile: however many wait here for one caller, they look once. */
  const lookAgain = (caller: string): Promise<void> => {
    const look = async (): Promise<void> => {
      await pause(lookAgainMs);
      looks.delete(caller);
      await begun.hear(caller);
    };
    const looking = looks.get(caller) ?? look();
    looks.set(caller, looking);
    return looking;
  };

  return async (caller) => {
    if (most === 0) return () => Promise.resolve();
    const end = Date.now() + timeoutMs;
    for (;;) {
      if (taken.get(caller).totalHits >= most) throw tooMany(taken.get(caller));
      const guess = await tryToBegin(caller);
      if (guess !== null) return guess;
      const known = await taken.exactly(caller, 0);
      if (known.totalHits >= most) throw tooMany(known);
      const ours = underWay.get(caller);
      // Ours surely end.
      if (ours === undefined && Date.now() >= end) throw tooManyForNow();
      await Promise.race([...(ours ?? []), lookAgain(caller)]);
    }
  };
};
