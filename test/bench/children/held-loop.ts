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
 * A timer that should come each millisecond tells how late it is. Counted is the part in which this process worked: others on
 * the machine make it late, too. That is at most what was not spent in waiting for a processor, and at most the processor time
 * of the process.
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
      let before = { at: performance.now(), waited: waited(), worked: processorTime() };
      timer = setInterval(() => {
        const now = { at: performance.now(), waited: waited(), worked: processorTime() };
        const unhindered = now.at - before.at - (now.waited - before.waited);
        longest = Math.max(longest, Math.min(unhindered, now.worked - before.worked) - 1);
        before = now;
      }, 1);
    },
    longest: () => (timer === null ? null : longest),
  };
};

/** Milliseconds. */
const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
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
