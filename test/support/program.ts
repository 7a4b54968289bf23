import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { builtFolder } from './compiled.ts';

export interface Program {
  /** Where it listens. */
  readonly url: string;
  /** Everything it wrote to stdout and stderr so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM, and its end. */
  stop(): Promise<number | NodeJS.Signals>;
}
export interface ProgramOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** The whole program as a process of its own, once it listens. Rejects with what it wrote when it ends before that. */
export const startProgram = async (options: ProgramOptions): Promise<Program> => {
  const { child, output, ended } = run('main', options);
  const listening = (): string | undefined => /"url":"([^"]+)"[^\n]*civitas is listening/.exec(output())?.[1];
  while (listening() === undefined) {
    const first = await Promise.race([ended, once(child.stdout, 'data')]);
    if (!Array.isArray(first)) throw new Error(`the program ended with ${first}: ${output()}`);
  }
  return {
    url: listening() ?? '',
    output,
    ended,
    signal: (signal) => void child.kill(signal),
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};

export interface Ended {
  readonly code: number | NodeJS.Signals;
  /** Everything it wrote. */
  readonly output: string;
  /** What of it to stdout. */
  readonly printed: string;
}

/** A command of the program by its name (`audit verify`), without a terminal, to its end. */
export const runCommand = async (name: string, options: ProgramOptions): Promise<Ended> => {
  const { output, printed, ended } = run('cli/civitas', {
    ...options,
    args: [...name.split(' ').filter((word) => word !== ''), ...(options.args ?? [])],
  });
  return { code: await ended, output: output(), printed: printed() };
};

const run = (name: string, { env, args = [] }: ProgramOptions) => {
  const child = spawn(process.execPath, [join(builtFolder, 'dist/src', `${name}.js`), ...args], {
    cwd: process.cwd(),
    env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces: Buffer[] = [];
  const printed: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => {
    pieces.push(piece);
    printed.push(piece);
  });
  child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
  // `close`, not `exit`: by then everything it wrote has been read.
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    child,
    ended,
    output: () => Buffer.concat(pieces).toString(),
    printed: () => Buffer.concat(printed).toString(),
  };
};
