import { join } from 'node:path';
import type { Child } from './children/child.ts';
import type { Shot } from './children/drive.ts';
import type { Driven } from './children/latencies.ts';
import type { Load } from './children/load.ts';
import { refuse } from './measure.ts';
import { startWorkers, type Served } from './served.ts';
import type { Progress } from './progress.ts';
import type { Stage } from './stage.ts';

/** The program as `npm start` runs it, with one worker and with two, on the same views. */
export const twoWorkers = { name: 'two-workers', title: 'view, fixed token, two workers against one' } as const;

export interface Driving {
  readonly driven: Driven;
  /** Microseconds a request, of all its processes; null where unknown. */
  readonly processorMicros: number | null;
}
/** Both in turn. */
export interface WorkersRound {
  readonly one: Driving;
  readonly two: Driving;
}

const connections = 20;
const warmRequests = 5_000;

export const measureWorkers = async (
  { built, load, stage }: { readonly built: string; readonly load: Child<Load>; readonly stage: Pick<Stage, 'env'> },
  shots: readonly Shot[],
  pace: { readonly rounds: number; readonly seconds: number; readonly warmSeconds: number },
  progress: Progress,
): Promise<readonly WorkersRound[]> => {
  const file = join(built, 'src/main.js');
  const [one, two] = [await startWorkers(file, stage.env, 1), await startWorkers(file, stage.env, 2)];
  const drive = async (served: Served, seconds: number): Promise<Driving> => {
    const before = served.processorMicros();
    const driven = await load.ask('drive', { url: served.url, shots, dealing: 'all', connections, seconds });
    const after = served.processorMicros();
    refuse(twoWorkers.name, driven);
    const known = before !== null && after !== null;
    return { driven, processorMicros: known ? (after - before) / driven.requests : null };
  };
  /** Each process compiles for itself, and two get half of the requests each. */
  const warm = async (served: Served, workers: number): Promise<void> => {
    const end = performance.now() + 15_000 * pace.warmSeconds;
    let requests = 0;
    while (requests < warmRequests * workers && performance.now() < end)
      requests += (await drive(served, pace.warmSeconds)).driven.requests;
  };
  try {
    await warm(one, 1);
    await warm(two, 2);
    const rounds: WorkersRound[] = [];
    for (let round = 0; round < pace.rounds; round += 1) {
      progress.share(`round ${round + 1} of ${pace.rounds}: ${twoWorkers.name}`, round, pace.rounds);
      rounds.push({ one: await drive(one, pace.seconds), two: await drive(two, pace.seconds) });
    }
    return rounds;
  } finally {
    progress.clear();
    await Promise.all([one.stop(), two.stop()]);
  }
};
