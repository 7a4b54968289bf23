import { fork, spawn, type ChildProcess } from 'node:child_process';
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
  /** For Node itself. */
  readonly nodeArgs?: readonly string[];
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
    args: wordsOf(name, options),
  });
  return { code: await ended, output: output(), printed: printed() };
};

export interface Commands {
  /** As `runCommand` does; in turn. */
  readonly run: typeof runCommand;
  readonly close: () => Promise<void>;
}

/**
 * The built program in one process that runs one command after the other, where the command is the subject, and not its process: to
 * start one takes far longer than what it does. Neither a terminal, nor signals, nor a process that must end by itself.
 */
export const openCommands = (): Commands => {
  let host: ChildProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();
  const asked = (words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> =>
    new Promise((resolve, reject) => {
      host ??= fork(join(builtFolder, 'dist/test/support/command-host.js'), { cwd: process.cwd(), env, execArgv: [] });
      host.removeAllListeners();
      host.once('exit', (code) => {
        reject(new Error(`the host of commands ended with ${String(code)} over ${words.join(' ')}`));
      });
      host.once('message', ({ code, said }: { code: number; said: { isPrinted: boolean; text: string }[] }) => {
        const textOf = (parts: typeof said): string => parts.map(({ text }) => text).join('');
        resolve({ code, output: textOf(said), printed: textOf(said.filter(({ isPrinted }) => isPrinted)) });
      });
      host.send({ words, env });
    });
  return {
    run: (name, options) => {
      const ended = last.then(() => asked(wordsOf(name, options), environmentOf(options)));
      last = ended.catch(() => undefined);
      return ended;
    },
    close: async () => {
      if (host?.exitCode !== null) return;
      const gone = once(host, 'exit');
      host.kill();
      await gone;
    },
  };
};

const wordsOf = (name: string, { args = [] }: ProgramOptions): readonly string[] => [
  ...name.split(' ').filter((word) => word !== ''),
  ...args,
];
const environmentOf = ({ env }: ProgramOptions) => ({
  PATH: process.env['PATH'] ?? '',
  ...compiled,
  LOG_LEVEL: 'info',
  ...env,
});

/** Newer Node keeps there what it compiled, for the next start: a third of the processor time that one takes. */
const { NODE_COMPILE_CACHE } = process.env;
const compiled = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

const run = (name: string, options: ProgramOptions) => {
  const { args = [], nodeArgs = [] } = options;
  const child = spawn(process.execPath, [...nodeArgs, join(builtFolder, 'dist/src', `${name}.js`), ...args], {
    cwd: process.cwd(),
    env: environmentOf(options),
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
