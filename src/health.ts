import type { Migrator } from './db/index.ts';
import type { Readiness } from './http/system.ts';
import type { OutboxState, UpkeepState } from './platform/metrics.ts';
import type { SharedRedis } from './platform/redis.ts';
import type { Ports } from './ports/index.ts';
import type { WaitingMessage } from './ports/outbox.ts';
import type { Log } from './ports/platform.ts';
import type { CheckOauthServers, OauthServerState } from './use-cases/sites/check-oauth-servers.ts';

interface ReadinessParts {
  readonly migrator: Pick<Migrator, 'state'>;
  readonly checkOauthServers: CheckOauthServers;
  readonly redis: Pick<SharedRedis, 'isReachable'> | null;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * The database has to be there, migrated, and one that can be written to; the OAuth servers and Redis are reported, not required, and never waited for: what
 * is said of them is what the last check found, up to half a minute ago.
 */
export const readiness = ({ migrator, checkOauthServers, redis, log }: ReadinessParts): (() => Promise<Readiness>) => {
  const oauthServers = lastFound(checkOauthServers, log);
  return async () => {
    const { state, says } = await migrator.state();
    const isReady = state === 'ready';
    const servers = isReady ? oauthServers() : [];
    return {
      database: state !== 'unreachable',
      // Of one that cannot serve nobody looks.
      migrated: isReady,
      databaseState: state,
      databaseSays: says,
      oauth: summaryOf(servers),
      oauthServers: servers,
      redis: stateOf(redis),
    };
  };
};

const summaryOf = (servers: readonly OauthServerState[]): Readiness['oauth'] => {
  if (servers.length === 0) return 'unknown';
  return servers.every(({ reachable }) => reachable === true) ? 'reachable' : 'unreachable';
};

const keptMs = 30_000;

/** What the last check found, at once; one that is old is made anew in the background, once however many ask. */
const lastFound = (check: CheckOauthServers, log: Pick<Log, 'warn'>): (() => readonly OauthServerState[]) => {
  let found: readonly OauthServerState[] = [];
  let begunAt: number | null = null;
  let isRunning = false;
  const checkAgain = async (): Promise<void> => {
    try {
      found = await check();
    } catch (error) {
      log.warn({ err: error }, 'the OAuth servers of the sites could not be checked');
    } finally {
      isRunning = false;
    }
  };
  return () => {
    const isOld = begunAt === null || performance.now() - begunAt > keptMs;
    if (isOld && !isRunning) {
      [begunAt, isRunning] = [performance.now(), true];
      void checkAgain();
    }
    return found;
  };
};

const stateOf = (redis: Pick<SharedRedis, 'isReachable'> | null): Readiness['redis'] => {
  if (redis === null) return 'none';
  return redis.isReachable() ? 'reachable' : 'unreachable';
};

/** For the metrics: how far the walk over all people is; 0 where it has not begun. */
export const sweepState =
  ({ sweeps }: Pick<Ports, 'sweeps'>) =>
  async (): Promise<{ position: number; checked: number; lastRoundAt: number }> => {
    const sweep = await sweeps.progress();
    const lastRoundAt = (sweep?.endedAt?.getTime() ?? 0) / 1000;
    return { position: sweep?.position ?? 0, checked: sweep?.checked ?? 0, lastRoundAt };
  };

/** For the metrics: how many messages wait (counted up to a thousand), and since when. */
export const outboxState =
  ({ outbox, clock }: Pick<Ports, 'outbox' | 'clock'>) =>
  async (): Promise<OutboxState> => {
    const waiting = await outbox.waiting();
    const removals = waiting.filter(({ topic }) => topic === 'person.remove' || topic === 'person.withdraw-values');
    const ageOf = (messages: readonly WaitingMessage[]): number =>
      secondsSince(clock, Math.min(...messages.map(({ createdAt }) => createdAt.getTime())));
    return {
      ...{ waiting: waiting.length, oldestSeconds: ageOf(waiting) },
      ...{ removals: removals.length, oldestRemovalSeconds: ageOf(removals) },
    };
  };

/** For the metrics: whether what should go on by itself does. */
export const upkeepState =
  ({ auditSeals, runs, clock }: Pick<Ports, 'auditSeals' | 'runs' | 'clock'>) =>
  async (): Promise<UpkeepState> => {
    const [first] = await auditSeals.unsealed('recent', null, 1);
    const paused = await runs.list({ siteIds: 'all', state: 'paused', before: null, limit: 100 });
    return {
      unsealedSeconds: secondsSince(clock, first?.at.getTime() ?? Infinity),
      stoppedRuns: paused.filter(({ reason }) => reason !== 'asked').length,
    };
  };

/** 0 for what never was. */
const secondsSince = (clock: Ports['clock'], moment: number): number =>
  Math.max(0, clock.now().getTime() - moment) / 1000;
