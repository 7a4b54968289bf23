import { startSentences, type NewSite, type SentenceWorld } from '../../journeys/sentences/support/world.ts';
import type { Call, WorldSettings } from '../../support/recorded-world.ts';
import { startCluster, type Cluster } from './nodes.ts';

/** Three instances of the program, each at a node of its own, all before one OAuth server. */
export interface Instances {
  readonly cluster: Cluster;
  readonly s: SentenceWorld;
  /** At the first, second, third. */
  readonly calls: readonly Call[];
  readonly close: () => Promise<void>;
}

export const startInstances = async (
  sites: Readonly<Record<number, NewSite>>,
  settings: WorldSettings = {},
): Promise<Instances> => {
  const cluster = await startCluster();
  const before = process.env['TEST_DATABASE_URL'];
  process.env['TEST_DATABASE_URL'] = cluster.nodes[0].url('');
  const s = await startSentences(sites, settings).finally(() => {
    if (before === undefined) delete process.env['TEST_DATABASE_URL'];
    else process.env['TEST_DATABASE_URL'] = before;
  });
  const database = new URL(s.world.env['DATABASE_URL'] ?? '').pathname.slice(1);
  const urls: string[] = [s.world.url];
  let close = (): void => undefined;
  const open = new Promise<void>((resolve) => {
    close = resolve;
  });
  const running: Promise<void>[] = [];
  for (const node of cluster.nodes.slice(1))
    await new Promise<void>((resolve, reject) => {
      const work = s.beside({ DATABASE_URL: node.url(database) }, async (url) => {
        urls.push(url);
        resolve();
        await open;
      });
      running.push(work.catch(reject));
    });
  return {
    ...{ cluster, s },
    calls: urls.map((url) => s.world.at(url)),
    close: async () => {
      close();
      await Promise.all(running);
      await s.close();
      await cluster.stop();
    },
  };
};
