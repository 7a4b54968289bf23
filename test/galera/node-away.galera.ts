import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { startInstances, type Instances } from './support/instances.ts';
import { loadSites, startLoad } from './support/load.ts';
import { mustHold } from './support/promises.ts';
import { writings } from './support/proxies.ts';

/**
 * The node through which all write (or, where several do, the first instance) goes away while people change, anonymize, create and read.
 * The proxy leads to the next one, and back again. Who was told that something is done finds it done.
 */
const config = { votes: { isActive: true } };
const now = (): number => performance.now();

describe.each(writings)('writing nodes: %s', (writing) => {
  let all: Instances;
  beforeAll(async () => {
    all = await startInstances(writing, Object.fromEntries(loadSites.map((site) => [site, { config }])));
  });
  afterAll(() => all.close());

  /** Away and back, under load. */
  const away = async (scenario: string, go: () => Promise<void>, comeBack: () => Promise<void>): Promise<void> => {
    const load = await startLoad(all);
    all.takeTally();
    await pause(3000);
    const events = [now()];
    await go();
    await load.calm();
    // From the moment in which it begins to come back: it is given what it missed by one of the others.
    events.push(now());
    await comeBack();
    events.push(now());
    await load.calm();
    const { gone, there, lost } = await load.stop();
    await all.s.emptyOutbox();
    await all.cluster.inSync();

    expect(gone.length).toBeGreaterThan(5);
    await mustHold(all, { scenario, gone, there, events, removals: 2, found: await lost() });
  };

  test('killed (SIGKILL), and started again', async () => {
    const [node] = all.cluster.nodes;
    await away(
      'a node is killed, and comes back',
      () => node.kill(),
      () => node.start(),
    );
  });

  test('frozen for longer than the others wait for it, and going on', async () => {
    const [node] = all.cluster.nodes;
    await away(
      'a node hangs, is left out, and comes back',
      async () => {
        node.freeze();
        // Five seconds and more.
        await until('the others leave it out', async () => {
          const found = await all.cluster.nodes[1].ask("SHOW STATUS LIKE 'wsrep_cluster_size'");
          return found[0]?.['Value'] === '2';
        });
      },
      async () => {
        node.thaw();
        await until(
          'it finds that it was left out',
          async () => {
            const found = await node.ask("SHOW STATUS LIKE 'wsrep_local_state_comment'").catch(() => []);
            return found[0]?.['Value'] !== 'Synced';
          },
          10_000,
        ).catch(() => undefined);
        await node.synced();
      },
    );
  });

  test('locked for a backup', async () => {
    const [node] = all.cluster.nodes;
    let release = (): void => undefined;
    await away(
      'a node is backed up (desync, read lock)',
      async () => {
        await node.ask('SET GLOBAL wsrep_desync = ON');
        release = await node.hold('FLUSH TABLES WITH READ LOCK');
      },
      async () => {
        release();
        await node.ask('SET GLOBAL wsrep_desync = OFF');
        await node.synced();
      },
    );
  });
});
