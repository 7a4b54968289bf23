import { viewsPerSecond } from './cases/crowds.ts';
import type { Child } from './children/child.ts';
import type { Driven } from './children/latencies.ts';
import type { Neighbour } from './children/neighbour.ts';
import { refuse, type Instruments } from './measure.ts';
import { reasonOf } from './reason.ts';
import type { Failed } from './rounds.ts';
import type { ReadyCrowd } from './prepared.ts';
import type { Progress } from './progress.ts';

/** Views alone, and beside a neighbour, in one round. */
export interface CrowdedRound {
  readonly alone: Driven;
  readonly beside: Driven;
  /** How much more memory the process needed at most, in bytes. */
  readonly moreBytes: number;
  /** The longest that the event loop was held beside the neighbour, in ms. */
  readonly longestHold: number;
  /** What the neighbour got meanwhile, a second. */
  readonly neighbourPerSecond: number;
}
export interface SeenCrowd {
  readonly name: string;
  readonly title: string;
  readonly rounds: readonly CrowdedRound[];
}

export const measureCrowds = async (
  instruments: Pick<Instruments, 'load' | 'stage'> & { readonly neighbour: Child<Neighbour> },
  crowds: readonly ReadyCrowd[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  progress: Progress,
): Promise<{ readonly seen: readonly SeenCrowd[]; readonly failed: readonly Failed[] }> => {
  const seen: SeenCrowd[] = [];
  const failed: Failed[] = [];
  for (const [index, crowd] of crowds.entries()) {
    const { name, title } = crowd.it;
    const its: CrowdedRound[] = [];
    try {
      for (let round = 0; round < rounds; round += 1) {
        progress.share(`round ${round + 1} of ${rounds}: ${name}`, index * rounds + round, crowds.length * rounds);
        its.push(await oneRound(instruments, crowd, seconds));
      }
      seen.push({ name, title, rounds: its });
    } catch (error) {
      failed.push({ name, why: reasonOf(error) });
    }
  }
  progress.clear();
  return { seen, failed };
};

const oneRound = async (
  { load, stage, neighbour }: Pick<Instruments, 'load' | 'stage'> & { readonly neighbour: Child<Neighbour> },
  { neighbour: shot, views }: ReadyCrowd,
  seconds: number,
): Promise<CrowdedRound> => {
  const order = { url: stage.url, shots: views, perSecond: viewsPerSecond, seconds };
  await stage.api.ask('begin', { loop: false });
  const alone = await load.ask('steadily', order);
  const { peakBytes: rest } = await stage.api.ask('counters');
  await stage.api.ask('begin', { loop: true });
  const startedAt = performance.now();
  await neighbour.ask('begin', { url: stage.url, shot });
  const beside = await load.ask('steadily', order);
  const { peakBytes, longestHold } = await stage.api.ask('counters');
  const { answers } = await neighbour.ask('end');
  for (const driven of [alone, beside]) refuse('views at a fixed rate', driven);
  const tookSeconds = (performance.now() - startedAt) / 1000;
  return {
    alone,
    beside,
    moreBytes: peakBytes - rest,
    longestHold: longestHold ?? 0,
    neighbourPerSecond: answers / tookSeconds,
  };
};
