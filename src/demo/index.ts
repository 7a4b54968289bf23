import { createHmac } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { demoWorld } from '../../seeds/demo-world.ts';
import { demoClientId, globalOauthClientOf, type Config } from '../config/index.ts';
import type { Container } from '../container.ts';
import type { Log } from '../ports/platform.ts';
import { fillWorld } from './fill-world.ts';
import { startOauthServer } from './oauth-server/index.ts';

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
  const client = globalOauthClientOf(config);
  const platform = {
    clientId: `${demoClientId}-platform`,
    clientSecret: createHmac('sha256', client?.clientSecret ?? '')
      .update('platform')
      .digest('base64url'),
  };
  const world = demoWorld({ clientId: demoClientId, platform });
  const oauth =
    client?.clientId === demoClientId
      ? await startOauthServer({
          host: config.server.host,
          port: Number(new URL(client.internalUrl).port),
          file: oauthFile,
          clients: [
            { id: 1, clientId: client.clientId, clientSecret: client.clientSecret },
            { id: 2, ...platform },
          ],
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

/** What the demo prints once it listens. */
const welcome = (
  url: string,
  oauthUrl: string,
  { authorization, dataDir, console: { enabled } }: Pick<Config, 'authorization' | 'dataDir' | 'console'>,
): string => `
Civitas is running: the demo, on a world of its own.

  API            ${url}/api/site/1/user
${enabled ? `  console        ${url}/console   (Marleen de Graaf is the platform's admin)\n` : ''}  documentation  ${url}/docs   (OpenAPI: ${url}/openapi.json)
  OAuth server   ${oauthUrl}   (for development only: it lets anybody in as anybody)
  tokens         ${authorization.fixedTokens.map(({ token }) => token).join('  ')}
  log in         ${url}/oauth/site/1/login?redirectUrl=${encodeURIComponent(`${oauthUrl}/site?site=1`)}

Worth trying:

  curl '${url}/api/site/1/user?page=0&pageSize=1'
  curl -H 'X-Authorization: demo-admin' '${url}/api/site/1/user/${nielsId}/will-anonymizeall?view=summary'
  curl '${url}/api/site/1/user/${nielsId}/activity?includeOtherSites=0&includeIdeas=1'

A back office of sites 1 and 2 (API key and secret for ${url}/oauth/token): ${sameData(dataDir)}npm run client -- create 'Back office' --sites 1,2 --scopes admin

Ctrl-C stops it; what you changed is kept. \`npm start -- --reset\` begins anew.
`;

/** What a command has to be told to find this demo's data; its port is none of it. */
const sameData = (dataDir: string): string =>
  dataDir === resolve('data') ? '' : `DATA_DIR='${dataDir.replaceAll("'", String.raw`'\''`)}' `;

/** Niels Vegter, the example of user-api.md §4, on site 1. */
const nielsId = 101;
