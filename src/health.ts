import type { OauthClient } from './domain/oauth-client.ts';
import type { Migrator } from './db/index.ts';
import type { SharedRedis } from './platform/redis.ts';
import type { Ports } from './ports/index.ts';

interface Readiness {
  readonly database: boolean;
  readonly migrated: boolean;
  readonly oauth: 'reachable' | 'unreachable' | 'unknown';
  readonly redis: 'reachable' | 'unreachable' | 'none';
}

/** The database has to be there and migrated; the OAuth server and Redis are reported, not required. */
export const readiness =
  (migrator: Pick<Migrator, 'pending'>, client: OauthClient | null, redis: Pick<SharedRedis, 'isReachable'> | null) =>
  async (): Promise<Readiness> => {
    const [pending, oauth] = await Promise.all([
      migrator.pending().catch(() => null),
      client === null ? ('unknown' as const) : reached(client.internalUrl),
    ]);
    return { database: pending !== null, migrated: pending?.length === 0, oauth, redis: stateOf(redis) };
  };

const stateOf = (redis: Pick<SharedRedis, 'isReachable'> | null): Readiness['redis'] => {
  if (redis === null) return 'none';
  return redis.isReachable() ? 'reachable' : 'unreachable';
};

const reached = async (url: string): Promise<'reachable' | 'unreachable'> => {
  try {
    await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(1000) });
    return 'reachable';
  } catch {
    return 'unreachable';
  }
};

/** For the metrics: how far the walk over all people is; 0 where it has not begun. */
export const sweepState =
  ({ sweeps }: Pick<Ports, 'sweeps'>) =>
  async (): Promise<{ position: number; checked: number; lastRoundAt: number }> => {
    const sweep = await sweeps.standing();
    const lastRoundAt = (sweep?.endedAt?.getTime() ?? 0) / 1000;
    return { position: sweep?.position ?? 0, checked: sweep?.checked ?? 0, lastRoundAt };
  };

/** For the metrics: how many messages wait (counted up to a thousand), and since when. */
export const outboxState =
  ({ outbox, clock }: Pick<Ports, 'outbox' | 'clock'>) =>
  async (): Promise<{ waiting: number; oldestSeconds: number }> => {
    const waiting = await outbox.waiting();
    const oldest = Math.min(...waiting.map(({ createdAt }) => createdAt.getTime()), clock.now().getTime());
    return { waiting: waiting.length, oldestSeconds: (clock.now().getTime() - oldest) / 1000 };
  };
