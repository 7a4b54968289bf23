import { Fault } from '../../domain/fault.ts';
import { tooManyForNow } from './budget.ts';

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

/**
 * What may cost much runs a few at a time, so that the rest of the pool, and of the processor, is everybody else's: of one caller one,
 * and of those who wait each caller in turn, so that nobody takes all places, or stands before others with a hundred of their own.
 */
export const concurrencyLimit = ({ places, maxWaiting, timeoutMs }: ConcurrencySettings): TakeTurns => {
  const running = new Set<string>();
  /** By caller, whose turn comes first first. */
  const waiting = new Map<string, readonly (() => void)[]>();
  let waitingInAll = 0;

  const letIn = (): void => {
    if (running.size >= places) return;
    const next = [...waiting].find(([caller]) => !running.has(caller));
    if (next === undefined) return;
    const [caller, [grant, ...others]] = next;
    // Behind everybody who waits, until it is their turn again.
    waiting.delete(caller);
    if (others.length > 0) waiting.set(caller, others);
    running.add(caller);
    waitingInAll -= 1;
    grant?.();
    letIn();
  };

  const leave = (caller: string, grant: () => void): void => {
    const left = (waiting.get(caller) ?? []).filter((other) => other !== grant);
    if (left.length === 0) waiting.delete(caller);
    else waiting.set(caller, left);
    waitingInAll -= 1;
  };

  const turn = (caller: string, patient: boolean): Promise<void> => {
    const queue = waiting.get(caller) ?? [];
    if (!patient && queue.length >= maxWaiting) return Promise.reject(tooManyForNow());
    if (!patient && waitingInAll >= maxWaitingInAll) return Promise.reject(manyAtWork());
    return new Promise((resolve, reject) => {
      const timer = patient
        ? undefined
        : setTimeout(() => {
            leave(caller, grant);
            reject(running.has(caller) ? tooManyForNow() : manyAtWork());
          }, timeoutMs);
      const grant = (): void => {
        clearTimeout(timer);
        resolve();
      };
      waiting.set(caller, [...queue, grant]);
      waitingInAll += 1;
      letIn();
    });
  };

  return async (caller, work, { patient = false } = {}) => {
    await turn(caller, patient);
    try {
      return await work();
    } finally {
      running.delete(caller);
      letIn();
    }
  };
};

const manyAtWork = (): Fault<'busy'> =>
  new Fault('busy', { retryAfterSeconds: 2 }, 'Others are searching just now: try again in a moment.');
