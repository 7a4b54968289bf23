import type { Line } from './lines.ts';
import { shown } from './numbers.ts';
import type { Run } from './run.ts';
import { titled } from './tables.ts';

/** What was promised of the figures, and what was seen of it. `seen` null: this run does not tell, and the line is left out. */
interface Target {
  readonly promise: string;
  readonly seen: (run: Run) => number | null;
  readonly unit: string;
  readonly holds: (seen: number, run: Run) => boolean;
}

const connections = 20;
const at = (run: Run, name: string, conn = connections): Line | undefined =>
  run.lines.find((line) => line.name === name && line.connections === conn);
const ofRows =
  (name: string) =>
  (run: Run): number | null =>
    at(run, name)?.ratios.rows ?? null;
const over =
  (name: string, other: string) =>
  (run: Run): number | null => {
    const [one, two] = [at(run, name)?.perSecond, at(run, other)?.perSecond];
    return one === undefined || two === undefined ? null : one / two;
  };
const atLeast = (least: number) => (seen: number) => seen >= least;
const atMost = (most: number) => (seen: number) => seen <= most;
const growthOf =
  (name: string) =>
  (run: Run): number | null =>
    run.growth.find((line) => line.name === name)?.points.at(-1)?.growth ?? null;
const crowd = (run: Run, name: string) => run.crowds.find((line) => line.name === name);

const targets: readonly Target[] = [
  { promise: 'view, fixed token ≥ 0.4 of Express+mysql2', seen: ofRows('view-fixed'), unit: '', holds: atLeast(0.4) },
  {
    promise: 'view by session token ≥ 0.9 of view by fixed token',
    seen: over('view-session', 'view-fixed'),
    unit: '',
    holds: atLeast(0.9),
  },
  {
    promise: 'list page by cursor ≥ 0.45 of Express+mysql2',
    seen: ofRows('list-cursor'),
    unit: '',
    holds: atLeast(0.45),
  },
  {
    promise: 'list page by number ≥ 0.35 of Express+mysql2',
    seen: ofRows('list-admin'),
    unit: '',
    holds: atLeast(0.35),
  },
  {
    promise: 'the last page by cursor ≥ 0.9 of the first',
    seen: over('list-deep', 'list-cursor'),
    unit: '',
    holds: atLeast(0.9),
  },
  { promise: 'activity, 200 items ≥ 0.4 of Express+mysql2', seen: ofRows('activity'), unit: '', holds: atLeast(0.4) },
  {
    promise: 'will-anonymize, 200 items ≥ 0.4 of Express+mysql2',
    seen: ofRows('will-anonymize'),
    unit: '',
    holds: atLeast(0.4),
  },
  {
    promise: 'do-anonymizeall, 5 × 400 items: statements ≤ 25, beside the actor’s and the sessions’',
    seen: (run) => at(run, 'do-anonymizeall', 1)?.statements ?? null,
    unit: '',
    holds: atMost(27),
  },
  {
    promise: 'do-anonymizeall, 5 × 400 items: median ≤ 40 ms',
    seen: (run) => at(run, 'do-anonymizeall', 1)?.p50 ?? null,
    unit: 'ms',
    holds: atMost(40),
  },
  {
    promise: 'summary of 50,000 votes on 50 sites: median < 150 ms',
    seen: (run) => at(run, 'summary-large', 1)?.p50 ?? null,
    unit: 'ms',
    holds: atMost(150),
  },
  {
    promise: 'do-anonymizeall of them: median < 1.5 s',
    seen: (run) => at(run, 'do-anonymizeall-large', 1)?.p50 ?? null,
    unit: 'ms',
    holds: atMost(1500),
  },
  ...['view', 'list', 'search', 'people', 'activity', 'preview', 'do-anonymize'].map((name) => ({
    promise: `${name} grows by at most 1.3×`,
    seen: growthOf(name),
    unit: '×',
    holds: atMost(1.3),
  })),
  ...['view-while-streaming', 'view-while-previewing'].map((name) => ({
    promise: `${name}: p99 ≤ 10 ms or 3× alone`,
    seen: (run: Run) => crowd(run, name)?.p99Beside ?? null,
    unit: 'ms',
    holds: (seen: number, run: Run) => seen <= Math.max(10, 3 * (crowd(run, name)?.p99Alone ?? 0)),
  })),
  {
    promise: 'two workers ≥ 1.7× one, where two cores are free for them',
    // Fewer cores are those that the load generator and the database use meanwhile: the table tells what was seen.
    seen: ({ workers }) => (workers === null || workers.cores < 4 ? null : workers.ratio),
    unit: '×',
    holds: atLeast(1.7),
  },
  {
    promise: 'list without page: the loop is held at most 3 ms at a time',
    seen: (run) => at(run, 'list-all', 1)?.longestHold ?? null,
    unit: 'ms',
    holds: atMost(3),
  },
  {
    promise: 'view-while-streaming: at most 60 MB above rest',
    seen: (run) => crowd(run, 'view-while-streaming')?.moreMegabytes ?? null,
    unit: 'MB',
    holds: atMost(60),
  },
];

export const targetsTable = (run: Run): string =>
  titled(
    'Promised and seen',
    ['promise', 'seen', 'holds'],
    targets.flatMap(({ promise, seen, unit, holds }) => {
      const value = seen(run);
      return value === null ? [] : [[promise, `${shown(value)} ${unit}`.trim(), holds(value, run) ? 'yes' : 'NO']];
    }),
  );
