import { existsSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transform, type Options } from '@swc/core';

export interface Compiled {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/** Where every run of jest finds the program as `npm run build` makes it: `dist/src`, and the tests' support beside it. */
export const builtFolder = join(process.cwd(), 'node_modules', '.cache', 'civitas-built');

/** Makes `builtFolder`, before the first test. What did not change since the last run is left alone. */
export const buildOnce = async (): Promise<void> => {
  const root = process.cwd();
  await mkdir(builtFolder, { recursive: true });
  for (const part of ['package.json', 'config', 'node_modules'])
    if (!existsSync(join(builtFolder, part))) await symlink(join(root, part), join(builtFolder, part));
  for (const part of [...parts, 'seeds']) await compileFolder(root, part, join(builtFolder, 'dist'));
};

/**
 * Our TypeScript as JavaScript in a temporary folder, for who writes beside it. `more`: folders beside the program and the
 * tests' support.
 */
export const compileProgram = async (more: readonly string[] = []): Promise<Compiled> => {
  const root = process.cwd();
  const folder = await mkdtemp(join(tmpdir(), 'civitas-program-'));
  await Promise.all([...parts, ...more].map((part) => compileFolder(root, part, folder)));
  await Promise.all(
    ['package.json', 'config'].map((part) => cp(join(root, part), join(folder, part), { recursive: true })),
  );
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};

const parts = ['src', 'migrations', 'test/support'];

// swc knows this option, its types do not yet.
const rewriting: object = { rewriteRelativeImportExtensions: true };
const compilation: Options = {
  swcrc: false,
  jsc: { target: 'es2023', parser: { syntax: 'typescript' }, ...rewriting },
  module: { type: 'es6' },
};

const compileFolder = async (root: string, part: string, folder: string): Promise<void> => {
  const names = (await namesIn(join(root, part))).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts'),
  );
  const compiled = (name: string): string => name.replace(/\.ts$/, '.js');
  const wanted = new Set(names.map(compiled));
  const gone = (await namesIn(join(folder, part))).filter((name) => name.endsWith('.js') && !wanted.has(name));
  await Promise.all(gone.map((name) => unlink(join(folder, part, name))));
  await Promise.all(names.map((name) => compileFile(join(root, part, name), join(folder, part, compiled(name)))));
};

const compileFile = async (source: string, target: string): Promise<void> => {
  if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) return;
  const { code } = await transform(await readFile(source, 'utf8'), compilation);
  await mkdir(dirname(target), { recursive: true });
  // Whole or not at all: another run may be reading it.
  const unfinished = `${target}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, target);
};

const namesIn = async (folder: string): Promise<readonly string[]> =>
  existsSync(folder) ? readdir(folder, { recursive: true }) : [];
