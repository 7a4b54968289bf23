import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { until } from './until.ts';

/** Where TEST_REDIS_URL says that a Redis is; tests that need it are skipped, in so many words, where it says nothing. */
export const testRedisUrl = process.env['TEST_REDIS_URL'] ?? '';
export const describeWithRedis = (name: string, tests: () => void): void => {
  if (testRedisUrl === '') describe.skip(`${name} (needs TEST_REDIS_URL)`, tests);
  else describe(name, tests);
};

/** For tests that take Redis away: they start one of their own, and leave everybody else's alone. */
export const describeWithOwnRedis = (name: string, tests: () => void): void => {
  if (spawnSync('redis-server', ['--version']).error === undefined) describe(name, tests);
  else describe.skip(`${name} (needs redis-server)`, tests);
};

export interface OwnRedis {
  readonly url: string;
  /** Gone at once, as by a power cut. */
  kill(): Promise<void>;
  /** Back at the same address, empty. */
  start(): Promise<void>;
  /** Keeps its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
}

export const startOwnRedis = async (): Promise<OwnRedis> => {
  const port = await freePort();
  let server: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    server = spawn('redis-server', options, { stdio: 'ignore' });
    await until('that Redis listens', () => listens(port));
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill: async () => {
      if (server === null) return;
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
      server = null;
    },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
  };
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const listens = async (port: number): Promise<boolean> => {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};
