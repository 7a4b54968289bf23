import { join } from 'node:path';
import type { Case } from './cases/case.ts';
import type { Crowd } from './cases/crowds.ts';
import { startChild } from './children/child.ts';
import type { Load } from './children/load.ts';
import type { Neighbour } from './children/neighbour.ts';
import { fillCity } from './city/fill.ts';
import { shapeOf, type CitySize } from './city/shape.ts';
import { measureCrowds } from './crowded.ts';
import { startFloors } from './floors.ts';
import type { Ground } from './ground.ts';
import type { RunPace } from './pace.ts';
import { prepare } from './prepared.ts';
import type { Progress } from './progress.ts';
import { crowdLineOf } from './report/crowd-lines.ts';
import { lineOf } from './report/lines.ts';
import type { Run } from './report/run.ts';
import { measureRounds } from './rounds.ts';
import { serverTimeOf } from './server-process.ts';
import { reasonOf } from './reason.ts';
import { workersLineOf, type WorkersLine } from './report/workers-line.ts';
import type { Failed } from './rounds.ts';
import { measureWorkers, twoWorkers } from './workers.ts';

export interface Work {
  /** The folder of the compiled program. */
  readonly built: string;
  readonly ground: Ground;
  readonly progress: Progress;
  readonly pace: RunPace;
  readonly keep: boolean;
}

/** What is asked for. */
interface Wanted {
  readonly cases: readonly Case[];
  readonly crowds: readonly Crowd[];
  readonly workers: boolean;
}

/** The same for the same city, so that one that was kept, or not finished, is found again. */
export const nameOf = ({ users, sites, big, votes, seed }: CitySize): string =>
  [users, sites, big, votes, seed].join('_');

/** All cases on one city. A city that was not finished stays, so that the next run goes on with it. */
export const measureCity = async (
  { built, ground, progress, pace, keep }: Work,
  size: CitySize,
  { cases, crowds, workers }: Wanted,
): Promise<Pick<Run, 'lines' | 'crowds' | 'workers' | 'missing'>> => {
  const closing: (() => Promise<void>)[] = [];
  try {
    const plot = await ground.open(nameOf(size));
    closing.push(plot.close);
    const shape = shapeOf(size);
    await fillCity(plot.database, shape, progress);
    if (!keep) closing.push(plot.drop);
    progress.say('the city is there; starting the API, its OAuth server, the floors and the load generator');
    const load = startChild<Load>(join(built, 'test/bench/children/load.js'));
    const neighbour = startChild<Neighbour>(join(built, 'test/bench/children/neighbour.js'));
    closing.push(load.stop, neighbour.stop);
    const floors = await startFloors(built, ground, plot);
    closing.push(floors.stop);
    const order = { built, plot, shape, cases, crowds, floors, effort: pace };
    const { stage, ready, crowds: crowded, views, leftOut } = await prepare(order);
    closing.push(stage.close);
    const instruments = { load, stage, floors, serverTime: serverTimeOf(plot.url), neighbour };
    const { seen, failed } = await measureRounds(instruments, ready, pace, progress);
    const rest = { rounds: pace.crowdRounds, seconds: pace.crowdSeconds };
    const beside = await measureCrowds(instruments, crowded, rest, progress);
    const inWorkers = workers ? await workersIn({ built, load, stage }, views, pace, progress) : {};
    return {
      lines: seen.map(lineOf),
      crowds: beside.seen.map(crowdLineOf),
      workers: inWorkers.seen ?? null,
      missing: [
        ...leftOut.map(({ it, why }) => ({ name: it.name, why })),
        ...failed,
        ...beside.failed,
        ...(inWorkers.failed ?? []),
      ],
    };
  } finally {
    // Last come, first gone: who uses the database before the database.
    for (const close of closing.reverse()) await close();
  }
};

/** What was measured before must not be lost when this cannot be. */
const workersIn = async (
  ...order: Parameters<typeof measureWorkers>
): Promise<{ readonly seen?: WorkersLine; readonly failed?: readonly Failed[] }> => {
  try {
    return { seen: workersLineOf(await measureWorkers(...order)) };
  } catch (error) {
    return { failed: [{ name: twoWorkers.name, why: reasonOf(error) }] };
  }
};
