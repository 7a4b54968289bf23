import type { Config } from '../config/index.ts';
import type { Measured } from '../platform/peer-workers.ts';

/** What one end answers to, by name: one value in, one value out. */
type Answers<T> = { readonly [K in keyof T]: (question: never) => unknown };
type Question<F> = F extends (question: infer Q) => unknown ? Q : never;
type Answer<F> = F extends (question: never) => infer A ? Awaited<A> : never;

/** Questions and answers between a worker and its primary. */
export interface Line<Theirs extends Answers<Theirs>> {
  /** Rejects where the other end is gone, fails at it, or stays silent for `patienceMs`. */
  ask<K extends keyof Theirs & string>(
    name: K,
    question: Question<Theirs[K]>,
    timeoutMs: number,
  ): Promise<Answer<Theirs[K]>>;
}

/** One end of the channel between two processes of node:cluster. */
export interface Channel {
  send(message: object, sent: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

type Message =
  | { readonly ask: number; readonly name: string; readonly question: unknown }
  | { readonly to: number; readonly answer: unknown }
  | { readonly to: number; readonly failure: string };

/** This end of a line: answers with `ours`, asks `Theirs`. Both ends are this program, so that what comes in is what was sent. */
export const lineOver = <Theirs extends Answers<Theirs>>(
  channel: Channel,
  ours: Readonly<Record<string, (question: never) => unknown>>,
): Line<Theirs> => {
  const waiting = new Map<number, (told: Message | Error) => void>();
  let last = 0;
  const send = (message: Message): void => {
    channel.send(message, (error) => {
      // An answer that cannot be sent has nobody who waits for it any more.
      if (error !== null && 'ask' in message) waiting.get(message.ask)?.(error);
    });
  };
  const answer = async (ask: number, name: string, question: unknown): Promise<void> => {
    try {
      send({ to: ask, answer: await ours[name]?.(question as never) });
    } catch (error) {
      send({ to: ask, failure: error instanceof Error ? error.message : String(error) });
    }
  };
  channel.on('message', (said) => {
    const message = said as Message;
    if ('ask' in message) void answer(message.ask, message.name, message.question);
    else waiting.get(message.to)?.(message);
  });

  const ask = (name: string, question: unknown, timeoutMs: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const number = (last += 1);
      const end = (told: Message | Error): void => {
        clearTimeout(timeout);
        waiting.delete(number);
        if ('answer' in told) resolve(told.answer);
        else reject(told instanceof Error ? told : new Error(`${name}: ${'failure' in told ? told.failure : ''}`));
      };
      const timeout = setTimeout(() => {
        end(new Error(`${name}: no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      waiting.set(number, end);
      send({ ask: number, name, question });
    });
  return { ask: (name, question, timeoutMs) => ask(name, question, timeoutMs) as never };
};

/** What a worker is told when it begins. */
export interface WorkerPlace {
  /** From 1; its replacement has the same. */
  readonly number: number;
  readonly config: Config;
}

/** What workers ask their primary. */
export interface AsksOfWorkers {
  readonly place: (nothing: null) => WorkerPlace;
  /** It listens here. */
  readonly listens: (url: string) => void;
  /** Resolves when all other workers have dealt with this text, or after a moment. */
  readonly publish: (text: string) => Promise<void>;
  readonly count: (count: { readonly name: string; readonly by: number; readonly lifeMs: number }) => number;
  readonly measured: (nothing: null) => Promise<readonly Measured[]>;
}

/** What the primary asks a worker that has its place. */
export interface AsksOfPrimary {
  /** To finish what runs and end; answered at once. */
  readonly stop: (nothing: null) => void;
  readonly deliver: (text: string) => void;
  readonly measured: (nothing: null) => Promise<Measured>;
}
