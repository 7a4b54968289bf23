import { fork, type ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from '@swc/core';
import { compileProgram } from '../compiled.ts';

/** Who lives for half a second never reaps what V8's helpers and its optimizer do beside; they would take time from others. */
const shortLived = ['--single-threaded', '--no-opt', '--min-semi-space-size=64', '--max-semi-space-size=64'];

/** The victim, made to start fast: hundreds die in a run, and reading and compiling a thousand modules is most of their life. */
export interface Packed {
  /** `keep`: it makes the pack when it exits by itself; the second one that is told so keeps what V8 compiled. */
  readonly start: (wish?: 'keep') => ChildProcess;
  readonly remove: () => Promise<void>;
}

export const packVictim = async (): Promise<Packed> => {
  const { folder, remove } = await compileProgram();
  const boot = join(folder, 'unpack.cjs');
  const { code } = await transform(await readFile(join(import.meta.dirname, 'unpack.ts'), 'utf8'), {
    swcrc: false,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  await writeFile(boot, code);
  const main = join(folder, 'test/support/crashing/victim.js');
  return {
    start: (wish) =>
      fork(boot, [main, join(folder, 'pack.js'), ...(wish === undefined ? [] : [wish])], {
        cwd: folder,
        execArgv: shortLived,
      }),
    remove,
  };
};
