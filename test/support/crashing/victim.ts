// A child process: the real program, which counts its durable steps and kills itself at the one it was told.
import { subscribe } from 'node:diagnostics_channel';
import { ampleMs, startInstance, type Environment } from './instance.ts';

/** Comes once, from the parent. */
export interface Order {
  readonly env: Environment;
  /** From 1; 0 kills nobody. */
  readonly killAt: number;
  /** Answer requests, execute what waits in the outbox, or carry on with the anonymization of whole sites. */
  readonly task: 'serve' | 'dispatch' | 'sites';
}
export type Report = { readonly url: string } | { readonly steps: readonly string[] };

const steps: string[] = [];
let killAt = 0;

/** SIGKILL to oneself comes at once: nothing of ours runs after it. */
const step = (name: string): void => {
  steps.push(name);
  if (steps.length === killAt) process.kill(process.pid, 'SIGKILL');
};

const tell = (report: Report): void => {
  process.send?.(report);
};

/** What a request to another server says of itself on undici's channels. */
const named = (message: unknown): string => {
  const { request } = message as { request: { method: string; path: string } };
  return `${request.method} ${request.path.split('?')[0] ?? ''}`;
};

const statement = (text: string): void => {
  step(`database: ${text.slice(0, 80)}`);
};

const obey = async (order: Order): Promise<void> => {
  const { url, container } = await startInstance(order.env, {
    timeLimitMs: ampleMs,
    onStatement: statement,
    prepare: ({ database: { sequelize } }) => {
      // What Sequelize sends by itself, BEGIN and COMMIT too, which the container's own hook leaves out; looked up for each.
      Object.assign(sequelize, {
        options: {
          ...Reflect.get(sequelize, 'options'),
          logging: (line: string) => {
            statement(line.replace(/^Execut(?:ing|ed) \([^)]*\): /, ''));
          },
        },
      });
    },
  });
  subscribe('undici:request:create', (message) => {
    step(`before ${named(message)}`);
  });
  // The server has done it, and none of our code has seen the reply.
  subscribe('undici:request:headers', (message) => {
    step(`after ${named(message)}`);
  });
  killAt = order.killAt;
  if (order.task === 'serve') {
    tell({ url });
    return;
  }
  if (order.task === 'sites') await container.jobs.find(({ name }) => name === 'work-on-runs')?.run(() => false);
  else while ((await container.deliver()) !== null);
  tell({ steps });
};

process.on('message', (message: Order | 'report') => {
  if (message === 'report') tell({ steps });
  else void obey(message);
});
process.on('disconnect', () => {
  process.exit(0);
});
