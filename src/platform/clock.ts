/** Has the shape of the port `Clock` (src/ports/clock.ts), which platform may not know. */
interface SystemClock {
  now(): Date;
  within<T>(promise: Promise<T>, ms: number): Promise<T | undefined>;
  spread(): number;
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
};
