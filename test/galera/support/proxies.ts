import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { until } from '../../support/until.ts';
import { freePorts, type Cluster, type Node } from './nodes.ts';

/** HAProxy with the repository's own configuration. */
export interface Proxy {
  /** The address of a database behind it. */
  url(database: string): string;
  /** What it said of the nodes. */
  said(): string;
  stop(): Promise<void>;
}

/** Who takes connections first: the first node of all proxies, or each proxy's own. */
export type Writing = 'one' | 'several';
export const writings: readonly Writing[] = ['one', 'several'];

/** One beside each instance, so that none of them is missed by all. */
export const startProxies = async ({ nodes }: Cluster, writing: Writing): Promise<readonly Proxy[]> => {
  const program = '/usr/sbin/haproxy';
  if (!existsSync(program)) throw new Error('several instances at a cluster need the package haproxy');
  await nodes[0].ask(readFileSync('config/haproxy.sql', 'utf8'));
  const ports = await freePorts(nodes.length);
  return Promise.all(
    ports.map((port, at) =>
      startProxy(program, port, writing === 'one' ? nodes : [...nodes.slice(at), ...nodes.slice(0, at)]),
    ),
  );
};

const startProxy = async (program: string, port: number, nodes: readonly Node[]): Promise<Proxy> => {
  const at = nodes.map((node, index) => [`NODE_${index + 1}`, `127.0.0.1:${node.port}`]);
  const child = spawn(program, ['-db', '-f', 'config/haproxy.cfg'], {
    env: { BIND: `127.0.0.1:${port}`, ...Object.fromEntries(at) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    await until('HAProxy answers', () => {
      if (child.exitCode !== null) throw new Error(said);
      return isWell(port);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: (database) => `mysql://root@127.0.0.1:${port}/${database}`,
    said: () => said,
    stop,
  };
};

const isWell = async (port: number): Promise<boolean> => {
  try {
    const connection = await createConnection({ uri: `mysql://root@127.0.0.1:${port}`, connectTimeout: 1000 });
    await connection.query('SELECT 1');
    connection.destroy();
    return true;
  } catch {
    return false;
  }
};
