import { askerNow, NoTurn, turns, type Turns } from './turns.ts';
import { HttpFailure } from './http-exchange.ts';
import CircuitBreaker from 'opossum';

export interface ConnectionSettings {
  /** To one server. */
  readonly connections: number;
  /** How long an operation waits for one. */
  readonly patienceMs: number;
  readonly log: HttpLog;
}
/** Runs a call when the operation has a connection for it. */
export type OverConnection = <T>(call: () => Promise<T>) => Promise<T>;
export type WithConnection = <T>(server: string, work: (over: OverConnection) => Promise<T>) => Promise<T>;

/** Of operations that wait: nobody is served within their patience behind more. */
const maxOfCaller = 200;
const maxOfSite = 400;
const tellEachMs = 10_000;

/**
 * An operation waits for a connection before its time begins, in turn with others (by site, then by caller): what was never sent
 * says nothing of the server. Rejects with HttpFailure `crowded` where too many wait already, or none was free in time.
 */
export const connectionsTo = ({ connections, patienceMs, log }: ConnectionSettings): WithConnection => {
  const byServer = new Map<string, Turns>();
  const toldAt = new Map<string, number>();
  /** Neither the server nor the caller is to blame: whoever set too few connections has to hear of it. */
  const tell = (server: string): void => {
    if (performance.now() - (toldAt.get(server) ?? -Infinity) < tellEachMs) return;
    toldAt.set(server, performance.now());
    log.warn(
      { server, connections },
      'more is asked of a server than it has connections for: some callers are told to come back',
    );
  };
  return async (server, work) => {
    const line = byServer.get(server) ?? turns({ places: connections, maxOfCaller, maxOfSite });
    byServer.set(server, line);
    const asker = askerNow();
    const giveBack = await line.take(asker, patienceMs).catch((error: unknown) => {
      if (!(error instanceof NoTurn)) throw error;
      tell(server);
      throw new HttpFailure('crowded', { sent: false });
    });
    try {
      return await work(
        callsOf(
          () => line.spare(asker),
          () => {
            tell(server);
          },
        ),
      );
    } finally {
      giveBack();
    }
  };
};

/**
 * The calls of one operation: one after the other over the connection that it waited for, and beside that over others as long as
 * nobody waits for those. Where time ends while some have none, and the server did answer, it was ours that was too little.
 */
const callsOf = (spare: () => (() => void) | null, onCrowded: () => void): OverConnection => {
  /** Calls without a connection; each is told how to give back the one that it gets. */
  const waiting: ((giveBack: () => void) => void)[] = [];
  let isBusy = false;
  let answered = 0;
  const giveBackOwn = (): void => {
    const first = waiting.shift();
    if (first === undefined) isBusy = false;
    else first(giveBackOwn);
    takeSpares();
  };
  const takeSpares = (): void => {
    while (waiting.length > 0) {
      const free = spare();
      if (free === null) return;
      waiting.shift()?.(givingBack(free));
    }
  };
  const givingBack = (free: () => void) => (): void => {
    free();
    takeSpares();
  };
  const connection = async (): Promise<() => void> => {
    if (!isBusy) {
      isBusy = true;
      return giveBackOwn;
    }
    const free = spare();
    return free === null ? new Promise((resolve) => waiting.push(resolve)) : givingBack(free);
  };
  return async (call) => {
    const giveBack = await connection();
    try {
      const answer = await call();
      answered += 1;
      return answer;
    } catch (error) {
      const isTooSlow = error instanceof HttpFailure && error.kind === 'too-slow';
      if (!isTooSlow || answered === 0 || waiting.length === 0) throw error;
      onCrowded();
      throw new HttpFailure('crowded', { sent: error.sent });
    } finally {
      giveBack();
    }
  };
};

export interface HttpLog {
  info(facts: Readonly<Record<string, unknown>>, line: string): void;
  warn(facts: Readonly<Record<string, unknown>>, line: string): void;
}
export interface BreakerSettings {
  /** How long a circuit stays open before one operation is let through. */
  readonly resetMs: number;
  /** Fewer operations than this within the window never open it. */
  readonly leastOperations: number;
}
/** Told what a circuit is: when a server is first called, and whenever that changes. */
export type OnCircuit = (server: string, isOpen: boolean) => void;
interface Breakers {
  /** Runs work, or throws HttpFailure `circuit-open` without running it. */
  guard<T>(server: string, work: () => Promise<T>): Promise<T>;
  close(): void;
}
type Breaker = CircuitBreaker<[() => Promise<void>], void>;

/** What a circuit looks back at: the operations of the last ten seconds. */
const windowMs = 10_000;

/**
 * One circuit breaker per server: half of the operations of the window failing opens it, a single successful one closes it again.
 * `blames`: whether an error says that the server is unwell; others count as well answered.
 */
export const breakers = (
  blames: (error: unknown) => boolean,
  log: HttpLog,
  settings: BreakerSettings,
  onCircuit: OnCircuit = () => undefined,
): Breakers => {
  const byServer = new Map<string, { breaker: Breaker; openedAt: number }>();
  const breakerOf = (server: string): { breaker: Breaker; openedAt: number } => {
    const known = byServer.get(server);
    if (known !== undefined) return known;
    const made = { breaker: circuit(blames, settings), openedAt: 0 };
    made.breaker.on('open', () => {
      made.openedAt = Date.now();
      onCircuit(server, true);
      log.warn({ server }, 'circuit opened: half of the calls to this server fail');
    });
    made.breaker.on('close', () => {
      onCircuit(server, false);
      log.info({ server }, 'circuit closed: the server answers again');
    });
    byServer.set(server, made);
    onCircuit(server, false);
    return made;
  };
  return {
    guard: (server, work) =>
      new Promise((resolve, reject) => {
        const made = breakerOf(server);
        made.breaker
          .fire(async () => {
            resolve(await work());
          })
          .catch((error: unknown) => {
            const left = made.openedAt + settings.resetMs - Date.now();
            const retryAfterSeconds = Math.max(1, Math.ceil(left / 1000));
            const told = isRejection(error)
              ? new HttpFailure('circuit-open', { sent: false, retryAfterSeconds })
              : error;
            // oxlint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- handed on as it was thrown
            reject(told);
          });
      }),
    close: () => {
      for (const { breaker } of byServer.values()) breaker.shutdown();
      byServer.clear();
    },
  };
};

const circuit = (blames: (error: unknown) => boolean, { resetMs, leastOperations }: BreakerSettings): Breaker =>
  new CircuitBreaker((work: () => Promise<void>) => work(), {
    timeout: false,
    rollingCountTimeout: windowMs,
    // Half of the operations of the window: opossum opens above this, not at it.
    errorThresholdPercentage: 49,
    volumeThreshold: leastOperations,
    resetTimeout: resetMs,
    errorFilter: (error) => !blames(error),
  });

const isRejection = (error: unknown): boolean => error instanceof Error && CircuitBreaker.isOurError(error);
