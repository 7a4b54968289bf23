import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { callAt, type Answer, type Environment, type Request } from './instance.ts';
import type { Packed } from './packed.ts';
import type { Order, Report } from './victim.ts';

/** How a victim ended: with its answer (null when it was killed before), and all of its steps when it lived. */
export interface Ending {
  readonly killed: boolean;
  readonly answer: Answer | null;
  readonly steps: readonly string[];
}
export interface Victims {
  /** One child serves this request, and dies at a step of it. */
  readonly serve: (order: Omit<Order, 'task'>, request: Request) => Promise<Ending>;
  /** One child executes what waits in the outbox, and dies at a step of it. */
  readonly dispatch: (order: Omit<Order, 'task'>) => Promise<Ending>;
  /** The same with what waits of whole sites. */
  readonly workOnSites: (order: Omit<Order, 'task'>) => Promise<Ending>;
  /** One child serves this request and ends by itself; after two of them the next ones start fast. */
  readonly rehearse: (env: Environment, request: Request) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Children are used once; the next one is starting while the last one's traces are looked at. */
export const victimsFrom = ({ start }: Packed): Victims => {
  let spare: ChildProcess | null = null;
  const next = (): ChildProcess => {
    const child = spare ?? start();
    spare = start();
    return child;
  };
  return {
    serve: async (order, request) => {
      const child = next();
      const answer = await asked(child, order, request);
      if (answer === null) {
        await ended(child);
        return killed;
      }
      const report = await told(child, 'report');
      await stopped(child);
      return report !== null && 'steps' in report
        ? { killed: false, answer, steps: report.steps }
        : { ...killed, answer };
    },
    dispatch: (order) => work(next(), { ...order, task: 'dispatch' }),
    workOnSites: (order) => work(next(), { ...order, task: 'sites' }),
    rehearse: async (env, request) => {
      const child = start('keep');
      const answer = await asked(child, { env, killAt: 0 }, request);
      child.disconnect();
      await ended(child);
      if (answer?.status !== 200 || child.exitCode !== 0) throw new Error('the rehearsal failed');
    },
    close: async () => {
      if (spare !== null) await stopped(spare);
    },
  };
};

/** The child's answer; null when it dies before. */
const asked = async (child: ChildProcess, order: Omit<Order, 'task'>, request: Request): Promise<Answer | null> => {
  const first = await told(child, { ...order, task: 'serve' });
  if (first === null || !('url' in first)) return null;
  return callAt(first.url, request).catch(() => null);
};

const work = async (child: ChildProcess, order: Order): Promise<Ending> => {
  const report = await told(child, order);
  await stopped(child);
  return report !== null && 'steps' in report ? { killed: false, answer: null, steps: report.steps } : killed;
};

const killed: Ending = { killed: true, answer: null, steps: [] };

/** What the child says to this, or null when it ends instead. */
const told = async (child: ChildProcess, message: Order | 'report'): Promise<Report | null> => {
  if (hasEnded(child)) return null;
  const over = new AbortController();
  try {
    child.send(message, () => undefined);
    const [report] = (await Promise.race([
      once(child, 'message', { signal: over.signal }),
      once(child, 'exit', { signal: over.signal }).then(() => [null]),
    ])) as [Report | null];
    return report;
  } finally {
    over.abort();
  }
};

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

const ended = async (child: ChildProcess): Promise<void> => {
  if (!hasEnded(child)) await once(child, 'exit');
};

const stopped = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL');
  await ended(child);
};
