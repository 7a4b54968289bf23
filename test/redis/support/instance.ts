import { sharedChanges } from '../../../src/shared-changes.ts';
import { broadcast, sharedRedis, type SharedRedis } from '../../../src/platform/redis.ts';
import type { Change, Changes } from '../../../src/ports/site-store.ts';

/** What an instance of the program has of Redis, without the rest of it. */
export interface Instance {
  readonly changes: Changes;
  readonly redis: SharedRedis;
  readonly heard: (Change | 'everything')[];
  /** Lines it logged. */
  readonly lines: string[];
  readonly close: () => void;
}

export const instanceAt = async (url: string): Promise<Instance> => {
  const lines: string[] = [];
  const write = (_facts: object, line: string): void => void lines.push(line);
  const redis = sharedRedis({ url, log: { info: write, warn: write } });
  const changes = sharedChanges((subscriber) => broadcast(redis, subscriber));
  const heard: (Change | 'everything')[] = [];
  changes.listen((change) => heard.push(change));
  await redis.open();
  return {
    changes,
    redis,
    heard,
    lines,
    close: () => {
      redis.close();
    },
  };
};
