import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transform, type Options } from '@swc/core';

export interface Compiled {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/**
 * Our TypeScript as JavaScript in a temporary folder: hundreds of children start from it, each in half of the time. `more`:
 * folders beside the program and the tests' support.
 */
export const compileProgram = async (more: readonly string[] = []): Promise<Compiled> => {
  const root = process.cwd();
  const folder = await mkdtemp(join(tmpdir(), 'civitas-program-'));
  await Promise.all(['src', 'migrations', 'test/support', ...more].map((part) => compileFolder(root, part, folder)));
  await Promise.all(
    ['package.json', 'config'].map((part) => cp(join(root, part), join(folder, part), { recursive: true })),
  );
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};

// swc knows this option, its types do not yet.
const rewriting: object = { rewriteRelativeImportExtensions: true };
const compilation: Options = {
  swcrc: false,
  jsc: { target: 'es2023', parser: { syntax: 'typescript' }, ...rewriting },
  module: { type: 'es6' },
};

const compileFolder = async (root: string, part: string, folder: string): Promise<void> => {
  const files = (await readdir(join(root, part), { recursive: true })).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts'),
  );
  await Promise.all(
    files.map(async (name) => {
      const { code } = await transform(await readFile(join(root, part, name), 'utf8'), compilation);
      const target = join(folder, part, name.replace(/\.ts$/, '.js'));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, code);
    }),
  );
};
