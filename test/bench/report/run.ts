import type { Line } from './lines.ts';
import type { CrowdLine } from './crowd-lines.ts';
import type { GrowthLine } from '../growth/growth-lines.ts';
import type { WorkersLine } from './workers-line.ts';
import type { CitySize } from '../city/shape.ts';

/** Everything that a run saw: what `--json` writes and `--compare` reads. */
export interface Run {
  readonly when: string;
  readonly machine: string;
  readonly node: string;
  readonly ground: string;
  readonly size: CitySize;
  readonly rounds: number;
  readonly seconds: number;
  readonly lines: readonly Line[];
  readonly crowds: readonly CrowdLine[];
  /** Null: not asked for, or it failed. */
  readonly workers: WorkersLine | null;
  readonly growth: readonly GrowthLine[];
  /** What is missing, and why. */
  readonly missing: readonly { readonly name: string; readonly why: string }[];
}
