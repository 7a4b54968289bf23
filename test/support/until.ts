import { setTimeout as pause } from 'node:timers/promises';

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
