// Behind `npm run dev`: the program as it stands, started anew at each change of a source. Types are looked at by `npm run check`.
import { spawn, type ChildProcess } from 'node:child_process';
import { watch } from 'node:fs';
import { compileFolder } from './compile.ts';

const compiled = ['src', 'migrations', 'seeds'];
/** An editor writes a file in several steps, and a switch of branches many files: this much quiet ends the change. */
const quietMs = 50;

let program: ChildProcess | undefined;
let isEnding = false;

const start = async (): Promise<void> => {
  for (const part of compiled) await compileFolder(part, `dist/${part}`);
  program?.removeAllListeners('exit');
  program?.kill('SIGTERM');
  if (program?.exitCode === null) await new Promise((ended) => program?.once('exit', ended));
  program = spawn(process.execPath, ['dist/src/main.js'], { stdio: 'inherit' });
  program.once('exit', (code) => {
    if (isEnding) process.exit(code ?? 1);
    console.error('The program ended; it starts anew at the next change.');
  });
};

let starting = Promise.resolve();
const startAnew = (): void => {
  starting = starting.then(start).catch((error: unknown) => {
    console.error(error);
  });
};

let quiet: NodeJS.Timeout | undefined;
for (const part of [...compiled, 'config'])
  watch(part, { recursive: true }, () => {
    clearTimeout(quiet);
    quiet = setTimeout(startAnew, quietMs);
  });
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    isEnding = true;
    if (program?.kill('SIGTERM') !== true) process.exit(0);
  });
startAnew();
