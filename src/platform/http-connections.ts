import { askerNow } from './asker.ts';
import { HttpFailure } from './http-exchange.ts';
import { NoTurn, turns, type Turns } from './turns.ts';

export interface ConnectionSettings {
  /** To one server. */
  readonly connections: number;
  /** How long an operation waits for one. */
  readonly patienceMs: number;
}
/** Runs a call when the operation has a connection for it. */
export type OverConnection = <T>(call: () => Promise<T>) => Promise<T>;
export type WithConnection = <T>(server: string, work: (over: OverConnection) => Promise<T>) => Promise<T>;

/** Of operations that wait: nobody is served within their patience behind more. */
const maxOfCaller = 200;
const maxOfSite = 400;

/**
 * An operation waits for a connection before its time begins, in turn with others (by site, then by caller): what was never sent
 * says nothing of the server. Rejects with HttpFailure `crowded` where too many wait already, or none was free in time.
 */
export const connectionsTo = ({ connections, patienceMs }: ConnectionSettings): WithConnection => {
  const byServer = new Map<string, Turns>();
  return async (server, work) => {
    const line = byServer.get(server) ?? turns({ places: connections, maxOfCaller, maxOfSite });
    byServer.set(server, line);
    const asker = askerNow();
    const giveBack = await line.take(asker, patienceMs).catch(refuse);
    try {
      return await work(callsOf(() => line.spare(asker)));
    } finally {
      giveBack();
    }
  };
};

const refuse = (error: unknown): never => {
  throw error instanceof NoTurn ? new HttpFailure('crowded', { sent: false }) : error;
};

/**
 * The calls of one operation: one after the other over the connection that it waited for, and beside that where others are free.
 * Where time ends while some of them have none, and the server did answer, it was ours that was too little.
 */
const callsOf = (spare: () => (() => void) | null): OverConnection => {
  const waiting: (() => void)[] = [];
  let isBusy = false;
  let answered = 0;
  const next = (): void => {
    const first = waiting.shift();
    if (first === undefined) isBusy = false;
    else first();
  };
  return async (call) => {
    const beside = isBusy ? spare() : null;
    if (isBusy && beside === null) await new Promise<void>((resolve) => waiting.push(resolve));
    if (beside === null) isBusy = true;
    try {
      const answer = await call();
      answered += 1;
      return answer;
    } catch (error) {
      const isTooSlow = error instanceof HttpFailure && error.kind === 'too-slow';
      throw isTooSlow && answered > 0 && waiting.length > 0 ? new HttpFailure('crowded', { sent: error.sent }) : error;
    } finally {
      (beside ?? next)();
    }
  };
};
