import { NoTurn, turns, type Asker } from '../../platform/turns.ts';
import { busyForNow, tooManyForNow } from './counts.ts';

export interface ConcurrencySettings {
  /** How many works run at a time, in this process. */
  readonly places: number;
  /** Of one caller one at a time. */
  readonly oneOfEach?: boolean;
  /** How many of one caller may wait. */
  readonly maxWaiting: number;
  readonly timeoutMs: number;
}
export interface TurnOptions<T> {
  /** Waits however long it takes: its caller was let in before. */
  readonly patient?: boolean;
  /** Whether what came of it is so much that all others go on for a while before the next. Absent: it never is. */
  readonly isLarge?: (result: T) => boolean;
}
/** `hasWaited`: whether others have had their turn of the event loop since it was asked for: what was known before is known no more. */
export type InTurnWork<T> = (hasWaited?: boolean) => Promise<T>;
/** Runs work when it is its caller's turn. Faults: `too-many-requests` where their own work is in the way, `busy` where it is others'. */
export type TakeTurns = <T>(asker: Asker, work: InTurnWork<T>, options?: TurnOptions<T>) => Promise<T>;

/** Of one site together: each holds a socket. What others may have waiting is theirs. */
const maxWaitingOfSite = 250;
/** Of one caller: lists that are streamed, between two batches. */
const maxPatient = 100;
/** After a large read the place stays taken for twice as long as the read took, as it must still be written. */
const restFactor = 2;
const maxRestMs = 200;

/**
 * What may cost much runs a few at a time, so that the rest of the pool, and of the processor, is everybody else's. Of those who wait
 * each site goes in turn, and of a site each caller, so that neither a caller nor a site takes all places.
 */
export const concurrencyLimit = (settings: ConcurrencySettings): TakeTurns => {
  const { places, oneOfEach = false, maxWaiting, timeoutMs } = settings;
  const { take, spare } = turns({
    places,
    ...(oneOfEach ? { ofEach: 1 } : {}),
    maxOfCaller: maxWaiting,
    maxOfSite: maxWaitingOfSite,
    maxPatient,
  });
  return async (asker, work, { patient = false, isLarge } = {}) => {
    const free = spare(asker);
    let hasWaited = false;
    const others = setImmediate(() => {
      hasWaited = true;
    });
    const giveBack = free ?? (await take(asker, patient ? null : timeoutMs).catch(refuse));
    clearImmediate(others);
    const begun = performance.now();
    let restMs = 0;
    try {
      const result = await work(hasWaited);
      if (isLarge?.(result) === true) restMs = Math.min(restFactor * (performance.now() - begun), maxRestMs);
      return result;
    } finally {
      // Not in the same turn of the event loop: a hundred could follow each other, and a connection is taken in each only.
      if (restMs > 0) setTimeout(giveBack, restMs);
      else setImmediate(giveBack);
    }
  };
};

const refuse = (error: unknown): never => {
  if (!(error instanceof NoTurn)) throw error;
  throw error.isOwn ? tooManyForNow() : busyForNow();
};
