import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { OauthServerOptions, PersonSpec } from '../../src/demo/oauth-server/index.ts';
import { sessionStore } from '../../src/db/stores/session-store.ts';
import { createSecrets } from '../../src/platform/secrets.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { receiptKey } from '../support/receipt-key.ts';
import { atExit } from './at-exit.ts';
import type { Api } from './children/api.ts';
import { startChild, type Child } from './children/child.ts';
import { issuer } from './city/rows.ts';
import { oauthClient, type Player } from './city/cast.ts';
import type { Plot } from './ground.ts';

/** The program on one city, beside its OAuth server, as two processes: one is measured, the other counts statements. */
export interface Stage {
  readonly api: Child<Api>;
  readonly url: string;
  readonly counting: Child<Api>;
  readonly countingUrl: string;
  /** The header of a login's token, for somebody's row. */
  readonly session: (userId: number) => Promise<Readonly<Record<string, string>>>;
  /** What the program was started with, for others on the same city. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}
export type StaffToken = 'admin' | 'moderator' | 'member';
export const staffHeader = (role: StaffToken): Readonly<Record<string, string>> => ({
  'x-authorization': `bench-${role}`,
});

interface StageOptions {
  readonly built: string;
  readonly plot: Plot;
  readonly staff: Readonly<Record<StaffToken, Player>>;
  readonly people: readonly PersonSpec[];
}

const jwtSecret = 'a secret of thirty-two characters';
const dataKey = Buffer.alloc(32, 7).toString('base64');
const dayMs = 86_400_000;

export const startStage = async ({ built, plot, staff, people }: StageOptions): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'civitas-bench-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  atExit(remove);
  const oauth = await startOauth(built, folder, people);
  // As in production the log goes to a file; nobody reads it.
  const log = openSync(join(folder, 'api.log'), 'w');
  const env = environmentOf(plot.url, oauth.url, staff);
  const file = join(built, 'test/bench/children/api.js');
  const api = startChild<Api>(file, { log });
  const counting = startChild<Api>(file);
  const [url, countingUrl] = [
    await api.ask('start', { env, counting: false }),
    await counting.ask('start', { env, counting: true }),
  ];
  const sessions = sessionStore(plot.database, { clock: systemClock, secrets: createSecrets([dataKey]) });
  return {
    api,
    url,
    counting,
    countingUrl,
    env,
    session: async (userId) => {
      const now = new Date();
      const jti = randomUUID();
      const expiresAt = new Date(now.getTime() + dayMs);
      const kept = {
        accessToken: null,
        accessTokenExpiresAt: null,
        sid: null,
        checkedAt: now,
        createdAt: now,
        expiresAt,
      };
      await sessions.open({ jti, userId, provider: 'default', ...kept });
      const token = await new SignJWT({ userId, client: 'default', jti })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt()
        .setExpirationTime('1d')
        .sign(new TextEncoder().encode(jwtSecret));
      return { 'x-authorization': `Bearer ${token}` };
    },
    close: async () => {
      await Promise.all([api.stop(), counting.stop(), oauth.stop()]);
      closeSync(log);
      remove();
    },
  };
};

/** Everything is fresh for a day, so that what is measured is never a refresh by chance. */
const environmentOf = (
  databaseUrl: string,
  oauthUrl: string,
  staff: StageOptions['staff'],
): Readonly<Record<string, string>> => ({
  NODE_ENV: 'production',
  LOG_LEVEL: 'info',
  HOST: '127.0.0.1',
  DATABASE_URL: databaseUrl,
  AUTH_SERVER_URL: issuer,
  AUTH_INTERNAL_SERVER_URL: oauthUrl,
  AUTH_CLIENT_ID: oauthClient.clientId,
  AUTH_CLIENT_SECRET: oauthClient.clientSecret,
  AUTH_JWT_SECRET: jwtSecret,
  AUTH_FIXED_TOKENS: JSON.stringify(
    Object.entries(staff).map(([role, { rows }]) => ({
      token: `bench-${role}`,
      userId: rows[0]?.id,
      client: 'default',
    })),
  ),
  DATA_KEY: dataKey,
  RECEIPT_KEY: receiptKey,
  USERS_FRESH_SECONDS: '86400',
});

interface Oauth {
  readonly url: string;
  readonly stop: () => Promise<void>;
}
const startOauth = async (built: string, folder: string, people: readonly PersonSpec[]): Promise<Oauth> => {
  const options: OauthServerOptions = { port: 0, host: '127.0.0.1', clients: [oauthClient], people, production: false };
  const file = join(folder, 'oauth.json');
  writeFileSync(file, JSON.stringify(options));
  const child = spawn(process.execPath, [join(built, 'src/demo/oauth-server/main.js'), file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  atExit(() => {
    child.kill('SIGKILL');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { readonly url: string };
  return { url, stop: () => stopped(child) };
};

const stopped = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
};
