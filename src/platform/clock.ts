/** Has the shape of the port `Clock` (src/ports/platform.ts), which platform may not know. */
interface SystemClock {
  now(): Date;
  within<T>(promise: Promise<T>, ms: number): Promise<T | undefined>;
  spread(): number;
  nextTurn(): Promise<void>;
}

/** The machine's own clock; container.ts hands it to everybody. */
export const systemClock: SystemClock = {
  now: () => new Date(),
  within: async (promise, ms) => {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        resolve(undefined);
      }, ms);
    });
    try {
      // The race listens to the promise to its end: failing later, it is no unhandled rejection.
      return await Promise.race([promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
  },
  spread: () => Math.random(),
  nextTurn: () => nextTurn(),
};

let last: Promise<void> = Promise.resolve();

/**
 * Resolves in another turn of the event loop, after whatever came meanwhile from sockets. Whoever has much to do waits for it
 * between pieces of about a millisecond. One is let on a turn: ten who do so hold the loop no longer than one.
 */
export const nextTurn = (): Promise<void> => {
  last = last.then(
    () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
  );
  return last;
};

export interface Wakers {
  /** Until somebody wakes all who wait, or for so long at most. */
  readonly pause: (ms: number) => Promise<void>;
  readonly wakeAll: () => void;
}

/** Those who wait for something to change that others do in this process, each no longer than they like. */
export const wakers = (): Wakers => {
  const waiting = new Set<() => void>();
  return {
    pause: (ms) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        waiting.add(wake);
      }),
    wakeAll: () => {
      for (const wake of [...waiting]) wake();
    },
  };
};
