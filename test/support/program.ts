import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  /** A folder that `buildProgram` made; else the source is run as it stands. */
  readonly built?: string;
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

/**
 * Builds the program as `npm run build` does, in a folder of its own: dist may be older than the source, or just being made by
 * somebody else. Answers the folder, which its caller removes.
 */
export const buildProgram = (): string => {
  const root = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'civitas-built-'));
  for (const part of ['package.json', 'config', 'node_modules']) symlinkSync(join(root, part), join(folder, part));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  // Types are checked elsewhere: what compiles is run.
  spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], { cwd: root });
  return folder;
};

/** A command of the program, to its end: what it wrote, and what of it to stdout. */
export const runCommand = async (
  name: 'outbox' | 'migrate' | 'audit-verify' | 'client',
  options: ProgramOptions,
): Promise<{ readonly code: number | NodeJS.Signals; readonly output: string; readonly printed: string }> => {
  const { output, printed, ended } = run(`cli/${name}`, options);
  return { code: await ended, output: output(), printed: printed() };
};

const run = (name: string, { env, args = [], built }: ProgramOptions) => {
  const root = process.cwd();
  const command =
    built !== undefined
      ? [join(built, 'dist/src', `${name}.js`)]
      : ['--import', join(root, 'test/support/typescript-hooks.mjs'), join(root, 'src', `${name}.ts`)];
  const child = spawn(process.execPath, [...command, ...args], {
    cwd: root,
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
