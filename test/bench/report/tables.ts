import { floorTitles } from '../floors.ts';
import type { Line } from './lines.ts';
import type { CrowdLine } from './crowd-lines.ts';
import type { GrowthLine } from '../growth/growth-lines.ts';
import type { WorkersLine } from './workers-line.ts';
import { shown } from './numbers.ts';
import type { Run } from './run.ts';

/** A run as tables that read in a terminal and in Markdown: ratios first, then what they were made of. */
export const tablesOf = (run: Run, before: Run | null): string =>
  [
    ...(run.lines.some(hasFloors) ? [ratios(run.lines.filter(hasFloors))] : []),
    ...(run.lines.length === 0 ? [] : [absolutes(run.lines)]),
    ...(run.lines.some(hasFloors) ? [floors(run.lines.filter(hasFloors))] : []),
    ...(run.crowds.length === 0 ? [] : [crowds(run.crowds)]),
    ...(run.workers === null ? [] : [workers(run.workers)]),
    ...(run.growth.length === 0 ? [] : [growth(run.growth)]),
    ...(before === null ? [] : [comparison(run.lines, before.lines)]),
    ...(run.missing.length === 0 ? [] : [missing(run)]),
  ].join('\n\n');

const hasFloors = ({ floorsPerSecond }: Line): boolean => floorsPerSecond.express !== null;

const ratios = (lines: readonly Line[]): string =>
  titled(
    'Throughput as a part of the floors (medians of the rounds)',
    [
      'case',
      'conn.',
      `of ${floorTitles.rows.short}`,
      `of ${floorTitles.express.short}`,
      `of ${floorTitles.http.short}`,
    ],
    lines.map(({ title, connections, ratios: { rows, express, http } }) => [
      title,
      String(connections),
      shown(rows),
      shown(express),
      shown(http),
    ]),
  );

const absolutes = (lines: readonly Line[]): string =>
  titled(
    'Absolute (times in ms; processor time in µs a request)',
    ['case', 'conn.', 'req/s', 'p50', 'p99', 'API µs', 'database µs', 'statements', 'peak MB', 'loop held'],
    lines.map((line) => [
      line.title,
      String(line.connections),
      shown(line.perSecond),
      shown(line.p50),
      shown(line.p99),
      shown(line.apiMicros),
      shown(line.databaseMicros),
      shown(line.statements),
      shown(line.peakMegabytes),
      shown(line.longestHold),
    ]),
  );

const floors = (lines: readonly Line[]): string =>
  titled(
    'The floors themselves (requests a second)',
    ['case', 'conn.', floorTitles.rows.short, floorTitles.express.short, floorTitles.http.short],
    lines.map(({ title, connections, floorsPerSecond: { rows, express, http } }) => [
      title,
      String(connections),
      shown(rows),
      shown(express),
      shown(http),
    ]),
  );

const crowds = (lines: readonly CrowdLine[]): string =>
  titled(
    'Views at 300 a second, alone and beside a neighbour (ms)',
    ['case', 'p50 alone', 'p99 alone', 'p50', 'p99', 'longest', 'more MB', 'loop held', 'neighbour/s'],
    lines.map((line) => [
      line.title,
      shown(line.p50Alone),
      shown(line.p99Alone),
      shown(line.p50Beside),
      shown(line.p99Beside),
      shown(line.longestBeside),
      shown(line.moreMegabytes),
      shown(line.longestHold),
      shown(line.neighbourPerSecond),
    ]),
  );

const workers = ({ cores, onePerSecond, twoPerSecond, ratio, oneMicros, twoMicros }: WorkersLine): string =>
  titled(
    `Two workers against one: view by fixed token, 20 connections, on ${cores} cores that load and database share`,
    ['workers', 'req/s', 'of one', 'API µs'],
    [
      ['1', shown(onePerSecond), shown(1), shown(oneMicros)],
      ['2', shown(twoPerSecond), shown(ratio), shown(twoMicros)],
    ],
  );

const growth = (lines: readonly GrowthLine[]): string =>
  titled(
    'Growth: time of a request over that at the smallest site (median ms)',
    ['case', ...(lines[0]?.points ?? []).map(({ usersAtSite, users }) => `${count(usersAtSite)} of ${count(users)}`)],
    lines.map(({ title, points }) => [
      title,
      ...points.map((point) => `${shown(point.growth)}× (${shown(point.milliseconds)})`),
    ]),
  );

const comparison = (lines: readonly Line[], before: readonly Line[]): string =>
  titled(
    'Against the earlier run (now over then)',
    ['case', 'conn.', `of ${floorTitles.rows.short}`, 'req/s', 'p50', 'API µs', 'database µs', 'statements'],
    lines.flatMap((line) => {
      const then = before.find(({ name, connections }) => name === line.name && connections === line.connections);
      if (then === undefined) return [];
      const pair = (now: number | null, earlier: number | null): string =>
        now === null || earlier === null ? '–' : `${shown(now)} / ${shown(earlier)}`;
      return [
        [
          line.title,
          String(line.connections),
          pair(line.ratios.rows, then.ratios.rows),
          pair(line.perSecond, then.perSecond),
          pair(line.p50, then.p50),
          pair(line.apiMicros, then.apiMicros),
          pair(line.databaseMicros, then.databaseMicros),
          pair(line.statements, then.statements),
        ],
      ];
    }),
  );

const missing = (run: Run): string =>
  ['### Not measured', '', ...run.missing.map(({ name, why }) => `- ${name}: ${why}`)].join('\n');

const count = (number: number): string => number.toLocaleString('en');

/** A Markdown table with its columns lined up: the first to the left, the others to the right. */
export const titled = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [`### ${title}`, '', line(head), rule, ...rows.map(line)].join('\n');
};
