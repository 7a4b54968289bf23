import { drawingOf } from './growth/drawing.ts';
import { lineOf } from './report/lines.ts';
import { median, shown } from './report/numbers.ts';
import { targetsTable } from './report/targets.ts';
import { tablesOf } from './report/tables.ts';
import type { Run } from './report/run.ts';
import type { Measured, Target } from './measure.ts';
import { treeOf } from './profile/frames.ts';
import { flameOf } from './profile/flame.ts';
import { hottestOf } from './profile/hottest.ts';

const measured = (target: Target, perSecond: number): Measured => ({
  target,
  driven: { requests: 100, perSecond, p50: 1, p99: 2, longest: 3, failures: {} },
  apiMicros: target === 'api' ? 500 : null,
  databaseMicros: null,
  peakBytes: 1_048_576 * 90,
  longestHold: null,
});
const view = lineOf({
  name: 'view-fixed',
  title: 'view, fixed token',
  connections: 20,
  statements: 2,
  // The machine was half as fast in the second round.
  rounds: [
    [measured('api', 800), measured('express', 4000), measured('rows', 1600)],
    [measured('api', 400), measured('express', 2000), measured('rows', 800)],
    [measured('api', 820), measured('express', 4100), measured('rows', 1620)],
  ],
});
const run: Run = {
  when: '2026-01-01T00:00:00.000Z',
  machine: 'a machine',
  node: 'v20',
  ground: 'a database',
  size: { users: 1000, sites: 10, big: 0, votes: 0, seed: 1 },
  rounds: 3,
  seconds: 1,
  lines: [view],
  crowds: [],
  workers: { onePerSecond: 1000, twoPerSecond: 1300, ratio: 1.3, oneMicros: 500, twoMicros: 510, cores: 2 },
  growth: [
    {
      name: 'view',
      title: 'view',
      points: [
        { usersAtSite: 10, users: 100, milliseconds: 1, growth: 1 },
        { usersAtSite: 100, users: 1000, milliseconds: 2, growth: 2 },
      ],
    },
  ],
  missing: [{ name: 'search', why: 'not there yet' }],
};

test('a median is the middle one, and the mean of two', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  expect([shown(null), shown(NaN), shown(1234.5), shown(0.456)]).toEqual(['–', '–', '1,235', '0.46']);
});

test('a ratio is taken within a round, so that a slow moment of the machine does not show in it', () => {
  expect(view.ratios).toEqual({ http: null, express: 0.2, rows: 0.5 });
  expect([view.perSecond, view.apiMicros, view.databaseMicros, view.peakMegabytes]).toEqual([800, 500, null, 90]);
});

test('the report says what was promised, what was seen, and what is missing', () => {
  const promised = targetsTable(run);
  expect(promised).toMatch(/view, fixed token ≥ 0\.4 .*0\.50 \|\s+yes/);
  expect(promised).toMatch(/view grows by at most 1\.3× .*2\.00 × \|\s+NO/);
  expect(promised).not.toContain('activity');
  expect(promised).not.toContain('two workers');
  expect(targetsTable({ ...run, workers: { ...run.workers!, cores: 8 } })).toMatch(/two workers .*1\.30 × \|\s+NO/);
  const tables = tablesOf(run, { ...run, lines: [{ ...view, perSecond: 400 }] });
  expect(tables).toContain('800 / 400');
  expect(tables).toMatch(/on 2 cores[^#]*\| 2 +\| +1,300 \| +1\.30 \| +510 \|/);
  expect(tables).toContain('- search: not there yet');
});

test('the drawing shows each line with how much it grew', () => {
  const svg = drawingOf(run.growth);
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain('view 2.00×');
});

describe('a profile', () => {
  const frame = (functionName: string, url: string) => ({
    functionName,
    url,
    scriptId: '1',
    lineNumber: 4,
    columnNumber: 0,
  });
  const tree = treeOf(
    {
      startTime: 0,
      endTime: 100,
      nodes: [
        { id: 1, callFrame: frame('(root)', ''), children: [2, 3, 5] },
        { id: 2, callFrame: frame('view', 'file:///built/src/use-cases/users/get-user.js'), children: [4] },
        { id: 3, callFrame: frame('(idle)', '') },
        { id: 4, callFrame: frame('query', 'file:///built/node_modules/@scope/driver/lib/query.js') },
        { id: 5, callFrame: frame('(garbage collector)', '') },
      ],
      samples: [2, 3, 4, 5],
      timeDeltas: [1000, 500_000, 3000, 1000],
    },
    '/built',
  );

  it('counts what was done, not the waiting', () => {
    expect(tree.total).toBe(5000);
    expect(tree.children.map(({ frame: { label, origin }, total }) => [label, origin, total])).toEqual([
      ['view src/use-cases/users/get-user.ts:5', 'ours', 4000],
      ['(garbage collector)', 'engine', 1000],
    ]);
  });

  it('is told in words and drawn', () => {
    expect(hottestOf(tree)).toMatch(/60\.0 % +3 ms {2}@scope\/driver\n/);
    expect(hottestOf(tree)).toMatch(/80\.0 % +4 ms {2}view src\/use-cases\/users\/get-user\.ts:5/);
    expect(flameOf(tree, 'a < b')).toContain('a &lt; b');
    expect(flameOf(tree, 'a')).toContain('<title>view src/use-cases/users/get-user.ts:5 (80.0 %, 4 ms)</title>');
  });
});
