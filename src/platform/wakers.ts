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
