import { lasting, together, type Measured } from '../platform/peer-workers.ts';
import type { AsksOfPrimary, Line } from './ipc.ts';

/** How long a teller waits for a sibling that is busy. */
const deliveryMs = 200;
/** Where a worker is busier than that, what it measured last counts. */
const measuringMs = 1_000;

type Workers = ReadonlyMap<number, Line<AsksOfPrimary>>;

/** What the primary does for its workers instead of Redis: passes on what one tells, adds up what they count and measure. */
export interface Hub {
  readonly publish: (from: number, text: string) => Promise<void>;
  readonly count: ReturnType<typeof countsOfAll>;
  readonly measured: () => Promise<readonly Measured[]>;
  /** A worker is gone. */
  readonly left: (number: number) => void;
}

export const hubOf = (workers: () => Workers): Hub => {
  const measured = new Map<number, Measured>();
  /** Of those who are gone: a sum that fell would be taken for a restart, and counted once more. */
  let gone: readonly Measured[] = [];
  return {
    count: countsOfAll(),
    publish: async (from, text) => {
      const others = [...workers()].filter(([number]) => number !== from);
      await Promise.all(others.map(([, line]) => line.ask('deliver', text, deliveryMs).catch(() => undefined)));
    },
    measured: async () => {
      await Promise.all(
        [...workers()].map(async ([number, line]) => {
          const now = await line.ask('measured', null, measuringMs).catch(() => null);
          if (now !== null && workers().get(number) === line) measured.set(number, now);
        }),
      );
      if (gone.length > 1) gone = [await together(gone).getMetricsAsJSON()];
      return [...measured.values(), ...gone];
    },
    left: (number) => {
      gone = [...gone, lasting(measured.get(number) ?? [])];
      measured.delete(number);
    },
  };
};

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
