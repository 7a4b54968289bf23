import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SharedRedis } from './redis.ts';

/** Texts from each instance to all others. */
export interface Broadcast {
  /** Resolves when every instance that listens has dealt with it, or after a moment; never rejects. */
  publish(text: string): Promise<void>;
}
export interface Subscriber {
  readonly onText: (text: string) => void;
  /** Texts may have been missed. */
  readonly onGap: () => void;
}

/** A way to tell: over Redis, or through the primary of several workers. */
export type Broadcasting = (subscriber: Subscriber) => Broadcast;

/** How long a caller waits for all others to have heard. */
const timeoutMs = 200;

/**
 * Over Redis. Whoever hears a text says so, and the teller waits for as many as Redis says there are: else "at the next request"
 * would be a race between their connection to Redis and the next request.
 */
export const broadcast = (redis: SharedRedis, { onText, onGap }: Subscriber): Broadcast => {
  const self = randomUUID();
  const channel = `${redis.prefix}changes`;
  const replies = (instance: string): string => `${redis.prefix}heard:${instance}`;
  const waiting = new Map<string, Count>();

  const onMessage = (from: string, message: string): void => {
    if (from === replies(self)) {
      waiting.get(message)?.one();
      return;
    }
    const [instance = '', number = '', text = ''] = parts(message);
    // Who tells knows already.
    if (instance !== self) onText(text);
    if (instance === self) waiting.get(number)?.one();
    else redis.command('PUBLISH', replies(instance), number).catch(() => undefined);
  };
  redis.subscribe([channel, replies(self)], onMessage, onGap);

  let last = 0;
  return {
    publish: async (text) => {
      const number = String((last += 1));
      const count = counting();
      waiting.set(number, count);
      const end = new AbortController();
      try {
        const told = redis
          .command('PUBLISH', channel, `${self} ${number} ${text}`)
          .then((listeners) => count.reaches(Number(listeners)));
        const timeout = pause(timeoutMs, undefined, { signal: end.signal }).catch(() => undefined);
        await Promise.race([told, timeout]);
      } catch {
        // Redis is away, which it has said itself: the others learn of it within `freshSeconds`.
      } finally {
        end.abort();
        waiting.delete(number);
      }
    },
  };
};

const parts = (message: string): readonly string[] => /^(\S+) (\d+) (.*)$/s.exec(message)?.slice(1) ?? [];

interface Count {
  readonly one: () => void;
  readonly reaches: (wanted: number) => Promise<void>;
}
/** Counts up; those who count may come before it is known how many they are. */
const counting = (): Count => {
  let [count, wanted] = [0, Infinity];
  let done = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    done = resolve;
  });
  const look = (): void => {
    if (count >= wanted) done();
  };
  return {
    one: () => {
      count += 1;
      look();
    },
    reaches: (number) => {
      wanted = number;
      look();
      return reached;
    },
  };
};
