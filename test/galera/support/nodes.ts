import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { until } from '../../support/until.ts';

const run = promisify(execFile);
/** As config/galera.cnf names it. */
const provider = '/usr/lib/galera/libgalera_smm.so';
/** Debian's packages mariadb-server, galera-4 and rsync; without them it says so. */
const mustHaveGalera = (): void => {
  if (!existsSync(provider)) throw new Error('three nodes need the packages mariadb-server, galera-4 and rsync');
};

/** rsync, which copies states, gives up what root may: then nobody is who owns the files. */
const nobody = 65_534;
const owner = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
const folderOfOwner = (folder: string): string => {
  mkdirSync(folder, { recursive: true });
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  return folder;
};

/** A node of the cluster: a MariaDB of its own, in a folder of its own. */
export interface Node {
  readonly number: number;
  /** Where clients come to it. */
  readonly port: number;
  /** The address of a database at this node. */
  url(database: string): string;
  /** Asked past everything else, over a connection of its own. */
  ask(statement: string): Promise<readonly RowDataPacket[]>;
  /** The same, over a connection that stays open, with what it locks, until it is let go. */
  hold(statement: string): Promise<() => void>;
  /** Until it has all that the others committed, and takes part. */
  synced(): Promise<void>;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
  /** Stands still, as a machine that hangs; and goes on. */
  freeze(): void;
  thaw(): void;
  /** Starts again and joins the others. */
  start(): Promise<void>;
}
export interface Cluster {
  readonly nodes: readonly [Node, Node, Node];
  /** Until each that runs has applied what the others committed. */
  inSync(): Promise<void>;
  stop(): Promise<void>;
}

/** Three nodes that listen at loopback only, in memory where there is room. */
export const startCluster = async (): Promise<Cluster> => {
  mustHaveGalera();
  const root = folderOfOwner(mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'civitas-galera-')));
  // Four for each: clients, the group, incremental and whole transfers of state.
  const ports = await freePorts(12);
  const groups = [ports[1], ports[5], ports[9]].map((port) => `127.0.0.1:${port}`).join(',');
  const make = (number: number): Node =>
    nodeOf(number, join(root, `n${number}`), ports.slice(4 * (number - 1), 4 * number), groups);
  const [first, second, third] = [make(1), make(2), make(3)];
  const nodes = [first, second, third] as const;
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    rmSync(root, { recursive: true, force: true });
  };
  try {
    // One after the other: each is given a copy of all by one of those that are there.
    for (const node of nodes) await node.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    nodes,
    stop,
    inSync: async () => {
      await Promise.all(nodes.map((node) => node.ask('SET SESSION wsrep_sync_wait = 1; SELECT 1')));
    },
  };
};

const nodeOf = (number: number, folder: string, ports: readonly number[], groups: string): Node => {
  const [port = 0, group = 0, incremental = 0, whole = 0] = ports;
  const data = folderOfOwner(join(folderOfOwner(folder), 'data'));
  let child: ChildProcess | undefined;
  let begins = true;
  // Whoever owns the node may not read where we are.
  copyFileSync('config/galera.cnf', join(folder, 'galera.cnf'));
  const url = (database: string): string => `mysql://root@127.0.0.1:${port}/${database}`;
  const ask = async (statement: string): Promise<readonly RowDataPacket[]> => {
    const connection = await createConnection({ uri: url(''), multipleStatements: true, connectTimeout: 2000 });
    try {
      const [result] = await connection.query(statement);
      // Of several statements the last.
      const last: unknown = Array.isArray(result) && Array.isArray(result.at(-1)) ? result.at(-1) : result;
      return Array.isArray(last) ? (last as RowDataPacket[]) : [];
    } finally {
      connection.destroy();
    }
  };
  const hold = async (statement: string): Promise<() => void> => {
    const connection = await createConnection({ uri: url(''), multipleStatements: true });
    await connection.query(statement);
    return () => {
      connection.destroy();
    };
  };
  const log = join(folder, 'error.log');
  const start = async (): Promise<void> => {
    if (!existsSync(join(data, 'mysql')))
      await run(
        'mariadb-install-db',
        [
          ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'],
          ...['--skip-test-db', '--skip-name-resolve'],
        ],
        owner,
      );
    const out = openSync(log, 'a');
    // The first makes the cluster, once; later it comes back to those that are there.
    const isNew = number === 1 && begins;
    begins = false;
    child = spawn('mariadbd', settings({ number, folder, data, port, group, incremental, whole, groups, isNew }), {
      ...owner,
      stdio: ['ignore', out, out],
      // It finds the scripts that copy whole states beside itself.
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin` },
    });
    await synced();
  };
  const synced = (): Promise<void> =>
    until(
      `node ${number} is in sync`,
      async () => {
        if (hasEnded()) throw new Error(readFileSync(log, 'utf8').slice(-2000));
        const found = await ask("SHOW STATUS LIKE 'wsrep_local_state_comment'").catch(() => []);
        return found[0]?.['Value'] === 'Synced';
      },
      120_000,
    );
  const hasEnded = (): boolean => (child?.exitCode ?? child?.signalCode ?? null) !== null;
  return {
    ...{ number, port, url, ask, hold, synced, start },
    kill: async () => {
      if (child === undefined || hasEnded()) return;
      const end = once(child, 'exit');
      child.kill('SIGKILL');
      await end;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
};

interface NodeSettings {
  readonly number: number;
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly group: number;
  readonly incremental: number;
  readonly whole: number;
  readonly groups: string;
  readonly isNew: boolean;
}
/** config/galera.cnf, and what is this node's own. Galera's own times: on a busy machine shorter ones leave out nodes that are well. */
const settings = (node: NodeSettings): readonly string[] => [
  ...[`--defaults-file=${node.folder}/galera.cnf`, `--datadir=${node.data}`, `--port=${node.port}`],
  ...['--bind-address=127.0.0.1', `--socket=${node.folder}/s.sock`, `--pid-file=${node.folder}/p.pid`],
  ...['--skip-name-resolve', '--max-connections=400', '--innodb-buffer-pool-size=128M'],
  ...['--innodb-flush-log-at-trx-commit=0', '--skip-innodb-doublewrite'],
  ...[`--wsrep-cluster-address=gcomm://${node.groups}`, `--wsrep-node-name=n${node.number}`],
  ...[`--wsrep-node-address=127.0.0.1:${node.group}`, `--wsrep-node-incoming-address=127.0.0.1:${node.port}`],
  ...['--wsrep-sst-method=rsync', `--wsrep-sst-receive-address=127.0.0.1:${node.whole}`],
  `--wsrep-provider-options=${[
    `gmcast.listen_addr=tcp://127.0.0.1:${node.group}`,
    ...[`ist.recv_addr=127.0.0.1:${node.incremental}`, 'gcache.size=64M'],
  ].join(';')}`,
  ...(node.isNew ? ['--wsrep-new-cluster'] : []),
];

/**
 * All held at once, so that they differ; below the range from which the system deals ports out by itself, as some are listened at only
 * when a node is given its state.
 */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers: Server[] = [];
  while (servers.length < count) {
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => {
        resolve(false);
      });
      server.listen(17_000 + Math.floor(Math.random() * 14_000), '127.0.0.1', () => {
        resolve(true);
      });
    });
    if (isFree) servers.push(server);
  }
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
};
