/** Who dies this soon after its start died of its start, or of what everybody is asked. */
const earlyMs = 10_000;
const leastMs = 100;
const maxMs = 5_000;
const triesEach = 3;

/**
 * How long to wait before a worker that lived so long is replaced, in ms; null: there were too many early deaths in a row, and
 * one more would not help. Source: docs/adr/0015.
 */
export type Replacing = (livedMs: number) => number | null;

export const replacing = (workers: number): Replacing => {
  let early = 0;
  return (livedMs) => {
    early = livedMs < earlyMs ? early + 1 : 0;
    if (early > triesEach * workers) return null;
    return Math.min(leastMs * 2 ** early, maxMs);
  };
};
