import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { breakers, type BreakerSettings, type HttpLog, type OnCircuit, connectionsTo } from './http-servers.ts';
import { exchange, type HttpReply, type HttpRequest, type ReplyLimits } from './http-exchange.ts';
import { HttpFailure } from './http-exchange.ts';

export type { HttpReply, HttpRequest } from './http-exchange.ts';
export type Send = (request: HttpRequest) => Promise<HttpReply>;

export interface HttpClient {
  /**
   * One operation on one server (its origin), of as many calls as it needs: all of them together end within the time limit.
   * Before that it waits for a connection, as long at most. Rejects with HttpFailure, or with whatever `work` throws.
   */
  operation<T>(server: string, work: (send: Send) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
export interface HttpClientSettings {
  readonly timeLimitMs: number;
  /** Connections per server; further operations wait for one, before their time limit begins. */
  readonly connections: number;
  /** Whether an error of an operation says that the server is unwell. */
  readonly blames: (error: unknown) => boolean;
  readonly log: HttpLog;
  readonly breaker?: BreakerSettings;
  readonly onCircuit?: OnCircuit | undefined;
}

/**
 * Calls to other servers: kept-alive connections, one deadline per operation, no redirects, bounded replies (large ones one at
 * a time), a circuit breaker per server, one retry for reads that failed fast. Logs the server's origin at most: never a query,
 * a body or a credential. Source: oauth-server.md §1 "Every call".
 */
export const httpClient = ({
  timeLimitMs,
  connections,
  blames,
  log,
  breaker,
  onCircuit,
}: HttpClientSettings): HttpClient => {
  const agent = new Agent({ connections, connect: { timeout: timeLimitMs } });
  const withConnection = connectionsTo({ connections, patienceMs: timeLimitMs, log });
  const takeTurn = turnByTurn();
  // With fewer connections than ten, ten operations might never come together in the window: then as many as there are are enough.
  const circuits = breakers(
    blames,
    log,
    breaker ?? { resetMs: 5000, leastOperations: Math.min(10, connections) },
    onCircuit,
  );
  return {
    operation: (server, work) =>
      withConnection(server, (over) =>
        circuits.guard(server, () =>
          withinTime(timeLimitMs, takeTurn, (limits) =>
            work((request) =>
              over(() =>
                patiently(request, limits.signal, timeLimitMs, () => exchange(agent, server, request, limits)),
              ),
            ),
          ),
        ),
      ),
    close: async () => {
      circuits.close();
      await agent.close();
    },
  };
};

/**
 * When the operation ends, for better or worse, so do the calls that it left running, and its turn goes to the next: until
 * then what was read is still in hand.
 */
const withinTime = async <T>(
  timeLimitMs: number,
  takeTurn: TakeTurn,
  work: (limits: ReplyLimits) => Promise<T>,
): Promise<T> => {
  const end = new AbortController();
  let turn: Promise<() => void> | undefined;
  const { signal } = end;
  setMaxListeners(0, end.signal);
  const timer = setTimeout(() => {
    end.abort();
  }, timeLimitMs);
  try {
    return await work({
      signal,
      turn: async () => {
        await (turn ??= takeTurn(signal));
      },
    });
  } finally {
    clearTimeout(timer);
    end.abort();
    turn?.then(
      (giveBack) => {
        giveBack();
      },
      () => undefined,
    );
  }
};

/** A read whose connection broke at once (a server that was restarted) is asked once more, while there is time. */
const patiently = async (
  request: HttpRequest,
  signal: AbortSignal,
  timeLimitMs: number,
  ask: () => Promise<HttpReply>,
): Promise<HttpReply> => {
  const begun = performance.now();
  try {
    return await ask();
  } catch (error) {
    const wasFast = performance.now() - begun < timeLimitMs / 4;
    const mayRepeat = request.method === 'GET' && error instanceof HttpFailure && error.kind === 'unreachable';
    if (!mayRepeat || !wasFast || signal.aborted) throw error;
    await pause(Math.min(50, timeLimitMs / 10));
    return ask();
  }
};

/** Waits for its turn, and answers how to give it back. Rejects when the signal ends the wait, and where too many wait already. */
type TakeTurn = (signal: AbortSignal) => Promise<() => void>;

/** Each waiting reply occupies a connection, so only a few may wait. */
const maxWaiting = 3;

/** One at a time, in the order of asking: replies of megabytes must not fill the memory however many come at once. */
export const turnByTurn = (): TakeTurn => {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  return async (signal) => {
    signal.throwIfAborted();
    if (!isTaken) {
      isTaken = true;
      return giveBack;
    }
    if (waiting.length >= maxWaiting) throw new Error('too many wait for their turn');
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(taken), 1);
        reject(new Error('the time was over before its turn'));
      };
      const taken = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(taken);
    });
    return giveBack;
  };
};
