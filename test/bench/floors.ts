import { join } from 'node:path';
import type { Exhibit, Floor, FloorKind } from './children/floor.ts';
import { startChild } from './children/child.ts';
import type { Shot } from './children/drive.ts';
import type { Ground, Plot } from './ground.ts';

/** What the API is measured against: in words, and shorter. */
export const floorTitles = {
  http: { short: 'http', long: 'node:http, the same bytes' },
  express: { short: 'Express', long: 'Express 5, `response.json` of the same' },
  rows: { short: 'Express+mysql2', long: 'Express 5 with mysql2 `execute` of the same rows' },
} as const satisfies Record<FloorKind, { readonly short: string; readonly long: string }>;
export const floorKinds: readonly FloorKind[] = ['http', 'express', 'rows'];

/** The floors as processes, each of its own. */
export interface Floors {
  readonly url: (kind: FloorKind) => string;
  /** Answers which floors have it. */
  readonly show: (exhibit: Exhibit) => Promise<readonly FloorKind[]>;
  readonly stop: () => Promise<void>;
}

/** mysql2 has no rows where the database is a file: there are two floors then. */
export const startFloors = async (built: string, ground: Ground, plot: Plot): Promise<Floors> => {
  const kinds = floorKinds.filter((kind) => kind !== 'rows' || ground.kind === 'mysql');
  const children = kinds.map((kind) => ({
    kind,
    child: startChild<Floor>(join(built, 'test/bench/children/floor.js')),
  }));
  const urls = new Map<FloorKind, string>();
  for (const { kind, child } of children) urls.set(kind, await child.ask('start', { kind, databaseUrl: plot.url }));
  return {
    url: (kind) => urls.get(kind) ?? '',
    show: async (exhibit) => {
      await Promise.all(children.map(({ child }) => child.ask('show', exhibit)));
      return kinds;
    },
    stop: async () => {
      await Promise.all(children.map(({ child }) => child.stop()));
    },
  };
};

/** The requests of a case as a floor takes them. */
export const floorShots = (name: string, shots: readonly Shot[]): readonly Shot[] =>
  shots.map((_shot, index) => ({ method: 'GET', path: `/${name}/${index}`, headers: {} }));
