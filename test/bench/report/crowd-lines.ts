import type { SeenCrowd } from '../crowded.ts';
import { median } from './numbers.ts';

/** Views at a fixed rate: medians over the rounds, in ms. */
export interface CrowdLine {
  readonly name: string;
  readonly title: string;
  readonly p50Alone: number;
  readonly p99Alone: number;
  readonly p50Beside: number;
  readonly p99Beside: number;
  readonly longestBeside: number;
  readonly moreMegabytes: number;
  readonly longestHold: number;
  readonly neighbourPerSecond: number;
}

export const crowdLineOf = ({ name, title, rounds }: SeenCrowd): CrowdLine => {
  const middle = (read: (round: SeenCrowd['rounds'][number]) => number): number => median(rounds.map(read));
  return {
    name,
    title,
    p50Alone: middle(({ alone }) => alone.p50),
    p99Alone: middle(({ alone }) => alone.p99),
    p50Beside: middle(({ beside }) => beside.p50),
    p99Beside: middle(({ beside }) => beside.p99),
    longestBeside: middle(({ beside }) => beside.longest),
    moreMegabytes: middle(({ moreBytes }) => moreBytes / 1_048_576),
    longestHold: middle(({ longestHold }) => longestHold),
    neighbourPerSecond: middle(({ neighbourPerSecond }) => neighbourPerSecond),
  };
};
