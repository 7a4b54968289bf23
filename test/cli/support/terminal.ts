import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { builtFolder } from '../../support/compiled.ts';
import { until } from '../../support/until.ts';

/** A command at a terminal of its own, as somebody sits at it. */
export interface Terminal {
  /** Everything that was shown so far, colours and all. */
  shown(): string;
  type(text: string): void;
  /** Until this is shown. */
  sees(what: string): Promise<void>;
  /** Exit code. */
  readonly ended: Promise<number>;
}

/** `script` (util-linux) makes the terminal: a real one, whose Ctrl-C is a signal. */
export const atTerminal = (words: readonly string[], env: Readonly<Record<string, string>>): Terminal => {
  const quoted = [process.execPath, join(builtFolder, 'dist/src/cli/civitas.js'), ...words].map(
    (word) => `'${word.replaceAll("'", "'\\''")}'`,
  );
  // In the shell's place: a shell that hears Ctrl-C, too, would end with a code of its own.
  const command = `exec ${quoted.join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  const shown = () => Buffer.concat(pieces).toString();
  return {
    shown,
    type: (text) => void child.stdin.write(text),
    sees: (what) => until(`that the terminal shows ${what}: ${shown()}`, () => shown().includes(what)),
    ended: once(child, 'close').then(([code]: unknown[]) => Number(code)),
  };
};

/** What Ctrl-C sends. */
export const ctrlC = '\u0003';
