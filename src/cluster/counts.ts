interface Sum {
  total: number;
  until: number;
}

/** As many sums are kept; beyond it newcomers count by themselves, so that a flood of addresses fills no memory. */
const most = 200_000;
const tidyEveryMs = 30_000;

/** Sums of all workers, kept in the primary: each forgotten `lifeMs` after it was begun, as its window has ended by then. */
export const countsOfAll = (now: () => number = Date.now): ((name: string, by: number, lifeMs: number) => number) => {
  const sums = new Map<string, Sum>();
  let tidiedAt = now();
  const tidy = (): void => {
    if (now() < tidiedAt + tidyEveryMs) return;
    tidiedAt = now();
    for (const [name, { until }] of sums) if (until <= now()) sums.delete(name);
  };
  return (name, by, lifeMs) => {
    tidy();
    const known = sums.get(name);
    if (known === undefined || known.until <= now()) {
      if (known !== undefined || sums.size < most) sums.set(name, { total: by, until: now() + lifeMs });
      return by;
    }
    known.total += by;
    return known.total;
  };
};
