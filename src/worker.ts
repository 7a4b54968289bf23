import cluster, { type Worker } from 'node:cluster';
import { startApp, endOnSignal, endOnUnhandledRejection } from './lifecycle.ts';
import { createContainer, loggerOf } from './container.ts';
import type { PeerWorkers } from './platform/peer-workers.ts';
import { type AsksOfPrimary, type AsksOfWorkers, type WorkerPlace, lineOver } from './cluster/ipc.ts';

/** One of several processes on one port, which main.ts started: the whole program, but for what is done once. Source: docs/adr/0015. */
const work = async (): Promise<void> => {
  if (cluster.worker === undefined) throw new Error('a worker is started by main.ts, which WEB_CONCURRENCY tells');
  const { place, peers, listens, toldToStop } = await asWorker(cluster.worker);
  const { number, config } = place;
  const log = loggerOf(config).child({ worker: number });
  endOnUnhandledRejection(log);
  const container = createContainer(config, { log, peers });
  // All started in the same moment: their jobs would meet at every turn.
  const app = startApp(number === 1 ? container : { ...container, jobs: [], inside: null }, config);
  const end = endOnSignal(log, async () => {
    await (await app).stop();
  });
  void toldToStop.then(end);
  try {
    await listens((await app).url);
  } catch (error) {
    log.fatal({ err: error }, 'a worker could not start');
    process.exit(1);
  }
};

/** How long a worker waits for its primary, which does hardly anything. */
const timeoutMs = 10_000;
/** Counts are asked for while requests wait: as long as Redis would be waited for. */
const countingMs = 200;

/** A worker's side: its place, its peer workers, and when it has to stop. */
interface AsWorker {
  readonly place: WorkerPlace;
  readonly peers: PeerWorkers;
  readonly listens: (url: string) => Promise<void>;
  /** Resolves with the reason. */
  readonly toldToStop: Promise<string>;
}

/** Takes the place that the primary gives. Rejects when it gives none. */
const asWorker = async (worker: Worker): Promise<AsWorker> => {
  let stop: (because: string) => void = () => undefined;
  const toldToStop = new Promise<string>((resolve) => {
    stop = resolve;
  });
  let deliver: (text: string) => void = () => undefined;
  let measured: AsksOfPrimary['measured'] = () => Promise.resolve([]);
  const ours: AsksOfPrimary = {
    stop: () => {
      stop('told by the primary');
    },
    deliver: (text) => {
      deliver(text);
    },
    measured: (nothing) => measured(nothing),
  };
  const primary = lineOver<AsksOfWorkers>(worker, { ...ours });
  const place = await primary.ask('place', null, timeoutMs);
  worker.on('disconnect', () => {
    // Else node:cluster ends us at once, in the middle of requests.
    worker.exitedAfterDisconnect = true;
    stop('the primary is gone');
  });
  return {
    place,
    toldToStop,
    listens: (url) => primary.ask('listens', url, timeoutMs),
    peers: {
      // Nothing can be missed: a worker holds nothing before it has its place, and afterwards the line is whole or it stops.
      broadcast: ({ onText }) => {
        deliver = onText;
        return { publish: (text) => primary.ask('publish', text, timeoutMs).catch(() => undefined) };
      },
      counts: { add: (name, by, lifeMs) => primary.ask('count', { name, by, lifeMs }, countingMs) },
      measured: (own) => {
        measured = own;
        return () => primary.ask('measured', null, timeoutMs);
      },
    },
  };
};

await work();
