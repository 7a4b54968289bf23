// Behind `npm run dev`: the program as it stands, started anew at each change of a source. Types are looked at by `npm run check`.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { bundleClient, compileFolder } from './compile.ts';

const compiled = ['src', 'migrations', 'seeds'];
/** An editor writes a file in several steps, and a switch of branches many files: this much quiet ends the change. */
const quietMs = 50;

let program: ChildProcess | undefined;
const ending = new AbortController();

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

const stop = async (): Promise<void> => {
  if (program === undefined || !isRunning(program)) return;
  const ended = once(program, 'exit');
  program.kill('SIGTERM');
  await ended;
};

const start = async (): Promise<void> => {
  for (const part of compiled) await compileFolder(part, `dist/${part}`);
  await bundleClient('dist/src/client', 'dist/client.js');
  await stop();
  if (!ending.signal.aborted) program = spawn(process.execPath, ['dist/src/main.js'], { stdio: 'inherit' });
};

let work = Promise.resolve();
const next = (step: () => Promise<void>): void => {
  work = work.then(step).catch((error: unknown) => {
    console.error(error);
  });
};

let quiet: NodeJS.Timeout | undefined;
for (const part of [...compiled, 'config'])
  watch(part, { recursive: true, signal: ending.signal }, () => {
    clearTimeout(quiet);
    quiet = setTimeout(next, quietMs, start);
  });
// Nothing is watched any more, and the program has ended: so does this one.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    clearTimeout(quiet);
    ending.abort();
    next(stop);
  });
next(start);
