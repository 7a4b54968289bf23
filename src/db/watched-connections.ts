import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ConnectionError, type Sequelize } from 'sequelize';
import { askerNow, isOurs } from '../platform/turns.ts';
import type { Log } from '../ports/platform.ts';
import { driverCode } from './database-fault.ts';

/** As mysql2 makes it, as far as we need it. */
export interface ServerConnection {
  readonly stream: { readonly bytesRead: number; destroy(error: Error): unknown; unref(): unknown };
  query(text: string, done: (error: Error | null, rows: unknown) => void): unknown;
  ping(done: (error: Error | null) => void): unknown;
  end(done: () => void): unknown;
}
/** Sequelize's, of MySQL: its types leave most of it out. */
interface Manager {
  readonly config: object;
  getConnection(options: object): Promise<ServerConnection>;
  releaseConnection(connection: ServerConnection): void;
  destroyConnection(connection: ServerConnection): Promise<void>;
  connect(config: object): Promise<ServerConnection>;
  validate(connection: ServerConnection): boolean;
}

interface Use {
  readonly isOurs: boolean;
  /** What had come over it when we last looked, and since when no more than that. */
  bytesRead: number;
  heardAt: number;
}

export interface Watched {
  /** Whether it may be given to somebody; for the pool. */
  readonly isGood: (connection: ServerConnection) => boolean;
  /** Readies one that was made, and counts it among those that are good. */
  readonly welcome: (connection: ServerConnection, ready: () => Promise<unknown>) => Promise<void>;
  /** Does not give it back to the pool; `all`: none of those that there are now. A transaction on it can still be rolled back. */
  readonly leave: (connection: object | undefined, all: boolean) => void;
  /** Over a connection beside the pool, which nothing else waits for. */
  readonly askBeside: AskBeside;
  readonly stop: () => void;
}
/** Answers a query's rows. Rejects with the driver's error, and where no answer has come after `limitMs`. */
export type AskBeside = (text: string, limitMs: number) => Promise<unknown>;

export interface WatchSettings {
  /** How long a request may wait for a single answer; jobs, commands and migrations wait as long as the server answers at all. */
  readonly maxSilentMs: number;
  readonly log: Pick<Log, 'info' | 'warn'> | undefined;
}

const beatMs = 500;
const answerMs = 2_000;
const againMs = 250;
const besideIdleMs = 10_000;

/**
 * Watches over the connections of a pool to a server. One over which nothing comes for half a second makes us ask, over another one, whether
 * the server answers at all: as long as it does a statement may take its time. Where for two seconds it does not, whatever waits for it is
 * ended with an error, and whoever comes is told at once, until it answers again. A statement has no time limit of its own for that: neither
 * BEGIN nor COMMIT could have one, and a socket's would end long statements of a server that is well. Source: internals.md §1, "A server that hangs".
 */
export const watchOver = (sequelize: Sequelize, { maxSilentMs, log }: WatchSettings): Watched => {
  const manager = sequelize.connectionManager as unknown as Manager;
  const pulse = beside(manager);
  const looks = beside(manager);
  const inUse = new Map<ServerConnection, Use>();
  const opening = new Set<ServerConnection>();
  /** Those who wait for a connection, each with since when. */
  const waiting = new Map<() => void, number>();
  /** Raised when none of the connections there are may be used any more. */
  let generation = 0;
  let raisedAt = -Infinity;
  const madeIn = new WeakMap<object, number>();
  let hangs = false;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;

  const isGood = (connection: ServerConnection): boolean =>
    madeIn.get(connection) === generation && manager.validate(connection);
  const leaveAll = (): void => {
    // A server that stays as it is must not make us connect anew for each statement.
    if (performance.now() - raisedAt < 1000) return;
    generation += 1;
    raisedAt = performance.now();
  };
  const end = (connection: ServerConnection): void => {
    madeIn.delete(connection);
    // Not the driver's own `destroy`: that tells nobody who waits for an answer.
    connection.stream.destroy(noAnswer());
  };

  const endSilent = (asked: ReadonlyMap<ServerConnection, number>): void => {
    const isSilent = ([connection, use]: readonly [ServerConnection, Use]): boolean =>
      connection.stream.bytesRead === (asked.get(connection) ?? use.bytesRead);
    // Behind a proxy others may be led to another server, which is well.
    hangs = [...inUse].every(isSilent);
    const silent = [...inUse].filter((one) => isSilent(one) && (hangs || asked.has(one[0])));
    leaveAll();
    log?.warn(
      { connections: silent.length, waiting: waiting.size },
      'the database does not answer: nobody waits for it',
    );
    for (const connection of [...silent.map(([one]) => one), ...opening]) end(connection);
    if (hangs) for (const giveUp of waiting.keys()) giveUp();
  };

  const look = async (): Promise<void> => {
    const now = performance.now();
    for (const [connection, use] of inUse) {
      const { bytesRead } = connection.stream;
      if (bytesRead !== use.bytesRead) Object.assign(use, { bytesRead, heardAt: now });
      else if (!use.isOurs && now - use.heardAt > maxSilentMs) end(connection);
    }
    const since = [...[...inUse.values()].map(({ heardAt }) => heardAt), ...waiting.values()];
    if (!hangs && !since.some((at) => now - at >= beatMs)) return;
    const asked = new Map([...inUse.keys()].map((connection) => [connection, connection.stream.bytesRead]));
    const answers = await answersWithin(() =>
      pulse.ask((connection, done) => connection.ping(done), answerMs + 2 * againMs),
    );
    if (!answers && !hangs) endSilent(asked);
    else if (answers && hangs) {
      hangs = false;
      log?.info({}, 'the database answers again');
    }
  };
  const beat = (): void => {
    if (timer !== null || stopped) return;
    timer = setTimeout(() => {
      if (inUse.size === 0 && waiting.size === 0 && !hangs) {
        timer = null;
        pulse.close();
        return;
      }
      void look().finally(() => {
        timer = null;
        beat();
      });
    }, beatMs).unref();
  };

  /** As soon as the server is known not to answer, whoever waits for a connection to it is told so. */
  const orToldEarly = (acquiring: Promise<ServerConnection>): Promise<ServerConnection> =>
    new Promise((resolve, reject) => {
      const giveUp = (): void => {
        waiting.delete(giveUp);
        reject(new ConnectionError(noAnswer()));
      };
      waiting.set(giveUp, performance.now());
      acquiring.then(
        (connection) => {
          if (waiting.delete(giveUp)) resolve(connection);
          else manager.releaseConnection(connection);
        },
        (error: unknown) => {
          waiting.delete(giveUp);
          reject(error instanceof Error ? error : noAnswer());
        },
      );
    });

  const get = manager.getConnection.bind(manager);
  const release = manager.releaseConnection.bind(manager);
  const destroy = manager.destroyConnection.bind(manager);
  manager.getConnection = async (options) => {
    if (hangs) throw new ConnectionError(noAnswer());
    const ours = isOurs(askerNow());
    beat();
    const connection = await orToldEarly(get(options));
    const { bytesRead } = connection.stream;
    inUse.set(connection, { isOurs: ours, bytesRead, heardAt: performance.now() });
    return connection;
  };
  manager.destroyConnection = (connection) => {
    inUse.delete(connection);
    return destroy(connection);
  };
  manager.releaseConnection = (connection) => {
    inUse.delete(connection);
    if (madeIn.get(connection) === generation) release(connection);
    else void destroy(connection).catch(() => undefined);
  };

  return {
    isGood,
    welcome: async (connection, ready) => {
      opening.add(connection);
      try {
        await ready();
        madeIn.set(connection, generation);
      } catch (error) {
        connection.stream.destroy(noAnswer());
        throw error;
      } finally {
        opening.delete(connection);
      }
    },
    leave: (connection, all) => {
      if (connection !== undefined) madeIn.delete(connection);
      if (all) leaveAll();
    },
    askBeside: (text, limitMs) => looks.ask((connection, done) => connection.query(text, done), limitMs),
    stop: () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      pulse.close();
      looks.close();
    },
  };
};

const noAnswer = (): Error => Object.assign(new Error('the server does not answer'), { code: 'ETIMEDOUT' });

/**
 * Whether it answers within two seconds, also by refusing. What came meanwhile is read before we say that nothing came: it may be this process
 * that stood still.
 */
const answersWithin = async (ask: () => Promise<unknown>): Promise<boolean> => {
  const begun = performance.now();
  for (;;) {
    const asked = { answers: false };
    const answered = ask().then(
      () => (asked.answers = true),
      (error: unknown) => (asked.answers = driverCode(error).number > 0),
    );
    await Promise.race([answered, quietly(Math.max(0, begun + answerMs - performance.now()))]);
    if (!asked.answers) await quietly(againMs);
    if (asked.answers || performance.now() - begun >= answerMs) return asked.answers;
  }
};
const quietly = (ms: number): Promise<void> => pause(ms, undefined, { ref: false });

type Asking = (connection: ServerConnection, done: (error: Error | null, rows?: unknown) => void) => unknown;

/** A connection beside the pool: made when something is asked, anew after an error, and given back when nothing was asked for a while. */
const beside = (manager: Manager) => {
  let open: Promise<ServerConnection> | null = null;
  let idle: NodeJS.Timeout | undefined;
  const connected = (): Promise<ServerConnection> => {
    if (open !== null) return open;
    const connecting = manager.connect(manager.config);
    open = connecting;
    connecting.then(
      ({ stream }) => stream.unref(),
      () => {
        if (open === connecting) open = null;
      },
    );
    return connecting;
  };
  const close = (): void => {
    clearTimeout(idle);
    open?.then(
      (connection) => connection.end(() => undefined),
      () => undefined,
    );
    open = null;
  };
  const askOnce = async (asking: Asking): Promise<unknown> => {
    const connection = await connected();
    try {
      return await promisify((done: Parameters<Asking>[1]) => void asking(connection, done))();
    } catch (error) {
      open = null;
      connection.stream.destroy(noAnswer());
      throw error;
    }
  };
  const ask = async (asking: Asking, limitMs: number): Promise<unknown> => {
    clearTimeout(idle);
    const isKept = open !== null;
    const answered = askOnce(asking).catch((error: unknown) => {
      // One that was kept may have been lost meanwhile, as servers and proxies are started anew.
      if (isKept && driverCode(error).number === 0) return askOnce(asking);
      throw error;
    });
    answered.catch(() => undefined);
    const late = quietly(limitMs).then(() => Promise.reject(noAnswer()));
    try {
      return await Promise.race([answered, late]);
    } catch (error) {
      // Whatever is still to come over it answers nobody.
      const forgotten = open;
      open = null;
      forgotten?.then(
        ({ stream }) => stream.destroy(noAnswer()),
        () => undefined,
      );
      throw error;
    } finally {
      idle = setTimeout(close, besideIdleMs).unref();
    }
  };
  return { ask, close };
};
