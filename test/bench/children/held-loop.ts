import { closeSync, openSync, readSync } from 'node:fs';

/** Looks how long the event loop stands still. */
export interface HeldLoop {
  /** From here on; costs a timer each millisecond. */
  readonly look: () => void;
  readonly lookAway: () => void;
  /** The longest since `look`, in ms; null where nobody looks. */
  readonly longest: () => number | null;
}

/**
 * A timer that should come each millisecond tells how late it is. What the thread waited for a processor meanwhile, as the
 * kernel counts it, is taken off: another process's work is no hold of ours. The collector's pauses are.
 */
export const heldLoop = (): HeldLoop => {
  const waited = waitedForProcessor();
  let timer: NodeJS.Timeout | null = null;
  let longest = 0;
  const lookAway = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  return {
    lookAway,
    look: () => {
      lookAway();
      longest = 0;
      let cameAt = performance.now();
      let waitedBefore = waited();
      timer = setInterval(() => {
        const now = performance.now();
        const waitedNow = waited();
        longest = Math.max(longest, now - cameAt - 1 - (waitedNow - waitedBefore));
        cameAt = now;
        waitedBefore = waitedNow;
      }, 1);
    },
    longest: () => (timer === null ? null : longest),
  };
};

/** Milliseconds that this thread has spent waiting to run; always 0 on a system that does not tell. Source: proc(5), schedstat. */
const waitedForProcessor = (): (() => number) => {
  const bytes = Buffer.alloc(128);
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r');
    process.once('exit', () => {
      closeSync(file);
    });
    return () => Number(bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)).split(' ')[1]) / 1e6;
  } catch {
    return () => 0;
  }
};
