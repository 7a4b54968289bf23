import { availableParallelism } from 'node:os';
import type { WorkersRound } from '../workers.ts';
import { median, medianOfKnown } from './numbers.ts';

/** Two workers against one: medians over the rounds. */
export interface WorkersLine {
  readonly onePerSecond: number;
  readonly twoPerSecond: number;
  /** Of the two, round by round, then the median. */
  readonly ratio: number;
  /** Processor time of all processes of the API, a request. */
  readonly oneMicros: number | null;
  readonly twoMicros: number | null;
  /** Of the machine. */
  readonly cores: number;
}

export const workersLineOf = (rounds: readonly WorkersRound[]): WorkersLine => ({
  onePerSecond: median(rounds.map(({ one }) => one.driven.perSecond)),
  twoPerSecond: median(rounds.map(({ two }) => two.driven.perSecond)),
  ratio: median(rounds.map(({ one, two }) => two.driven.perSecond / one.driven.perSecond)),
  oneMicros: medianOfKnown(rounds.map(({ one }) => one.processorMicros)),
  twoMicros: medianOfKnown(rounds.map(({ two }) => two.processorMicros)),
  cores: availableParallelism(),
});
