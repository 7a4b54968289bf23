import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config/index.ts';
import type { Container } from './container.ts';
import { startJobs } from './jobs/runner.ts';

export interface RunningApp {
  readonly url: string;
  /** No new connections, running requests finish (at most `stopSeconds`), then jobs, pools and connections end. */
  readonly stop: () => Promise<void>;
}

/** Listens and starts the jobs. Rejects when the port is taken. */
export const startApp = async (container: Container, config: Pick<Config, 'server'>): Promise<RunningApp> => {
  const server = createServer(container.app);
  await listening(server, config.server);
  const jobs = startJobs(container.jobs, container.log);
  const { port } = server.address() as AddressInfo;
  const { host } = config.server;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    stop: async () => {
      await closed(server, config.server.stopSeconds * 1000);
      await jobs.stop();
      await container.close();
    },
  };
};

const listening = (server: Server, { host, port }: Config['server']): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

const closed = (server: Server, patienceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const impatience = setTimeout(() => {
      server.closeAllConnections();
    }, patienceMs);
    server.close(() => {
      clearTimeout(impatience);
      resolve();
    });
    server.closeIdleConnections();
  });
