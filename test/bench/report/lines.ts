import type { FloorKind } from '../children/floor.ts';
import type { Measured, Target } from '../measure.ts';
import type { Seen } from '../rounds.ts';
import { median, medianOfKnown } from './numbers.ts';

/** One line of the table: medians over the rounds. */
export interface Line {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  /** Throughput of the API over that of a floor, round by round, then the median; null: it has no such floor. */
  readonly ratios: Readonly<Record<FloorKind, number | null>>;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time a request. */
  readonly apiMicros: number | null;
  readonly databaseMicros: number | null;
  readonly statements: number;
  readonly peakMegabytes: number | null;
  /** The longest that the event loop was held, ms; looked at with one connection only. */
  readonly longestHold: number | null;
  readonly floorsPerSecond: Readonly<Record<FloorKind, number | null>>;
}

export const lineOf = ({ name, title, connections, rounds, statements }: Seen): Line => {
  const of = (target: Target): readonly Measured[] =>
    rounds.flatMap((round) => round.filter((measured) => measured.target === target));
  const api = of('api');
  const middle = (read: (measured: Measured) => number | null): number | null => medianOfKnown(api.map(read));
  const peak = middle(({ peakBytes }) => peakBytes);
  return {
    name,
    title,
    connections,
    ratios: byFloor((kind) => medianOfKnown(rounds.map((round) => ratioIn(round, kind)))),
    perSecond: median(api.map(({ driven }) => driven.perSecond)),
    p50: median(api.map(({ driven }) => driven.p50)),
    p99: median(api.map(({ driven }) => driven.p99)),
    apiMicros: middle(({ apiMicros }) => apiMicros),
    databaseMicros: middle(({ databaseMicros }) => databaseMicros),
    statements,
    peakMegabytes: peak === null ? null : peak / 1_048_576,
    longestHold: middle(({ longestHold }) => longestHold),
    floorsPerSecond: byFloor((kind) => medianOfKnown(of(kind).map(({ driven }) => driven.perSecond))),
  };
};

const ratioIn = (round: readonly Measured[], kind: FloorKind): number | null => {
  const api = round.find(({ target }) => target === 'api')?.driven.perSecond;
  const floor = round.find(({ target }) => target === kind)?.driven.perSecond;
  return api === undefined || floor === undefined || floor === 0 ? null : api / floor;
};

const byFloor = <T>(ask: (kind: FloorKind) => T): Readonly<Record<FloorKind, T>> => ({
  http: ask('http'),
  express: ask('express'),
  rows: ask('rows'),
});
