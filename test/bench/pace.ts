import type { CitySize } from './city/shape.ts';
import type { Options } from './options.ts';
import type { Pace } from './rounds.ts';

/** How long things are looked at. */
export interface RunPace extends Pace {
  /** Of views at a fixed rate, alone and beside a neighbour. */
  readonly crowdRounds: number;
  readonly crowdSeconds: number;
  /** Requests of each case, city and round, where growth is measured. */
  readonly growthRequests: number;
}

const whole: RunPace = {
  rounds: 5,
  seconds: 2,
  warmSeconds: 2,
  connections: [1, 20],
  once: 10,
  crowdRounds: 5,
  crowdSeconds: 5,
  growthRequests: 100,
};
const quick: RunPace = {
  rounds: 2,
  seconds: 0.2,
  warmSeconds: 0.2,
  connections: [1, 20],
  once: 5,
  crowdRounds: 1,
  crowdSeconds: 2,
  growthRequests: 20,
};

export const paceOf = ({ quick: isQuick, rounds, seconds }: Options): RunPace => {
  const pace = isQuick ? quick : whole;
  return {
    ...pace,
    rounds: rounds ?? pace.rounds,
    crowdRounds: rounds ?? pace.crowdRounds,
    seconds: seconds ?? pace.seconds,
    warmSeconds: Math.min(pace.warmSeconds, seconds ?? pace.warmSeconds),
  };
};

export const sizeOf = ({ quick: isQuick, users, sites, votes, big, seed }: Options): CitySize => {
  const most = users ?? (isQuick ? 10_000 : 100_000);
  return { users: most, sites, votes: votes ?? most, big: big ?? (isQuick ? 10_000 : 100_000), seed };
};

/** A city of a million is built to see it. */
export const wantsGrowth = ({ growth, growthOnly, users = 0 }: Options): boolean =>
  growth || growthOnly || users > 100_000;
