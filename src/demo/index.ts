import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { demoWorld } from '../../seeds/demo-world.ts';
import { demoClientId, globalOauthClientOf, type Config } from '../config/index.ts';
import type { Container } from '../container.ts';
import type { Log } from '../ports/log.ts';
import { fillWorld } from './fill-world.ts';
import { startOauthServer } from './oauth-server/index.ts';
import { welcome } from './welcome.ts';

export interface Demo {
  /** Migrates the database and, when it is empty, makes the demo world in it; refuses a database that holds anything else. */
  readonly fill: (container: Container) => Promise<void>;
  /** Prints addresses, tokens and three curl lines worth trying. */
  readonly tell: (url: string) => void;
  readonly stop: () => Promise<void>;
}

/** The demo's own parts: the development OAuth server with the world's people, kept in a file beside the database. Source: running.md. */
export const startDemo = async (
  config: Config,
  { reset, log }: { readonly reset: boolean; readonly log: Log },
): Promise<Demo> => {
  const oauthFile = join(config.dataDir, 'oauth-server.json');
  if (reset) await forget(config, oauthFile);
  const world = demoWorld({ clientId: demoClientId });
  const client = globalOauthClientOf(config);
  const oauth =
    client?.clientId === demoClientId
      ? await startOauthServer({
          host: config.server.host,
          port: Number(new URL(client.internalUrl).port),
          file: oauthFile,
          clients: [{ id: 1, clientId: client.clientId, clientSecret: client.clientSecret }],
          people: world.people.map(({ externalId, ...person }) => ({ ...person, id: Number(externalId) })),
          apiUrl: apiUrlOf(config),
          production: config.nodeEnv === 'production',
          log,
        })
      : null;
  return {
    fill: async ({ migrator, database, ports }) => {
      await migrator.up();
      await ports.inOneTransaction(() => fillWorld(database, world, client?.issuer ?? ''));
    },
    tell: (url) => {
      process.stdout.write(welcome(url, client?.browserUrl ?? client?.issuer ?? '', config));
    },
    stop: async () => {
      await oauth?.close();
    },
  };
};

/** As a browser on this machine reaches the API. */
const apiUrlOf = ({ server: { host, port, publicUrl } }: Config): string => {
  const here = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return publicUrl ?? `http://${here.includes(':') ? `[${here}]` : here}:${port}`;
};

/** The secrets stay: tokens that somebody noted keep working. */
const forget = async ({ database }: Config, oauthFile: string): Promise<void> => {
  const files = database.url.startsWith('sqlite:')
    ? ['', '-wal', '-shm'].map((end) => `${database.url.slice('sqlite:'.length)}${end}`)
    : [];
  await Promise.all([oauthFile, ...files].map((file) => rm(file, { force: true })));
};
