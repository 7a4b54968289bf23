import { Fault } from '../../domain/fault.ts';
import { NoTurn, turns } from '../../platform/turns.ts';
import { tooManyForNow } from './counts.ts';

export interface ConcurrencySettings {
  /** How many works run at a time, in this process. */
  readonly places: number;
  /** How many of one caller may wait. */
  readonly maxWaiting: number;
  readonly timeoutMs: number;
}
export interface TurnOptions {
  /** Waits however long it takes: its caller was let in before. */
  readonly patient?: boolean;
}
/** Runs work when it is its caller's turn. Faults: `too-many-requests` where their own work is in the way, `busy` where it is others'. */
export type TakeTurns = <T>(caller: string, work: () => Promise<T>, options?: TurnOptions) => Promise<T>;

/** Of all callers together: each holds a socket. */
const maxWaitingInAll = 500;
/** Of one caller: lists that are streamed, between two batches. */
const maxPatient = 100;

/**
 * What may cost much runs a few at a time, so that the rest of the pool, and of the processor, is everybody else's: of one caller one,
 * and of those who wait each caller in turn, whatever their sites, so that nobody takes all places.
 */
export const concurrencyLimit = ({ places, maxWaiting, timeoutMs }: ConcurrencySettings): TakeTurns => {
  const { take } = turns({
    places,
    oneOfEach: true,
    maxOfCaller: maxWaiting,
    maxOfSite: maxWaitingInAll,
    maxPatient,
  });
  return async (caller, work, { patient = false } = {}) => {
    const giveBack = await take({ site: '', caller }, patient ? null : timeoutMs).catch(refuse);
    try {
      return await work();
    } finally {
      giveBack();
    }
  };
};

const refuse = (error: unknown): never => {
  if (!(error instanceof NoTurn)) throw error;
  throw error.isOwn
    ? tooManyForNow()
    : new Fault('busy', { retryAfterSeconds: 2 }, 'Others have much at work here just now: try again in a moment.');
};
