import type { Express } from 'express';
import { sharedChanges } from './shared-changes.ts';
import { demoTokens, globalOauthClientOf, type Config } from './config/index.ts';
import { createStores, openDatabase, type Database } from './db/index.ts';
import { foreignWritesStore } from './db/stores/foreign-writes-store.ts';
import { createMigrator, type Migrator } from './db/migrator.ts';
import { maskedFields } from './domain/users/user-fields.ts';
import { createApp, type AppParts } from './http/app.ts';
import { metricsApp } from './http/system.ts';
import { useCasesOf, managementUseCasesOf, type UseCases, type ManagementUseCases } from './use-cases/index.ts';
import { oauthServers } from './identity/index.ts';
import {
  workOnRunsJob,
  restAsLong,
  besideOpenstad,
  lateContributionsJob,
  dispatchOutbox,
  sealAuditJob,
  sweepPeopleJob,
  tidyUp,
  type Job,
} from './jobs/jobs.ts';
import { systemClock } from './platform/clock.ts';
import { outboxState, readiness, sweepState, upkeepState } from './health.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { receiptSigning } from './platform/receipt-signing.ts';
import { broadcast, sharedRedis } from './platform/redis.ts';
import { createSecrets } from './platform/secrets.ts';
import { redisCounts, type PeerWorkers } from './platform/peer-workers.ts';
import { attachedTracing } from './platform/tracing.ts';
import type { Ports } from './ports/index.ts';
import type { Clock } from './ports/platform.ts';
import { sealAudit } from './use-cases/audit/seal.ts';
import { background } from './use-cases/background.ts';
import { messageHandlersOf } from './use-cases/message-handlers.ts';
import { lookForLate } from './use-cases/anonymization/late-contributions.ts';
import { checkOauthServers } from './use-cases/sites/check-oauth-servers.ts';
import { checkPlatformSite } from './use-cases/sites/platform-site.ts';
import { deliverMessage, type DeliverMessage } from './use-cases/outbox/deliver-message.ts';
import { putRight } from './use-cases/person-sync/reconcile.ts';
import { sweepPeople } from './use-cases/person-sync/sweep-people.ts';
import { workOnRuns } from './use-cases/anonymization-runs/work-on-runs.ts';

/** The whole program, put together and not yet started. */
export interface Container {
  readonly app: Express;
  /** What answers at METRICS_PORT; null: nothing does. */
  readonly inside: { readonly app: Express; readonly port: number } | null;
  readonly useCases: UseCases;
  readonly management: ManagementUseCases;
  readonly ports: Ports;
  readonly database: Database;
  readonly migrator: Migrator;
  readonly deliver: DeliverMessage;
  readonly jobs: readonly Job[];
  /** Says what is wrong with the sites as the settings want them; rejects where the database does not answer. */
  readonly checkSites: () => Promise<void>;
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
  readonly peers?: PeerWorkers;
  /** The machine's own unless given; tests move one on. */
  readonly clock?: Clock;
  /** How long somebody waits for a lease; tests give more. */
  readonly leaseWaitMs?: number;
}

export const loggerOf = (config: Config): Logger =>
  createLogger({ level: config.log.level, personalFields: maskedFields, idsOfSpan: attachedTracing()?.ids });

/** The only place that constructs things. Connects to nothing by itself. */
export const createContainer = (config: Config, options: ContainerOptions = {}): Container => {
  const log = options.log ?? loggerOf(config);
  const peers = options.peers ?? null;
  const clock = options.clock ?? systemClock;
  const tracing = attachedTracing();
  const database = openDatabase({
    url: config.database.url,
    log,
    poolSize: config.database.poolSize,
    statementSeconds: config.database.statementSeconds,
    readOnly: options.readOnly ?? false,
    ...told(options),
    ...(tracing === null ? {} : { aroundStatement: tracing.statement }),
  });
  const globalOauthClient = globalOauthClientOf(config);
  const secrets = createSecrets(config.secrets.dataKeys);
  const { enabled, port: metricsPort } = config.metrics;
  const metrics = enabled
    ? createMetrics({
        outbox: () => outboxState(ports)(),
        sweep: () => sweepState(ports)(),
        upkeep: () => upkeepState(ports)(),
        ...(peers === null ? {} : { byAll: peers.measured }),
      })
    : null;
  const identity = oauthServers({
    allowedHosts: config.authorization.allowedHosts,
    globalOauthClient,
    timeLimitMs: config.oauth.timeLimitMs,
    connections: config.oauth.maxConnections,
    log,
    onCircuit: (server, isOpen) => metrics?.circuit(server, isOpen),
    ...(tracing === null ? {} : { aroundCall: tracing.call }),
  });
  const stores = createStores(database, {
    clock,
    secrets,
    globalIssuer: globalOauthClient?.issuer ?? null,
    oauthTimeLimitMs: config.oauth.timeLimitMs,
    siteCacheSeconds: config.users.cache.freshSeconds,
    log,
    ...(options.leaseWaitMs === undefined ? {} : { leaseWaitMs: options.leaseWaitMs }),
  });
  const redis = config.redis.url === null ? null : sharedRedis({ url: config.redis.url, log });
  const changes = sharedChanges(
    redis === null ? (peers?.broadcast ?? null) : (subscriber) => broadcast(redis, subscriber),
  );
  const sharedCounts =
    redis === null ? peers?.counts : redisCounts(redis, (name) => secrets.fingerprint('limit', name));
  changes.listen((change) => {
    if (change === 'everything') stores.sites.forget();
    else stores.sites.changed(change.id);
  });
  const ports: Ports = {
    ...stores,
    changes,
    identity,
    secrets,
    startDigest: secrets.startDigest,
    receipts: receiptSigning(config.secrets.receiptKeys),
    clock,
    log,
    metrics: metrics ?? noopMetrics,
    settings: settingsOf(config, globalOauthClient),
  };
  const deliver = deliverMessage(ports, messageHandlersOf(ports));
  const inBackground = background(ports);
  const traced = <T extends object>(table: T): T => tracing?.useCases(table) ?? table;
  const useCases = traced(useCasesOf(ports, deliver, inBackground));
  const { sweepPerMinute } = config.users.cache;
  const management = traced(managementUseCasesOf(ports, useCases, deliver));
  const foreignWrites = foreignWritesStore(database, ports);
  const migrator = createMigrator(database, log);
  return {
    app: createApp({
      useCases,
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
      tracing,
      trustProxy: config.server.trustProxy,
      limits: config.limits,
      costlyAtOnce: database.dialect.costlyAtOnce,
      ...(sharedCounts === undefined ? {} : { sharedCounts }),
      health: { ready: readiness({ migrator, checkOauthServers: checkOauthServers(ports), redis, log }) },
      ...(metrics === null ? {} : { metrics, metricsElsewhere: metricsPort !== null }),
      ...(config.console.enabled ? { console: { theme: config.console.theme } } : {}),
      ...knownToken(config),
    }),
    inside: metrics === null || metricsPort === null ? null : { app: metricsApp(metrics, log), port: metricsPort },
    useCases,
    management,
    ports,
    database,
    migrator,
    deliver,
    jobs: [
      dispatchOutbox(deliver, config.outbox.intervalSeconds),
      workOnRunsJob(workOnRuns(ports, restAsLong), config.outbox.intervalSeconds),
      sealAuditJob(sealAudit(ports), config.audit.sealSeconds),
      tidyUp(ports),
      lateContributionsJob(lookForLate(ports)),
      ...(config.interop.openstad ? [besideOpenstad(putRight({ ...ports, foreignWrites }))] : []),
      ...(sweepPerMinute === 0 ? [] : [sweepPeopleJob(sweepPeople(ports), sweepPerMinute)]),
    ],
    checkSites: checkPlatformSite(ports),
    log,
    open: async () => {
      await redis?.open();
    },
    close: async () => {
      await inBackground.idle();
      redis?.close();
      await identity.close();
      await database.close();
      await tracing?.flush();
    },
  };
};

/** Of the demo's own tokens the first that counts. One that somebody set is nobody else's business. */
const knownToken = ({ demo, authorization: { fixedTokens } }: Config): Pick<AppParts, 'demoToken'> => {
  const known = demo ? demoTokens.find(({ token }) => fixedTokens.some((one) => one.token === token)) : undefined;
  return known === undefined ? {} : { demoToken: known.token };
};

const noopMetrics: Ports['metrics'] = { delivered: () => undefined, did: () => undefined };

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
  isBesideOpenstad: config.interop.openstad,
  platformSiteId: config.authorization.platformSiteId,
  fixedTokenUserIds: config.authorization.fixedTokens.map(({ userId }) => userId),
  management: config.management,
});
