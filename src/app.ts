import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config/index.ts';
import type { Container } from './container.ts';
import { serverOf } from './http/server.ts';
import { startJobs } from './jobs/runner.ts';

export interface RunningApp {
  readonly url: string;
  /** No new connections, running requests finish (at most `stopSeconds`), then jobs, pools and connections end. */
  readonly stop: () => Promise<void>;
}

/** Listens and starts the jobs. Rejects when the port is taken. */
export const startApp = async (container: Container, config: Pick<Config, 'server'>): Promise<RunningApp> => {
  await container.open();
  const server = serverOf(container.app);
  await listening(server, config.server);
  const inside = await insideServer(container, config);
  const jobs = startJobs(container.jobs, container.log);
  const { port } = server.address() as AddressInfo;
  const { host } = config.server;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    stop: async () => {
      // Until the end it can be seen how it goes.
      await closed(server, config.server.stopSeconds * 1000);
      if (inside !== null) await closed(inside, 0);
      await jobs.stop();
      await container.close();
    },
  };
};

/** What operators look at, where it has a port of its own. */
const insideServer = async (
  { inside }: Container,
  { server: { host } }: Pick<Config, 'server'>,
): Promise<Server | null> => {
  if (inside === null) return null;
  const server = serverOf(inside.app);
  await listening(server, { host, port: inside.port });
  return server;
};

const listening = (server: Server, { host, port }: Pick<Config['server'], 'host' | 'port'>): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

const closed = (server: Server, timeoutMs: number): Promise<void> =>
  new Promise((resolve) => {
    const impatience = setTimeout(() => {
      server.closeAllConnections();
    }, timeoutMs);
    // A connection that a proxy keeps would go on bringing requests until it is cut off in the middle of one: each answer is the
    // last on its connection, and what is kept from before ends with its running request.
    server.prependListener('request', (_request: unknown, response: ServerResponse) => {
      response.shouldKeepAlive = false;
    });
    const sweeping = setInterval(() => {
      server.closeIdleConnections();
    }, sweepMs);
    server.close(() => {
      clearTimeout(impatience);
      clearInterval(sweeping);
      resolve();
    });
    server.closeIdleConnections();
  });

const sweepMs = 50;
