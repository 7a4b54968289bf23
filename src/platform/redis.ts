import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

export interface RedisLog {
  info(facts: Readonly<Record<string, unknown>>, line: string): void;
  warn(facts: Readonly<Record<string, unknown>>, line: string): void;
}
export interface RedisSettings {
  /** `redis://` or `rediss://`, with user, password and database as usual. */
  readonly url: string;
  readonly log: RedisLog;
  /** How long a command may take; none is sent twice. */
  readonly timeLimitMs?: number;
}

/** A Redis that several instances share. While it is away nothing waits for it: commands fail at once, and it is looked for again and again. */
export interface SharedRedis {
  /** Begins to connect; resolves when it is there, or after a moment without it. Safe to call again. */
  open(): Promise<void>;
  isReachable(): boolean;
  /** Rejects at once while Redis is away. For whoever counts there (rate limits), and for `publish`. */
  command(name: string, ...words: readonly string[]): Promise<unknown>;
  /**
   * Hears these channels from `open` on. `onBegin` each time that hearing begins: what was said before that was missed, as there is
   * no replay.
   */
  subscribe(channels: readonly string[], onMessage: (channel: string, text: string) => void, onBegin: () => void): void;
  /** The prefix of our keys and channels: publishing does not know databases, so their number is in the name. */
  readonly prefix: string;
  close(): void;
}

const connectMs = 1_000;
const silentMs = 1_000;

/** Connects when `open` is called. Errors are logged once per outage, by their code: their words may hold the address. */
export const sharedRedis = ({ url, log, timeLimitMs = 200 }: RedisSettings): SharedRedis => {
  const outage = outageLog(log);
  let isClosed = false;
  const connection = (): Redis => {
    const redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: connectMs,
      disconnectTimeout: timeLimitMs,
      commandTimeout: timeLimitMs,
      // One that answers nothing at all is away: else commands pile up, and count again when it wakes.
      socketTimeout: silentMs,
      // Nothing is kept for later: what could not be said in time is not worth saying.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => (isClosed ? null : Math.min(50 * 2 ** Math.min(times, 6), 2_000)),
    });
    redis.on('error', (error: unknown) => {
      outage.begins(codeOf(error));
    });
    redis.on('close', () => {
      outage.begins('closed');
    });
    return redis;
  };
  const [speaker, listener] = [connection(), connection()];
  let isSubscribed = false;
  let subscription: Parameters<SharedRedis['subscribe']> | null = null;
  let opening: Promise<void> | null = null;

  const isReachable = (): boolean => speaker.status === 'ready' && (subscription === null || isSubscribed);
  const perhapsBack = (): void => {
    if (isReachable()) outage.ends();
  };
  speaker.on('ready', perhapsBack);
  listener.on('close', () => {
    isSubscribed = false;
  });
  listener.on('ready', () => {
    const [channels, , onBegin] = subscription ?? [[]];
    if (channels.length === 0) return;
    listener.subscribe(...channels).then(
      () => {
        isSubscribed = true;
        onBegin?.();
        perhapsBack();
      },
      // Connected and deaf is worse than not connected: then nobody would know.
      () => {
        if (!isClosed) listener.disconnect(true);
      },
    );
  });
  listener.on('message', (channel: string, text: string) => subscription?.[1](channel, text));

  const openNow = async (): Promise<void> => {
    const connections = subscription === null ? [speaker] : [speaker, listener];
    // A failed attempt is told by its event, and tried again.
    for (const one of connections) one.connect().catch(() => undefined);
    const end = performance.now() + connectMs;
    while (!isReachable() && !isClosed && performance.now() < end && !outage.isOn()) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  return {
    prefix: `civitas:${String(speaker.options.db ?? 0)}:`,
    open: () => (opening ??= openNow()),
    isReachable,
    command: (name, ...words) => speaker.call(name, ...words),
    subscribe: (...said) => {
      subscription = said;
    },
    close: () => {
      isClosed = true;
      outage.close();
      for (const one of [speaker, listener]) one.disconnect();
    },
  };
};

/** One line when it goes, one when it is back, however often it is looked for in between. */
const outageLog = (log: RedisLog) => {
  let since: number | null = null;
  let isClosed = false;
  return {
    isOn: () => since !== null,
    begins: (code: string): void => {
      if (isClosed || since !== null) return;
      since = performance.now();
      log.warn({ code }, 'Redis is away: changes reach other instances late, and limits count per instance');
    },
    ends: (): void => {
      if (since === null) return;
      log.info({ seconds: Math.round((performance.now() - since) / 1000) }, 'Redis is back');
      since = null;
    },
    close: (): void => {
      isClosed = true;
    },
  };
};

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'error';

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
const hearingMs = 200;

/**
 * Tells over Redis. Whoever hears a text says so, and the teller waits for as many as Redis says there are: else "at the next request"
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
        const timeout = pause(hearingMs, undefined, { signal: end.signal }).catch(() => undefined);
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
