import { startApp } from '../../src/lifecycle.ts';
import { loadConfig, type Config } from '../../src/config/index.ts';
import { createContainer, type Container } from '../../src/container.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/json.ts';
import type { PersonSpec } from '../../src/demo/oauth-server/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createLogger } from '../../src/platform/logger.ts';
import type { Clock } from '../../src/ports/platform.ts';
import { maskedFields } from '../../src/domain/users/user-fields.ts';
import { scratchDatabase } from './database.ts';
import { mustBeDescribed } from './described.ts';
import { fillTables } from './fill-tables.ts';
import { startOauthWorld, type OauthWorld } from './oauth-world.ts';
import { ampleMs } from './misbehaving-server.ts';
import { receiptKey } from './receipt-key.ts';
import { sessionToken } from './session-token.ts';
import { recordedRows, type RecordedRow, type RecordedRows } from './recorded-database.ts';

/**
 * The journeys' world: the rows of a real OpenStad database, copied column by column into our tables, its people at a
 * development OAuth server behind a proxy that misbehaves when told to, and the whole program on a free port.
 */
export interface RecordedWorld {
  readonly url: string;
  readonly container: Container;
  readonly oauth: OauthWorld;
  /** The environment that this program was started with, for a second instance. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything that was logged so far. */
  log(): string;
  /** SQL statements sent so far. */
  statements(): number;
  /** Those sent meanwhile, without their values. */
  sentDuring<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly sent: readonly string[] }>;
  /** Moves this program's clock on, also of who runs beside it in this process: what ends by it (a lease, a freshness, a pause) has ended. */
  later(seconds: number): void;
  readonly clock: Clock;
  /** A session token as login would make it, the same each time. */
  token(userId: number): Promise<string>;
  /** A call, with a user's session token or a fixed token's name. */
  readonly call: Call;
  /** The same at another instance. */
  readonly at: (url: string) => Call;
  /** Stops this program and starts it anew; the database and the OAuth server stay. */
  restart(anew?: WorldSettings): Promise<void>;
  close(): Promise<void>;
}
export type Call = (
  who: number | string | null,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests read freely in what came back.
  // oxlint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

const jwtSecret = 'a secret of thirty-two characters';
export const fixedTokens = { admin: 2, moderator: 3, member: 4, editor: 5, anonymous: 6 } as const;

/** Settings that have no environment name, for this process only: a second instance keeps the files' own. */
export interface WorldSettings {
  /** How long an operation at the OAuth server may take; ample by itself, as a busy machine takes its time. A lease whose end nobody knows lasts twice as long. */
  readonly oauthTimeLimitMs?: number;
  /** How long somebody waits for a lease: for many at once on a busy machine, which all get it in the end. */
  readonly leaseWaitMs?: number;
  /** Connections to it. */
  readonly oauthConnections?: number;
  /** How often the outbox is looked at. */
  readonly outboxSeconds?: number;
  /** How often the audit is sealed; hardly ever unless said otherwise, as tests compare what a call leaves in the database. */
  readonly sealSeconds?: number;
  /** `interop.openstad`. */
  readonly besideOpenstad?: boolean;
  /** `authorization.platformSiteId`. */
  readonly platformSiteId?: number;
}

export const startRecordedWorld = async (
  more: Readonly<Record<string, string>> = {},
  settings: WorldSettings = {},
): Promise<RecordedWorld> => {
  const rows = await recordedRows('openstad-api-database');
  const oauth = await startOauthWorld({ people: peopleOf(rows), clients: clientsOf() });
  const scratch = await scratchDatabase();
  const env = {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: scratch.url,
    AUTH_ALLOWED_HOSTS: oauth.host,
    AUTH_JWT_SECRET: jwtSecret,
    AUTH_FIXED_TOKENS: JSON.stringify(
      Object.entries(fixedTokens).map(([role, userId]) => ({ token: `fixed-${role}`, userId, client: 'default' })),
    ),
    DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
    RECEIPT_KEY: receiptKey,
    ...more,
  };
  const lines: string[] = [];
  let statements = 0;
  let heard: string[] = [];
  const onStatement = (statement: string): void => {
    statements += 1;
    heard.push(statement);
    // Nobody asks for what was long ago.
    if (heard.length > 10_000) heard = [];
  };
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
  let isFirst = true;
  const start = async (said: WorldSettings) => {
    const config = withSettings(loadConfig({ env }), said);
    const log = createLogger({
      level: 'info',
      personalFields: maskedFields,
      stream: { write: (line: string) => void lines.push(line) },
    });
    const { leaseWaitMs } = said;
    const container = createContainer(config, {
      ...{ log, clock, onStatement },
      ...(leaseWaitMs === undefined ? {} : { leaseWaitMs }),
    });
    await container.migrator.up();
    // Before its jobs: some give rows a person that have none.
    if (isFirst)
      await fillTables(container.database, rows, (text) => text.replaceAll('http://127.0.0.1:4440', oauth.url));
    isFirst = false;
    return { container, app: await startApp(container, { server: { ...config.server, port: 0 } }) };
  };
  let running = await start(settings);

  const tokens = new Map<number, Promise<string>>();
  // A session a user, as a browser keeps its token; that it was opened is not counted as the program's doing.
  const token = (userId: number): Promise<string> => {
    const known = tokens.get(userId);
    if (known !== undefined) return known;
    const counted = statements;
    const made = sessionToken(running.container, userId, { secret: jwtSecret }).finally(() => (statements = counted));
    tokens.set(userId, made);
    return made;
  };
  const callAt =
    (url: () => string): Call =>
    async (who, method, path, body, headers = {}) => {
      const credential =
        who === null
          ? {}
          : { 'x-authorization': typeof who === 'string' ? `fixed-${who}` : `Bearer ${await token(who)}` };
      const response = await fetch(url() + path, {
        // Where we send a browser to is not ours.
        redirect: 'manual',
        method,
        headers: { ...credential, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status, headers: said } = response;
      const answer: Answer = { status, headers: said, text, body: parsed(text) };
      mustBeDescribed(method, path, { status, contentType: said.get('content-type'), body: answer.body });
      return answer;
    };
  return {
    get url() {
      return running.app.url;
    },
    get container() {
      return running.container;
    },
    oauth,
    env,
    log: () => lines.join(''),
    statements: () => statements,
    sentDuring: async (work) => {
      heard = [];
      const result = await work();
      return { result, sent: heard };
    },
    later: (seconds) => {
      aheadMs += seconds * 1000;
    },
    clock,
    token,
    call: callAt(() => running.app.url),
    at: (url) => callAt(() => url),
    restart: async (anew = settings) => {
      await running.app.stop();
      running = await start(anew);
    },
    close: async () => {
      await running.app.stop();
      await oauth.close();
      await scratch.remove();
    },
  };
};

const withSettings = (
  config: Config,
  { oauthTimeLimitMs, oauthConnections, outboxSeconds, sealSeconds, besideOpenstad, platformSiteId }: WorldSettings,
): Config => ({
  ...config,
  authorization: {
    ...config.authorization,
    platformSiteId: platformSiteId ?? config.authorization.platformSiteId,
  },
  interop: { openstad: besideOpenstad ?? config.interop.openstad },
  oauth: {
    timeLimitMs: oauthTimeLimitMs ?? ampleMs,
    maxConnections: oauthConnections ?? config.oauth.maxConnections,
  },
  audit: { sealSeconds: sealSeconds ?? 3600 },
  outbox: { ...config.outbox, intervalSeconds: outboxSeconds ?? config.outbox.intervalSeconds },
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** As the recording's sites name them (site 7's config holds a wrong secret), and some more for sites that a test adds. */
const clientsOf = () =>
  Array.from({ length: 20 }, (_, index) => index + 1).map((id) => ({
    id,
    clientId: `peer-client-${id}`,
    clientSecret: `peer-secret-${id}`,
  }));

/** The people behind the recorded rows, in the raw form from which OpenStad made those rows. */
export const peopleOf = (rows: RecordedRows): readonly PersonSpec[] => {
  const users = rows.get('users') ?? [];
  const ids = [...new Set(users.map((row) => row['externalUserId']).filter((id) => id !== null))];
  return ids.map((id) => {
    const own = users.filter((row) => row['externalUserId'] === id && row['deletedAt'] === null);
    const [first] = own.length > 0 ? own : users.filter((row) => row['externalUserId'] === id);
    const text = (column: string): string | null => (typeof first?.[column] === 'string' ? first[column] : null);
    return {
      id: Number(id),
      email: text('email'),
      firstName: text('firstName'),
      lastName: text('lastName'),
      phoneNumber: text('phoneNumber'),
      streetName: text('streetName'),
      houseNumber: text('houseNumber'),
      postcode: text('postcode'),
      city: text('city'),
      suffix: text('suffix'),
      extraData: rawExtraData(own),
      roles: Object.fromEntries(
        own
          .filter((row) => row['siteId'] !== null)
          .map((row) => [`peer-client-${row['siteId'] ?? ''}`, 'member' as const]),
      ),
    };
  });
};

/** Plain values as the lowest site sees them, and an entry for each site that sees something else. */
const rawExtraData = (own: readonly RecordedRow[]): JsonObject => {
  const seen = own.map((row) => ({ row, siteId: Number(row['siteId']), values: objectOf(row['extraData']) }));
  const plain = seen[0]?.values ?? {};
  const perKey = Object.entries(plain).map(([key, value]): [string, Json] => {
    const others = seen.filter(({ values }) => JSON.stringify(values[key]) !== JSON.stringify(value));
    return [
      key,
      others.length === 0
        ? value
        : [value, ...others.map(({ siteId, values }) => ({ value: values[key] ?? null, siteId }))],
    ];
  });
  const fields = ['listableByRole', 'detailsViewableByRole', 'nickName', 'gender'].flatMap(
    (field): [string, Json][] => {
      const entries = seen
        .filter(({ row }) => row[field] != null)
        .map(({ row, siteId }) => ({ value: row[field] ?? null, siteId }));
      return entries.length === 0 ? [] : [[field, entries]];
    },
  );
  return Object.fromEntries([...perKey, ...fields]);
};

const objectOf = (text: unknown): JsonObject => {
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : {};
  return isJsonObject(value) ? value : {};
};
