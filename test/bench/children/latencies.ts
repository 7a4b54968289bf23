/** What came of driving: times in milliseconds. */
export interface Driven {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** How many answers were no 2xx, by status; 0: no answer. */
  readonly failures: Readonly<Record<number, number>>;
}

export const summaryOf = (
  latencies: readonly number[],
  seconds: number,
  statuses: ReadonlyMap<number, number>,
): Driven => {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    requests: sorted.length,
    perSecond: seconds > 0 ? sorted.length / seconds : 0,
    p50: at(0.5),
    p99: at(0.99),
    longest: at(1),
    failures: Object.fromEntries([...statuses].filter(([status]) => status < 200 || status > 299)),
  };
};
