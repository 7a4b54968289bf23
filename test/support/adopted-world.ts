import { generateKeyPairSync } from 'node:crypto';
import { loadConfig } from '../../src/config/index.ts';
import { createContainer, type Container } from '../../src/container.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { Site } from '../../src/domain/sites/site.ts';
import { openDatabase } from '../../src/db/database.ts';
import { sql } from '../../src/db/sql.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { adoptIn } from './adopted.ts';
import { startOauthWorld, type OauthWorld } from './oauth-world.ts';
import { recordedCopy, type RecordingName } from './recorded-copy.ts';
import { peopleOf, type WorldSettings } from './recorded-world.ts';
import { recordedRows } from './recorded-database.ts';

/** An OpenStad database as it was recorded, adopted, with our use cases on top and its people at a development OAuth server. */
export interface AdoptedWorld {
  readonly container: Container;
  readonly oauth: OauthWorld;
  readonly admin: Actor;
  site(id: number): Promise<Site>;
  /** SQL statements that the container sent so far. */
  statements(): number;
  close(): Promise<void>;
}

export const startAdoptedWorld = async (
  name: RecordingName,
  { besideOpenstad = false }: Pick<WorldSettings, 'besideOpenstad'> = {},
): Promise<AdoptedWorld> => {
  const copy = await recordedCopy(name);
  const clients = Array.from({ length: 7 }, (_, index) => index + 1).map((id) => ({
    id,
    clientId: `peer-client-${id}`,
    clientSecret: `peer-secret-${id}`,
  }));
  const rows = await recordedRows(name);
  // Site 0 is no site, and so has no client.
  const people = peopleOf(
    new Map([...rows, ['users', (rows.get('users') ?? []).filter(({ siteId }) => siteId !== 0)]]),
  );
  const oauth = await startOauthWorld({ people, clients });
  const before = openDatabase({ url: copy.url });
  await before.change(sql`UPDATE sites SET config = REPLACE(config, 'http://127.0.0.1:4440', ${oauth.url})`);
  await adoptIn(before);
  await before.close();
  const env = {
    NODE_ENV: 'test',
    DATABASE_URL: copy.url,
    AUTH_ALLOWED_HOSTS: oauth.host,
    AUTH_JWT_SECRET: 'a secret of thirty-two characters',
    AUTH_FIXED_TOKENS: JSON.stringify([{ token: 'fixed-admin', userId: 2, client: 'default' }]),
    DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
    RECEIPT_KEY: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  };
  let sent = 0;
  const log = createLogger({ level: 'silent', personalFields: [] });
  const container = createContainer(
    { ...loadConfig({ env }), interop: { openstad: besideOpenstad } },
    { log, onStatement: () => (sent += 1) },
  );
  const admin = await container.useCases.actorOf({ userId: 2, provider: 'default', reach: 'everywhere' });
  if (admin === null) throw new Error('no admin in this recording');
  return {
    container,
    oauth,
    admin,
    statements: () => sent,
    site: async (id) => {
      const site = await container.ports.sites.byId(id);
      if (site === null) throw new Error(`no site ${id}`);
      return site;
    },
    close: async () => {
      await container.close();
      await oauth.close();
      await copy.remove();
    },
  };
};
