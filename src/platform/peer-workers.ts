import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Broadcasting, SharedRedis } from './redis.ts';

/** The other processes on this one's port: what they are told and asked where no Redis carries it. Source: docs/adr/0015. */
export interface PeerWorkers {
  readonly broadcast: Broadcasting;
  readonly counts: SharedCounts;
  /** Metrics are always put together here, with Redis too. */
  readonly measured: MeasuredByAll;
}

/** What one process measured, as values that can be sent to another. */
export type Measured = readonly object[];

/** Gives out what this process measured whenever the others ask, and answers how to ask for what all of them did. */
export type MeasuredByAll = (own: () => Promise<Measured>) => () => Promise<readonly Measured[]>;

/** Added up, or put together as each metric says it is: versions are not added, delays are averaged. */
export const together = (all: readonly Measured[]): Registry =>
  AggregatorRegistry.aggregate(all.map((one) => [...one]));

/** What of it goes on counting when the process is gone: how much memory it used does not. */
export const lasting = (measured: Measured): Measured =>
  measured.filter((metric) => 'type' in metric && (metric.type === 'counter' || metric.type === 'histogram'));

/** How many calls may be counted a minute; 0: no limit. */
export interface LimitSettings {
  readonly perAddress: number;
  readonly perUser: number;
  readonly perToken: number;
  readonly logins: number;
  readonly tokens: number;
  readonly failures: number;
}

/** Numbers that several processes count up together. */
export interface SharedCounts {
  /**
   * Adds to what all counted under this name, and answers the sum; it is forgotten `lifeMs` later. Rejects soon where the place
   * that they share is away, and never waits for it to come back.
   */
  add(name: string, by: number, lifeMs: number): Promise<number>;
}

/** In Redis. `nameOf`: the name there, in which addresses and ids of people do not show. */
export const redisCounts = (
  { command, prefix }: Pick<SharedRedis, 'command' | 'prefix'>,
  nameOf: (name: string) => string,
): SharedCounts => ({
  add: async (name, by, lifeMs) => {
    const there = `${prefix}limit:${nameOf(name)}`;
    const [sum] = await Promise.all([command('INCRBY', there, String(by)), command('PEXPIRE', there, String(lifeMs))]);
    return Number(sum);
  },
});
