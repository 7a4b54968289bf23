import { startApp } from '../../../src/lifecycle.ts';
import { loadConfig } from '../../../src/config/index.ts';
import { createContainer, type Container, type ContainerOptions } from '../../../src/container.ts';
import { maskedFields } from '../../../src/domain/users/user-fields.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { receiptKey } from '../receipt-key.ts';

export type Environment = Readonly<Record<string, string>>;
export interface Request {
  readonly method: 'PUT' | 'POST' | 'DELETE' | 'GET';
  readonly path: string;
  readonly body?: unknown;
  /** A session token; the fixed token of an admin unless said otherwise. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
/** The whole program in this process, without its jobs: what waits is executed when a test says so. */
export interface Instance {
  readonly url: string;
  readonly container: Container;
  readonly log: () => string;
  readonly call: (request: Request) => Promise<Answer>;
  readonly stop: () => Promise<void>;
}

export const jwtSecret = 'a secret of thirty-two characters';

/** The environment of a program on this database and this OAuth server (host and port). */
export const environmentOf = (databaseUrl: string, oauthHost: string): Environment => ({
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  PORT: '0',
  DATABASE_URL: databaseUrl,
  AUTH_ALLOWED_HOSTS: oauthHost,
  AUTH_JWT_SECRET: jwtSecret,
  AUTH_FIXED_TOKENS: JSON.stringify([{ token: 'fixed-admin', userId: 1, client: 'default' }]),
  DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
  RECEIPT_KEY: receiptKey,
});

interface Settings extends Pick<ContainerOptions, 'onStatement'> {
  readonly timeLimitMs?: number;
  readonly prepare?: (container: Container) => void;
}

export const startInstance = async (
  env: Environment,
  { timeLimitMs = 3000, prepare, ...told }: Settings = {},
): Promise<Instance> => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const config = loadConfig({ env });
  const container = createContainer(
    { ...config, oauth: { ...config.oauth, timeLimitMs } },
    { ...told, log: createLogger({ level: 'info', personalFields: maskedFields, stream }) },
  );
  prepare?.(container);
  const app = await startApp({ ...container, jobs: [] }, { server: { ...config.server, port: 0 } });
  return {
    url: app.url,
    container,
    log: () => lines.join(''),
    call: (request) => callAt(app.url, request),
    stop: app.stop,
  };
};

/** Where nobody is to lose patience with the OAuth server, on a busy machine either. */
export const ampleMs = 15_000;

/** Far beyond any time limit of these tests. */
const timeoutMs = 60_000;

/** On a connection of its own: none is left open that a stop would have to wait for. Rejects when no answer comes. */
export const callAt = async (url: string, { method, path, body, token, headers }: Request): Promise<Answer> => {
  const response = await fetch(url + path, {
    method,
    headers: {
      'x-authorization': token === undefined ? 'fixed-admin' : `Bearer ${token}`,
      'content-type': 'application/json',
      connection: 'close',
      ...headers,
    },
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
