import type { Worker } from 'node:cluster';
import type { Siblings } from '../platform/siblings.ts';
import type { AsksOfPrimary, AsksOfWorkers, Place } from './calls.ts';
import { lineOver } from './line.ts';

/** How long a worker waits for its primary, which does hardly anything. */
const patienceMs = 10_000;
/** Counts are asked for while requests wait: as long as Redis would be waited for. */
const countingMs = 200;

/** A worker's side: its place, its siblings, and when it has to stop. */
export interface AsWorker {
  readonly place: Place;
  readonly siblings: Siblings;
  readonly listens: (url: string) => Promise<void>;
  /** Resolves with the reason. */
  readonly toldToStop: Promise<string>;
}

/** Takes the place that the primary gives. Rejects when it gives none. */
export const asWorker = async (worker: Worker): Promise<AsWorker> => {
  let stop: (because: string) => void = () => undefined;
  const toldToStop = new Promise<string>((resolve) => {
    stop = resolve;
  });
  let hear: (text: string) => void = () => undefined;
  let measured: AsksOfPrimary['measured'] = () => Promise.resolve([]);
  const ours: AsksOfPrimary = {
    stop: () => {
      stop('told by the primary');
    },
    hear: (text) => {
      hear(text);
    },
    measured: (nothing) => measured(nothing),
  };
  const primary = lineOver<AsksOfWorkers>(worker, { ...ours });
  const place = await primary.ask('place', null, patienceMs);
  worker.on('disconnect', () => {
    // Else node:cluster ends us at once, in the middle of requests.
    worker.exitedAfterDisconnect = true;
    stop('the primary is gone');
  });
  return {
    place,
    toldToStop,
    listens: (url) => primary.ask('listens', url, patienceMs),
    siblings: {
      // Nothing can be missed: a worker holds nothing before it has its place, and afterwards the line is whole or it stops.
      broadcast: ({ onText }) => {
        hear = onText;
        return { tell: (text) => primary.ask('tell', text, patienceMs).catch(() => undefined) };
      },
      counts: { add: (name, by, lifeMs) => primary.ask('count', { name, by, lifeMs }, countingMs) },
      measured: (own) => {
        measured = own;
        return () => primary.ask('measured', null, patienceMs);
      },
    },
  };
};
