import { readdirSync } from 'node:fs';
import { startCluster, type Cluster } from './support/nodes.ts';
import { inShort, tell } from './support/promises.ts';
import { startProxies, writings, type Proxy } from './support/proxies.ts';
import { runCommand } from '../support/program.ts';
import { receiptKey } from '../support/receipt-key.ts';

/** Three instances are put up at once, as an operator's tools do, and each migrates the database first. */
describe.each(writings)('writing nodes: %s', (writing) => {
  let cluster: Cluster;
  let proxies: readonly Proxy[] = [];
  beforeAll(async () => {
    cluster = await startCluster();
    proxies = await startProxies(cluster, writing);
  });
  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await cluster.stop();
  });

  test('a fresh database is migrated by three at once: each ends well, and every step is done once', async () => {
    const name = 'civitas_fresh';
    await cluster.nodes[0].ask(`CREATE DATABASE ${name}`);
    await cluster.inSync();
    const begun = performance.now();
    const ended = await Promise.all(
      proxies.map((proxy) =>
        runCommand('migrate', {
          env: {
            ...{ NODE_ENV: 'production', DATABASE_URL: proxy.url(name), RECEIPT_KEY: receiptKey, LOG_LEVEL: 'info' },
            ...{
              AUTH_JWT_SECRET: 'a secret of thirty-two characters',
              DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
            },
            ...{
              AUTH_SERVER_URL: 'https://oauth.example.org',
              AUTH_CLIENT_ID: 'civitas',
              AUTH_CLIENT_SECRET: 'secret',
            },
          },
        }),
      ),
    );
    const longestMs = Math.round(performance.now() - begun);
    await cluster.inSync();

    const steps = readdirSync('migrations').filter((file) => /^\d{4}-.*\.ts$/.test(file)).length;
    const left = [
      ...ended.filter(({ code }) => code !== 0).map(({ code, output }) => `ended with ${code}: ${output.slice(-400)}`),
      ...(await wrongTables(cluster, name, steps)),
    ];
    const done = ended.filter(({ code }) => code === 0).length;
    const counted = { calls: ended.length, done, unavailable: 0, other: ended.length - done, awayMs: 0, longestMs };
    tell({ scenario: '3 processes migrate at once', writing, ...counted, left: inShort(left) });
    expect(left).toEqual([]);
  });
});

/** All nodes have the same tables, and every step is written down once. */
const wrongTables = async ({ nodes }: Cluster, name: string, steps: number): Promise<readonly string[]> => {
  const found = await Promise.all(
    nodes.map(async (node) => {
      const done = await node.ask(`SELECT name FROM ${name}.civitas_migrations ORDER BY name`);
      const columns = await node.ask(
        `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${name}' ORDER BY 1, ORDINAL_POSITION`,
      );
      const keys = await node.ask(
        `SELECT TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = '${name}' ORDER BY 1, 2, 3`,
      );
      return { done: done.length, schema: JSON.stringify([columns, keys]) };
    }),
  );
  return [
    ...found.filter(({ done }) => done !== steps).map(({ done }) => `${done} of ${steps} steps are done`),
    ...(new Set(found.map(({ schema }) => schema)).size === 1 ? [] : ['the tables differ between nodes']),
  ];
};
