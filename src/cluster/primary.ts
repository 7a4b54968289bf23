import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import type { Config } from '../config/index.ts';
import type { Logger } from '../platform/logger.ts';
import { type AsksOfPrimary, type AsksOfWorkers, lineOver, type Line } from './ipc.ts';
import { hubOf } from './hub.ts';

export interface RunningWorkers {
  readonly url: string;
  /** All end, each finishing its requests. Rejects when one had to be killed, or ended badly. */
  readonly stop: () => Promise<void>;
}
interface Parts {
  readonly config: Config;
  readonly log: Logger;
  /** Called when workers die again and again; what is left of them has ended by then. */
  readonly giveUp: () => void;
}
interface Member {
  readonly number: number;
  readonly worker: Worker;
  readonly line: Line<AsksOfPrimary>;
  readonly bornAt: number;
  /** It has its settings; before that it has done nothing that it would have to finish. */
  hasPlace: boolean;
}

const entry = join(import.meta.dirname, '..', `worker${extname(import.meta.filename)}`);
/** Beyond the time that its requests have. */
const killAfterMs = 4_000;

/** Starts `config.server.workers` workers; resolves when all listen, rejects when one ends before that. Source: docs/adr/0015. */
export const startWorkers = async ({ config, log, giveUp }: Parts): Promise<RunningWorkers> => {
  const count = config.server.workers;
  // As values, not as JSON: not-a-number has to stay one.
  cluster.setupPrimary({ exec: entry, args: [], serialization: 'advanced' });
  const members = new Map<number, Member>();
  const hub = hubOf(
    () => new Map([...members].filter(([, { hasPlace }]) => hasPlace).map(([n, { line }]) => [n, line])),
  );
  const pauseAfter = replacing(count);
  let state: 'starting' | 'serving' | 'stopping' = 'starting';

  const fork = (number: number): Promise<string> => {
    const worker = cluster.fork();
    return new Promise((resolve, reject) => {
      const answers: AsksOfWorkers = {
        place: () => {
          member.hasPlace = true;
          return { number, config };
        },
        listens: (url) => {
          log.info({ worker: number, pid: worker.process.pid }, 'a worker listens');
          resolve(url);
        },
        publish: (text) => hub.publish(number, text),
        count: ({ name, by, lifeMs }) => hub.count(name, by, lifeMs),
        measured: () => hub.measured(),
      };
      const line = lineOver<AsksOfPrimary>(worker, { ...answers });
      const member: Member = { number, worker, line, bornAt: performance.now(), hasPlace: false };
      members.set(number, member);
      worker.once('exit', (code: number | null, signal: string | null) => {
        left(member, { code, signal });
        reject(new Error(`worker ${number} ended before it listened`));
      });
      // A channel that breaks is told by the exit that follows.
      worker.on('error', () => undefined);
    });
  };

  const left = ({ number, worker, bornAt }: Member, end: { code: number | null; signal: string | null }): void => {
    members.delete(number);
    hub.left(number);
    if (state !== 'serving') return;
    const pauseMs = pauseAfter(performance.now() - bornAt);
    const facts = { worker: number, pid: worker.process.pid, ...end };
    if (pauseMs === null) {
      log.fatal(facts, 'workers die again and again soon after their start: giving up');
      void stop()
        .catch(() => undefined)
        .then(giveUp);
      return;
    }
    const line = 'a worker ended; another takes its place';
    if (end.code === 0) log.warn({ ...facts, pauseMs }, line);
    else log.error({ ...facts, pauseMs }, line);
    setTimeout(() => {
      if (state === 'serving') fork(number).catch(() => undefined);
    }, pauseMs);
  };

  const stop = async (): Promise<void> => {
    state = 'stopping';
    const ends = await Promise.all([...members.values()].map((member) => endOf(member, config.server.stopSeconds)));
    if (!ends.every(Boolean)) throw new Error('a worker did not end by itself');
  };

  try {
    const [url = ''] = await Promise.all(Array.from({ length: count }, (_none, index) => fork(index + 1)));
    state = 'serving';
    return { url, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
};

/** Whether it ended by itself, with 0. */
const endOf = async ({ worker, line, hasPlace }: Member, stopSeconds: number): Promise<boolean> => {
  const ended = once(worker, 'exit') as Promise<[number | null]>;
  if (!hasPlace) {
    worker.process.kill('SIGKILL');
    await ended;
    return true;
  }
  const impatience = setTimeout(() => worker.process.kill('SIGKILL'), stopSeconds * 1000 + killAfterMs);
  line.ask('stop', null, killAfterMs).catch(() => undefined);
  const [code] = await ended;
  clearTimeout(impatience);
  return code === 0;
};

/** Who dies this soon after its start died of its start, or of what everybody is asked. */
const earlyMs = 10_000;
const leastMs = 100;
const maxMs = 5_000;
const triesEach = 3;

/**
 * How long to wait before a worker that lived so long is replaced, in ms; null: there were too many early deaths in a row, and
 * one more would not help. Source: docs/adr/0015.
 */
type Replacing = (livedMs: number) => number | null;

export const replacing = (workers: number): Replacing => {
  let early = 0;
  return (livedMs) => {
    early = livedMs < earlyMs ? early + 1 : 0;
    if (early > triesEach * workers) return null;
    return Math.min(leastMs * 2 ** early, maxMs);
  };
};
