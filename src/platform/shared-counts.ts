import type { SharedRedis } from './redis.ts';

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
