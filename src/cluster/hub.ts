import { lasting, together, type Measured } from '../platform/measured.ts';
import type { AsksOfPrimary } from './calls.ts';
import { countsOfAll } from './counts.ts';
import type { Line } from './ipc.ts';

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
