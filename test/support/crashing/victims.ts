import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { callAt, type Answer, type Request } from './instance.ts';
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
  /** One child carries out what waits in the outbox, and dies at a step of it. */
  readonly dispatch: (order: Omit<Order, 'task'>) => Promise<Ending>;
  /** The same with what waits of whole sites. */
  readonly workOnSites: (order: Omit<Order, 'task'>) => Promise<Ending>;
  readonly close: () => Promise<void>;
}

/** Children are used once; the next one is starting while the last one's traces are looked at. */
export const victimsFrom = (folder: string): Victims => {
  const spawn = (): ChildProcess =>
    fork(join(folder, 'test/support/crashing/victim.js'), { cwd: folder, execArgv: [] });
  let spare = spawn();
  const next = (): ChildProcess => {
    const child = spare;
    spare = spawn();
    return child;
  };
  return {
    serve: async (order, request) => {
      const child = next();
      const first = await told(child, { ...order, task: 'serve' });
      if (first === null || !('url' in first)) return killed;
      const answer = await callAt(first.url, request).catch(() => null);
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
    close: () => stopped(spare),
  };
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
