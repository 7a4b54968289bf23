import { fork } from 'node:child_process';
import { once } from 'node:events';

/** What a child process answers to, by name: one value in, one value out. */
export type Answers = Readonly<Record<string, (question: never) => unknown>>;
type Answer<F> = F extends (question: never) => infer A ? Awaited<A> : never;

/** A child process that answers questions, one after the other. */
export interface Child<T extends Answers> {
  ask<K extends keyof T & string>(name: K, ...question: Parameters<T[K]>): Promise<Answer<T[K]>>;
  readonly stop: () => Promise<void>;
}

interface Asked {
  readonly name: string;
  readonly question: unknown;
}
type Told = { readonly answer: unknown } | { readonly failure: string };

/**
 * Starts `file` (built). Its log goes to the open file `log`, what it complains of to ours. An answer that never comes: rejects
 * when the child ends.
 */
export const startChild = <T extends Answers>(
  file: string,
  {
    log = 'ignore',
    nodeOptions = [],
  }: { readonly log?: number | 'ignore'; readonly nodeOptions?: readonly string[] } = {},
): Child<T> => {
  const child = fork(file, [], {
    stdio: ['ignore', log, 'inherit', 'ipc'],
    execArgv: [...nodeOptions],
    serialization: 'advanced',
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
  });
  const ended = once(child, 'exit');
  let last: Promise<unknown> = Promise.resolve();
  const answer = async (name: string, question: unknown): Promise<unknown> => {
    child.send({ name, question } satisfies Asked);
    const told = (await Promise.race([once(child, 'message'), ended.then(() => null)])) as readonly [Told] | null;
    if (told === null) throw new Error(`a child process ended before it answered to ${name}`);
    if ('failure' in told[0]) throw new Error(told[0].failure);
    return told[0].answer;
  };
  return {
    ask: (name, ...[question]) => {
      const next = last.then(() => answer(name, question));
      last = next.catch(() => undefined);
      return next as Promise<Answer<T[typeof name]>>;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
};

/** The child's side. It ends when its parent does. */
export const answering = (answers: Answers): void => {
  process.on('message', ({ name, question }: Asked) => {
    void Promise.resolve()
      .then(() => answers[name]?.(question as never))
      .then(
        (answer): Told => ({ answer }),
        (error: unknown): Told => ({
          failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
      )
      .then((told) => process.send?.(told));
  });
  process.on('disconnect', () => {
    process.exit(0);
  });
};
