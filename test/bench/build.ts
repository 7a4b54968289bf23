import { rmSync } from 'node:fs';
import { compileProgram, type Compiled } from '../support/compiled.ts';
import { atExit } from './at-exit.ts';

/** The program and the benchmark's children as JavaScript, in a folder that does not outlive us. */
export const buildBench = async (): Promise<Compiled> => {
  const built = await compileProgram(['test/bench']);
  atExit(() => {
    rmSync(built.folder, { recursive: true, force: true });
  });
  return built;
};
