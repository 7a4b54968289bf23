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

/** Who tries addresses: a user, and the site whose staff they are; null: of none, as a fixed token is. */
export interface Guesser {
  readonly caller: string;
  readonly site: string | null;
}
/** How many one caller may try, and all staff of one site together. */
interface MostGuesses {
  readonly ofCaller: number;
  readonly ofSite: number;
}

/**
 * How many addresses that somebody has may be tried by one caller, and by all staff of a site, where whoever is admin makes as many
 * accounts as they like. What one caller may is a part of that, so that no colleague is kept from adding people by one who guesses, and
 * by several until the window ends. Fault `too-many-requests`.
 */
export const guessesOf = (
  { ofCaller, ofSite }: MostGuesses,
  counts: GuessCounts,
): ((guesser: Guesser) => Promise<EndGuess>) => {
  const [byCaller, bySite] = [boundOf(ofCaller, counts), boundOf(ofSite, counts)];
  return async ({ caller, site }) => {
    const endOfCaller = await byCaller(caller);
    if (site === null) return endOfCaller;
    // Who waits here keeps a place of their own only: the site's are kept by who waits for none, so that they surely end.
    const endOfSite = await bySite(`site ${site}`).catch(async (error: unknown) => {
      await endOfCaller(false);
      throw error;
    });
    return async (wasTaken) => {
      await endOfCaller(wasTaken);
      await endOfSite(wasTaken);
    };
  };
};

/**
 * How many addresses that somebody has may be tried under one name. Each counts as taken from before it is looked up until it turns out to be
 * free: asking for many at once tells no more than asking one by one. Where only those that are still being looked up stand in the
 * way, the next waits for one of them, so that whoever adds many people in parallel is not refused; where they are other instances',
 * for a moment, and is told to come back at once. Only those that were taken refuse until the window ends. Fault `too-many-requests`.
 */
const boundOf = (most: number, { begun, taken }: GuessCounts): ((name: string) => Promise<EndGuess>) => {
  const underWay = new Map<string, Set<Promise<void>>>();
  const looks = new Map<string, Promise<void>>();

  const begin = (name: string): (() => void) => {
    const all = underWay.get(name) ?? new Set();
    let resolve = (): void => undefined;
    const ended = new Promise<void>((settle) => {
      resolve = settle;
    });
    underWay.set(name, all.add(ended));
    return () => {
      all.delete(ended);
      if (all.size === 0) underWay.delete(name);
      resolve();
    };
  };

  const tryToBegin = async (name: string): Promise<EndGuess | null> => {
    if (begun.get(name).totalHits >= most) return null;
    const ended = begin(name);
    const { totalHits, resetTime } = await begun.exactly(name);
    if (totalHits > most) {
      await begun.giveBack(name, resetTime);
      ended();
      return null;
    }
    return async (wasTaken) => {
      if (!wasTaken) await begun.giveBack(name, resetTime);
      // What began in an earlier window is none of this one's.
      else if (taken.get(name).resetTime.getTime() === resetTime.getTime()) await taken.exactly(name);
      ended();
    };
  };

  /** What other instances have ended meanwhile: however many wait here under one name, they look once. */
  const lookAgain = (name: string): Promise<void> => {
    const look = async (): Promise<void> => {
      await pause(lookAgainMs);
      looks.delete(name);
      await begun.hear(name);
    };
    const looking = looks.get(name) ?? look();
    looks.set(name, looking);
    return looking;
  };

  return async (name) => {
    if (most === 0) return () => Promise.resolve();
    const end = Date.now() + timeoutMs;
    for (;;) {
      if (taken.get(name).totalHits >= most) throw tooMany(taken.get(name));
      const guess = await tryToBegin(name);
      if (guess !== null) return guess;
      const known = await taken.exactly(name, 0);
      if (known.totalHits >= most) throw tooMany(known);
      const ours = underWay.get(name);
      // Ours surely end.
      if (ours === undefined && Date.now() >= end) throw tooManyForNow();
      await Promise.race([...(ours ?? []), lookAgain(name)]);
    }
  };
};
