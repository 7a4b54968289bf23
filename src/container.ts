import type { Express } from 'express';
import { sharedChanges } from './changes.ts';
import type { Config } from './config/index.ts';
import { globalOauthClientOf } from './config/index.ts';
import { createStores, openDatabase, type Database } from './db/index.ts';
import { writtenPastUsStore } from './db/written-past-us-store.ts';
import { createMigrator, type Migrator } from './db/migrator.ts';
import { personalFields } from './domain/user-fields.ts';
import { createApp } from './http/app.ts';
import { metricsApp } from './http/metrics-app.ts';
import type { HttpStories } from './http/stories.ts';
import { oauthServers } from './identity/index.ts';
import { anonymizeSites, restAsLong } from './jobs/anonymize-sites.ts';
import { besideOpenstad } from './jobs/beside-openstad.ts';
import { dispatchOutbox } from './jobs/dispatch-outbox.ts';
import { sealAuditJob } from './jobs/seal-audit.ts';
import { sweepPeopleJob } from './jobs/sweep-people.ts';
import { tidyUp } from './jobs/tidy-up.ts';
import type { Job } from './jobs/runner.ts';
import type { ManagementStories } from './management/commands.ts';
import { managementStoriesOf } from './management/index.ts';
import { broadcast } from './platform/broadcast.ts';
import { systemClock } from './platform/clock.ts';
import { startDigest } from './platform/digest.ts';
import { outboxState, readiness, sweepState } from './health.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { receiptSigning } from './platform/receipt-signing.ts';
import { sharedRedis } from './platform/redis.ts';
import { createSecrets } from './platform/secrets.ts';
import type { Siblings } from './platform/siblings.ts';
import { redisCounts } from './platform/shared-counts.ts';
import type { Ports } from './ports/index.ts';
import { sealAudit } from './users/audit-seal.ts';
import { background } from './users/background.ts';
import { carriersOf } from './users/carriers.ts';
import { checkOauthServers } from './sites/check-oauth-servers.ts';
import { siteStoriesOf } from './sites/index.ts';
import { deliverMessage, type DeliverMessage } from './users/deliver-message.ts';
import { putRight } from './users/put-right.ts';
import { sweepPeople } from './users/sweep-people.ts';
import { storiesOf } from './users/index.ts';
import { workOnSiteRuns } from './users/work-on-site-runs.ts';

/** The whole program, put together and not yet started. */
export interface Container {
  readonly app: Express;
  /** What answers at METRICS_PORT; null: nothing does. */
  readonly inside: { readonly app: Express; readonly port: number } | null;
  readonly stories: HttpStories;
  readonly management: ManagementStories;
  readonly ports: Ports;
  readonly database: Database;
  readonly migrator: Migrator;
  readonly deliver: DeliverMessage;
  readonly jobs: readonly Job[];
  readonly log: Logger;
  /** Begins to hear what other instances change; waits a moment for Redis at most, and goes on without it. */
  readonly open: () => Promise<void>;
  /** Gives back connections; the container is of no use afterwards. */
  readonly close: () => Promise<void>;
}

export interface ContainerOptions {
  readonly log?: Logger;
  /** Told each statement sent; tests count with it. */
  readonly onStatement?: (statement: string) => void;
  /** The database itself refuses every change. */
  readonly readOnly?: boolean;
  /** Where this is one of several workers; absent: one process. */
  readonly siblings?: Siblings;
}

export const loggerOf = (config: Config): Logger => createLogger({ level: config.log.level, personalFields });

/** The only place that constructs things. Connects to nothing by itself. */
export const createContainer = (config: Config, options: ContainerOptions = {}): Container => {
  const log = options.log ?? loggerOf(config);
  const siblings = options.siblings ?? null;
  const database = openDatabase({
    url: config.database.url,
    log,
    poolSize: config.database.poolSize,
    readOnly: options.readOnly ?? false,
    ...told(options),
  });
  const globalOauthClient = globalOauthClientOf(config);
  const secrets = createSecrets(config.secrets.dataKeys);
  const identity = oauthServers({
    allowedHosts: config.authorization.allowedHosts,
    globalOauthClient,
    timeLimitMs: config.oauth.timeLimitMs,
    connections: config.oauth.maxConnections,
    log,
  });
  const stores = createStores(database, {
    clock: systemClock,
    secrets,
    globalIssuer: globalOauthClient?.issuer ?? null,
    oauthTimeLimitMs: config.oauth.timeLimitMs,
    siteCacheSeconds: config.users.cache.freshSeconds,
    log,
  });
  const { enabled, port: metricsPort } = config.metrics;
  const metrics = enabled
    ? createMetrics({
        outbox: () => outboxState(ports)(),
        sweep: () => sweepState(ports)(),
        ...(siblings === null ? {} : { byAll: siblings.measured }),
      })
    : null;
  const redis = config.redis.url === null ? null : sharedRedis({ url: config.redis.url, log });
  const changes = sharedChanges(redis === null ? (siblings?.broadcast ?? null) : (hearer) => broadcast(redis, hearer));
  const sharedCounts =
    redis === null ? siblings?.counts : redisCounts(redis, (name) => secrets.fingerprint(`limit ${name}`));
  changes.listen(() => {
    stores.sites.forget();
  });
  const ports: Ports = {
    ...stores,
    changes,
    identity,
    secrets,
    startDigest,
    receipts: receiptSigning(config.secrets.receiptKeys),
    clock: systemClock,
    log,
    tally: metrics ?? nobodyCounts,
    settings: settingsOf(config, globalOauthClient),
  };
  const deliver = deliverMessage(ports, carriersOf(ports));
  const inBackground = background(ports);
  const stories = { ...storiesOf(ports, deliver, inBackground), ...siteStoriesOf(ports) };
  const { sweepPerMinute } = config.users.cache;
  const management = managementStoriesOf(ports, stories, deliver);
  const pastUs = writtenPastUsStore(database, ports.inOneTransaction);
  const migrator = createMigrator(database, log);
  return {
    app: createApp({
      stories,
      management,
      sites: ports.sites,
      timeZone: config.timeZone,
      auth: {
        jwtSecret: config.authorization.jwtSecret,
        acceptLegacyTokens: config.authorization.acceptLegacyTokens,
        fixedTokens: config.authorization.fixedTokens,
        freshSeconds: config.users.cache.freshSeconds,
      },
      login: { publicUrl: config.server.publicUrl, secrets },
      log,
      trustProxy: config.server.trustProxy,
      limits: config.limits,
      ...(sharedCounts === undefined ? {} : { sharedCounts }),
      health: { ready: readiness({ migrator, checkOauthServers: checkOauthServers(ports), redis, log }) },
      ...(metrics === null ? {} : { metrics, metricsElsewhere: metricsPort !== null }),
    }),
    inside: metrics === null || metricsPort === null ? null : { app: metricsApp(metrics, log), port: metricsPort },
    stories,
    management,
    ports,
    database,
    migrator,
    deliver,
    jobs: [
      dispatchOutbox(deliver, config.outbox.intervalSeconds),
      anonymizeSites(workOnSiteRuns(ports, restAsLong), config.outbox.intervalSeconds),
      sealAuditJob(sealAudit(ports), config.audit.sealSeconds),
      tidyUp(ports),
      ...(config.interop.openstad ? [besideOpenstad(putRight({ ...ports, pastUs }))] : []),
      ...(sweepPerMinute === 0 ? [] : [sweepPeopleJob(sweepPeople(ports), sweepPerMinute)]),
    ],
    log,
    open: async () => {
      await redis?.open();
    },
    close: async () => {
      await inBackground.settled();
      redis?.close();
      await identity.close();
      await database.close();
    },
  };
};

const nobodyCounts: Ports['tally'] = { delivered: () => undefined, did: () => undefined };

const told = ({ onStatement }: ContainerOptions): Pick<ContainerOptions, 'onStatement'> =>
  onStatement === undefined ? {} : { onStatement };

const settingsOf = (config: Config, globalOauthClient: Ports['settings']['globalOauthClient']): Ports['settings'] => ({
  anonymize: { ...config.users.anonymize, maxListed: config.anonymize.maxListed },
  timeZone: config.timeZone,
  freshSeconds: config.users.cache.freshSeconds,
  maxStaleSeconds: config.users.cache.maxStaleSeconds,
  globalOauthClient,
  allowedOauthHosts: config.authorization.allowedHosts,
  oauthTimeLimitMs: config.oauth.timeLimitMs,
  outboxAlarmSeconds: config.outbox.alarmSeconds,
  sessionSeconds: {
    staff: config.authorization.jwtLifetime.staffSeconds,
    others: config.authorization.jwtLifetime.othersSeconds,
  },
  keepsAccessTokenInClear: config.interop.openstad,
  fixedTokenUserIds: config.authorization.fixedTokens.map(({ userId }) => userId),
  management: config.management,
});
