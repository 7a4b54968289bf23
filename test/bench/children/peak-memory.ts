import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory (RSS, bytes) since `forgetPeak`, as the kernel counts it: looking costs nothing meanwhile. Elsewhere: the present. */
export const peakOfMemory = (): number => {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // No such file on this system.
  }
  return process.memoryUsage.rss();
};

export const forgetPeak = (): void => {
  try {
    // 5: the peak begins anew at the present. Source: proc(5), clear_refs.
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then the peak is that of the whole life.
  }
};
