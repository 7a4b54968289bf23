import type { Clock } from '../../../src/ports/platform.ts';

export interface FakeClock extends Clock {
  /** Lets time pass at once. */
  advance(ms: number): void;
}

/** Stands still until it is told; `within` waits in real time, as promises do. */
export const fakeClock = (start = new Date('2024-06-01T10:00:00.000Z')): FakeClock => {
  let now = start.getTime();
  return {
    now: () => new Date(now),
    spread: () => 0.5,
    nextTurn: () => Promise.resolve(),
    advance: (ms) => {
      now += ms;
    },
    within: async (promise, ms) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, ms, undefined);
      });
      try {
        return await Promise.race([promise, late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
};
