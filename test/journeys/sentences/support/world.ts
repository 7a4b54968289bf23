import { loadConfig } from '../../../../src/config/index.ts';
import { createContainer, loggerOf } from '../../../../src/container.ts';
import { startApp } from '../../../../src/lifecycle.ts';
import type { SnapshotPerson } from '../../../../src/demo/oauth-server/index.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import type { UserRow } from '../../../../src/domain/users/user.ts';
import { userRowOf } from '../../../../src/db/rows/user-row.ts';
import { sql } from '../../../../src/db/sql.ts';
import {
  startRecordedWorld,
  type Answer,
  type RecordedWorld,
  type WorldSettings,
} from '../../../support/recorded-world.ts';
import { until } from '../../../support/until.ts';
import { peopleIn, type People } from './people.ts';

/** Who calls: a user id (with a session token), `admin` (that fixed token), or nobody. */
export type Who = number | string | null;
export type Headers = Record<string, string>;

/** The recorded world with sites of a test's own, and people who are put there at the OAuth server and here alike. */
export interface SentenceWorld extends People {
  readonly world: RecordedWorld;
  readonly get: (who: Who, path: string, headers?: Headers) => Promise<Answer>;
  readonly put: (who: Who, path: string, body?: unknown, headers?: Headers) => Promise<Answer>;
  readonly post: (who: Who, path: string, body?: unknown, headers?: Headers) => Promise<Answer>;
  readonly remove: (who: Who, path: string, headers?: Headers) => Promise<Answer>;
  /** The person as the OAuth server has them now. */
  readonly there: (externalId: number) => SnapshotPerson | undefined;
  /** The row as the database has it now; undefined when it is gone. */
  readonly row: (userId: number) => Promise<UserRow | undefined>;
  /** Changes columns of a row behind the program's back, as history would have. */
  readonly touch: (table: 'users' | 'ideas' | 'votes' | 'sites', id: number, columns: object) => Promise<void>;
  /** Makes every waiting message due now, so that nobody waits for its pause. */
  readonly touchOutbox: () => Promise<void>;
  /** Delivers, whoever else does so at the same time, until nothing waits. */
  readonly emptyOutbox: () => Promise<void>;
  /** How many writes the OAuth server was asked for while this ran. */
  readonly writesDuring: <T>(work: () => Promise<T>) => Promise<{ readonly result: T; readonly writes: number }>;
  /** A second instance of the program on the same database, with another environment. */
  readonly beside: <T>(env: Record<string, string>, work: (url: string) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export interface NewSite {
  /** The number of the OAuth client; one of its own unless said. */
  readonly client?: number;
  readonly config?: JsonObject;
  /** `config.oauth`, from the OAuth server's address, in place of the usual. */
  readonly oauth?: (address: string) => JsonObject;
  readonly deleted?: boolean;
}

/** What waits in the outbox is delivered by the test alone: a program that looks by itself may be quicker than what comes between. */
export const whenTold: WorldSettings = { outboxSeconds: 3600 };

/** Sites are there before the first call, as the program keeps what it knows of them for a minute. Ids from 8 on, clients alike. */
export const startSentences = async (
  sites: Readonly<Record<number, NewSite>> = {},
  settings: WorldSettings = {},
): Promise<SentenceWorld> => {
  const world = await startRecordedWorld({}, settings);
  for (const [id, site] of Object.entries(sites)) await addSite(world, Number(id), site);
  const { oauth, call } = world;
  const { database } = world.container;
  const touchOutbox = async (): Promise<void> => {
    await database.rows.outbox.update({ dueAt: new Date(0) }, { where: {} });
  };
  return {
    world,
    ...peopleIn(world),
    get: (who, path, headers) => call(who, 'GET', path, undefined, headers),
    put: (who, path, body, headers) => call(who, 'PUT', path, body, headers),
    post: (who, path, body, headers) => call(who, 'POST', path, body, headers),
    remove: (who, path, headers) => call(who, 'DELETE', path, undefined, headers),
    there: (externalId) => oauth.server.people().find(({ id }) => id === externalId),
    row: async (userId) => {
      const [found] = await database.select(sql`SELECT * FROM users WHERE id = ${userId}`);
      return found === undefined ? undefined : userRowOf(found);
    },
    touch: async (table, id, columns) => {
      await database.rows[table].update({ ...columns }, { where: { id } });
    },
    touchOutbox,
    emptyOutbox: () =>
      until('the outbox is empty', async () => {
        await touchOutbox();
        while ((await world.container.deliver()) !== null);
        return (await world.container.ports.outbox.waiting()).length === 0;
      }),
    writesDuring: async (work) => {
      const before = oauth.proxy.calls(/^POST /);
      const result = await work();
      return { result, writes: oauth.proxy.calls(/^POST /) - before };
    },
    beside: async (env, work) => {
      const config = loadConfig({ env: { ...world.env, LOG_LEVEL: 'silent', ...env } });
      const app = await startApp(createContainer(config, { log: loggerOf(config), clock: world.clock }), {
        server: { ...config.server, port: 0 },
      });
      try {
        return await work(app.url);
      } finally {
        await app.stop();
      }
    },
    close: () => world.close(),
  };
};

const addSite = async (world: RecordedWorld, id: number, { client = id, config = {}, oauth, deleted }: NewSite) => {
  const at = new Date('2024-01-01T00:00:00Z');
  const settings = {
    'auth-server-url': world.oauth.url,
    'auth-client-id': `peer-client-${client}`,
    'auth-client-secret': `peer-secret-${client}`,
  };
  await world.container.database.rows.sites.create({
    id,
    name: `site${id}`,
    title: `Site ${id}`,
    domain: `site${id}.localhost`,
    config: { oauth: oauth?.(world.oauth.url) ?? { default: settings }, ...config },
    hostStatus: {},
    areaId: null,
    createdAt: at,
    updatedAt: at,
    deletedAt: deleted === true ? at : null,
  });
};

export const users = (siteId: number): string => `/api/site/${siteId}/user`;
export const user = (siteId: number, userId: number | string): string => `${users(siteId)}/${userId}`;
export const asQuery = (parameters: object): string =>
  new URLSearchParams(
    Object.entries(parameters).map(([name, value]: [string, unknown]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString();

/** The values of one key in a list of an answer. */
export const each = (list: unknown, key: string): readonly unknown[] =>
  (list as readonly Readonly<Record<string, unknown>>[]).map((item) => item[key]);
export const idsIn = (list: unknown): readonly unknown[] => each(list, 'id');
export const keysOf = (value: object): readonly string[] => Object.keys(value).sort();
/** Status and code of a problem, and what it names. */
export const refusal = ({ status, body }: Answer): readonly unknown[] =>
  [status, body?.rule, body?.field].filter((part) => part !== undefined);
