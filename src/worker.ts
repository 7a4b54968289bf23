import cluster from 'node:cluster';
import { startApp, endOnSignal, endOnUnhandledRejection } from './lifecycle.ts';
import { createContainer, loggerOf } from './container.ts';
import { asWorker } from './cluster/as-worker.ts';

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

await work();
