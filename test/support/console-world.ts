import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoWorld } from '../../seeds/demo-world.ts';
import { startOauthServer, type OauthServer } from '../../src/demo/oauth-server/index.ts';
import { scratchDatabase } from './database.ts';
import { freePortPair } from './free-port.ts';
import { startProgram, type Program } from './program.ts';
import { aVisitor, logIntoConsole } from './visitor.ts';

/** The demo as a program of its own, and its OAuth server here, where it can be stopped and come back. */
export interface ConsoleWorld {
  readonly program: Program;
  /** What it was told, for commands beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly oauthUrl: string;
  readonly databaseUrl: string;
  /** Somebody of the demo, by their name, logged in at the console: what their browser would send from then on. */
  cookieOf(name: string): Promise<{ readonly name: string; readonly value: string }>;
  stopOauthServer(): Promise<void>;
  startOauthServer(): Promise<void>;
  close(): Promise<void>;
}

export const startConsoleWorld = async (more: Readonly<Record<string, string>> = {}): Promise<ConsoleWorld> => {
  const folder = mkdtempSync(join(tmpdir(), 'civitas-console-'));
  const scratch = await scratchDatabase();
  const port = await freePortPair();
  const client = { clientId: 'console-world', clientSecret: 'a-secret-of-the-console-world' };
  // As src/demo/index.ts makes it.
  const platform = {
    clientId: 'civitas-demo-platform',
    clientSecret: createHmac('sha256', client.clientSecret).update('platform').digest('base64url'),
  };
  const { people } = demoWorld({ clientId: client.clientId, platform });
  const listen = (): Promise<OauthServer> =>
    startOauthServer({
      host: '127.0.0.1',
      port: port + 1,
      file: join(folder, 'oauth-server.json'),
      clients: [
        { id: 1, ...client },
        { id: 2, ...platform },
      ],
      people: people.map(({ externalId, ...person }) => ({ ...person, id: Number(externalId) })),
      apiUrl: `http://127.0.0.1:${port}`,
      production: false,
    });
  let oauthServer: OauthServer | null = await listen();
  const env = {
    DEMO: 'true',
    DATA_DIR: folder,
    PORT: String(port),
    DATABASE_URL: scratch.url,
    AUTH_SERVER_URL: `http://127.0.0.1:${port + 1}`,
    AUTH_CLIENT_ID: client.clientId,
    AUTH_CLIENT_SECRET: client.clientSecret,
    ...more,
  };
  const program = await startProgram({ env });
  const stop = async (): Promise<void> => {
    await oauthServer?.close();
    oauthServer = null;
  };
  return {
    program,
    env,
    url: program.url,
    oauthUrl: `http://127.0.0.1:${port + 1}`,
    databaseUrl: scratch.url,
    cookieOf: async (name) => {
      const one = people.find(({ firstName, lastName }) => `${firstName} ${lastName}` === name);
      if (one === undefined) throw new Error(`nobody in the demo is called ${name}`);
      const visitor = aVisitor();
      const oauthUrl = `http://127.0.0.1:${port + 1}`;
      await logIntoConsole(visitor, { apiUrl: program.url, oauthUrl }, Number(one.externalId));
      const [, key = '', value = ''] =
        /(civitas-console)=([^;]+)/.exec(visitor.cookieFor(new URL(program.url).host)) ?? [];
      if (value === '') throw new Error(`${name} was not let in`);
      return { name: key, value };
    },
    stopOauthServer: stop,
    startOauthServer: async () => {
      oauthServer ??= await listen();
    },
    close: async () => {
      await program.stop();
      await stop();
      await scratch.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
