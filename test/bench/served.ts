import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { atExit } from './at-exit.ts';
import { childrenOf, processorMicrosOf } from './server-process.ts';

/** The whole program as processes of its own. */
export interface Served {
  readonly url: string;
  /** What all its processes used so far; null where that cannot be seen. */
  readonly processorMicros: () => number | null;
  readonly stop: () => Promise<void>;
}

/** With so many workers, on a free port, limits far away; its log goes to a file, as in production. */
export const startWorkers = async (
  file: string,
  env: Readonly<Record<string, string>>,
  workers: number,
): Promise<Served> => {
  const folder = mkdtempSync(join(tmpdir(), 'civitas-bench-workers-'));
  const logFile = join(folder, 'api.log');
  const log = openSync(logFile, 'w');
  const own = {
    PORT: '0',
    WEB_CONCURRENCY: String(workers),
    LIMIT_PER_TOKEN: '1000000000',
    USERS_SWEEP_PER_MINUTE: '0',
  };
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', log, 'inherit'],
    env: { PATH: process.env['PATH'], ...env, ...own },
  });
  const ended = once(child, 'exit');
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  atExit(() => {
    child.kill('SIGKILL');
    remove();
  });
  const listening = (): string | undefined =>
    /"url":"([^"]+)"[^\n]*civitas is listening/.exec(readFileSync(logFile, 'utf8'))?.[1];
  await until('that the program listens', () => {
    if (child.exitCode !== null) throw new Error(`the program ended: ${readFileSync(logFile, 'utf8')}`);
    return listening() !== undefined;
  });
  const pids = [String(child.pid), ...childrenOf(String(child.pid))];
  return {
    url: listening() ?? '',
    processorMicros: () => {
      const times = pids.map(processorMicrosOf).filter((time) => time !== null);
      return times.length < pids.length ? null : times.reduce((sum, time) => sum + time, 0);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      closeSync(log);
      remove();
    },
  };
};
