import { setTimeout as pause } from 'node:timers/promises';

/** What comes of work, after which what it needed is closed, well or not. */
export const closedAfter = async <T>(work: Promise<T>, close: () => Promise<unknown>): Promise<T> => {
  try {
    return await work;
  } finally {
    await close();
  }
};

/** Until it is so; fails after `timeoutMs`, naming what was waited for. */
export const until = async (
  what: string,
  isSo: () => Promise<boolean> | boolean,
  timeoutMs = 120_000,
): Promise<void> => {
  const end = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await pause(20);
  }
};
