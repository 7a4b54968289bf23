import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config/index.ts';
import type { Container } from './container.ts';
import { serverOf } from './http/server.ts';
import { startJobs } from './jobs/jobs.ts';
import type { Logger } from './platform/logger.ts';

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

/** An unhandled rejection is a bug, and ends the process with 1. Source: running.md. */
export const endOnUnhandledRejection = (log: Logger): void => {
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection: this is a bug');
    process.exit(1);
  });
};

/**
 * From now on SIGTERM and SIGINT, or whoever calls what this answers, end the process: once, with 0 when `stop` has done its work,
 * with 1 when it failed. Source: running.md.
 */
export const endOnSignal = (log: Logger, stop: () => Promise<void>): ((because: string) => void) => {
  let stopping = false;
  const end = (because: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ because }, 'stopping: no new connections, running requests finish');
    stop().then(
      () => {
        log.info({}, 'stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.fatal({ err: error }, 'stopped, and not as it should');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  return end;
};

/** One line on stderr and exit code 1 when the address cannot be listened at; any other error goes on. Source: running.md. */
export const reportListenError = (error: unknown): never => {
  const line = listenErrorOf(error);
  if (line === null) throw error;
  process.stderr.write(`${line}\n`);
  process.exit(1);
};

/** What somebody can do about it; null when this is another error. */
const listenErrorOf = (error: unknown): string | null => {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return null;
  const { code, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  const reason = reasons.get(code ?? '');
  return reason === undefined ? null : `Cannot listen at ${address} port ${port}: ${reason}`;
};

const reasons: ReadonlyMap<string, string> = new Map([
  [
    'EADDRINUSE',
    "another program does. Set PORT to another one (METRICS_PORT, if it is that one); the demo's OAuth server takes the one after it.",
  ],
  ['EADDRNOTAVAIL', 'this machine has no such address. Set HOST to one that it has.'],
  ['EACCES', 'this user may not. Set PORT to one above 1023.'],
]);
