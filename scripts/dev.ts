// Behind `npm run dev`: the program as it stands, started anew at each change of a source, and the console from its sources at the port
// behind the demo's OAuth server, loaded anew at each change of its own. Types are looked at by `npm run check`.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { serveConsole } from './console/build.mjs';
import { buildConsole, bundleClient, compileFolder } from './compile.ts';

const compiled = ['src', 'migrations', 'seeds'];
/** An editor writes a file in several steps, and a switch of branches many files: this much quiet ends the change. */
const quietMs = 50;

let program: ChildProcess | undefined;
let endConsole: (() => Promise<void>) | undefined;
const ending = new AbortController();

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

const stop = async (): Promise<void> => {
  if (program === undefined || !isRunning(program)) return;
  const ended = once(program, 'exit');
  program.kill('SIGTERM');
  await ended;
};

const start = async (): Promise<void> => {
  await buildConsole('dist/console');
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
  watch(part, { recursive: true, signal: ending.signal }, (_event, name) => {
    // The program need not begin anew for what only browsers run.
    const isOfConsole = part === 'src' && name?.startsWith('console') === true;
    clearTimeout(quiet);
    quiet = setTimeout(next, quietMs, isOfConsole ? () => buildConsole('dist/console') : start);
  });
// Nothing is watched any more, and the program has ended: so does this one.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    clearTimeout(quiet);
    ending.abort();
    next(stop);
    next(() => endConsole?.() ?? Promise.resolve());
  });
next(start);
next(async () => {
  const port = Number(process.env['PORT'] ?? 8080);
  endConsole = await serveConsole(port + 2, `http://127.0.0.1:${port}`);
  console.log(
    `The console from its sources: http://127.0.0.1:${port + 2}/console/ (log in at http://127.0.0.1:${port}/console)`,
  );
});
