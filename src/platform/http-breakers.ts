import CircuitBreaker from 'opossum';
import { HttpFailure } from './http-exchange.ts';

export interface HttpLog {
  info(facts: Readonly<Record<string, unknown>>, line: string): void;
  warn(facts: Readonly<Record<string, unknown>>, line: string): void;
}
export interface BreakerSettings {
  /** How long a circuit stays open before one operation is let through. */
  readonly resetMs: number;
  /** Fewer operations than this within ten seconds never open it. */
  readonly atLeast: number;
}
export interface Breakers {
  /** Runs work, or throws HttpFailure `circuit-open` without running it. */
  guard<T>(server: string, work: () => Promise<T>): Promise<T>;
  close(): void;
}
type Breaker = CircuitBreaker<[() => Promise<void>], void>;

/**
 * One circuit breaker per server: half of the operations of ten seconds failing opens it, a single successful one closes it again.
 * `blames`: whether an error says that the server is unwell; others count as well answered.
 */
export const breakers = (blames: (error: unknown) => boolean, log: HttpLog, settings: BreakerSettings): Breakers => {
  const byServer = new Map<string, { breaker: Breaker; openedAt: number }>();
  const breakerOf = (server: string): { breaker: Breaker; openedAt: number } => {
    const known = byServer.get(server);
    if (known !== undefined) return known;
    const made = { breaker: circuit(blames, settings), openedAt: 0 };
    made.breaker.on('open', () => {
      made.openedAt = Date.now();
      log.warn({ server }, 'circuit opened: half of the calls to this server fail');
    });
    made.breaker.on('close', () => {
      log.info({ server }, 'circuit closed: the server answers again');
    });
    byServer.set(server, made);
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
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- handed on as it was thrown
            reject(told);
          });
      }),
    close: () => {
      for (const { breaker } of byServer.values()) breaker.shutdown();
      byServer.clear();
    },
  };
};

const circuit = (blames: (error: unknown) => boolean, { resetMs, atLeast }: BreakerSettings): Breaker =>
  new CircuitBreaker((work: () => Promise<void>) => work(), {
    timeout: false,
    // opossum opens above this, not at it
    errorThresholdPercentage: 49,
    volumeThreshold: atLeast,
    resetTimeout: resetMs,
    errorFilter: (error) => !blames(error),
  });

const isRejection = (error: unknown): boolean => error instanceof Error && CircuitBreaker.isOurError(error);
