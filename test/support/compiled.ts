import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildConsole, bundleClient, compileFolder } from '../../scripts/compile.ts';

export interface Compiled {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/** Where every run of jest finds the program as `npm run build` makes it: `dist/src`, and the tests' support beside it. */
export const builtFolder = join(process.cwd(), 'node_modules', '.cache', 'civitas-built');

/** The client in it, as the program serves it. */
export const builtClient = join(builtFolder, 'dist/client.js');

/** The console in it, of the sources as they are now. */
export const builtConsole = join(builtFolder, 'dist/console');

/** Makes `builtFolder`, before the first test. What did not change since the last run is left alone. */
export const buildOnce = async (): Promise<void> => {
  const root = process.cwd();
  await mkdir(builtFolder, { recursive: true });
  for (const part of ['package.json', 'config', 'node_modules'])
    if (!existsSync(join(builtFolder, part))) await symlink(join(root, part), join(builtFolder, part));
  for (const part of [...parts, 'seeds']) await compileFolder(join(root, part), join(builtFolder, 'dist', part));
  await bundleClient(join(builtFolder, 'dist/src/client'), builtClient);
  await buildConsole(builtConsole);
};

/**
 * Our TypeScript as JavaScript in a temporary folder, for who writes beside it. `more`: folders beside the program and the
 * tests' support.
 */
export const compileProgram = async (more: readonly string[] = []): Promise<Compiled> => {
  const root = process.cwd();
  const folder = await mkdtemp(join(tmpdir(), 'civitas-program-'));
  await Promise.all([...parts, ...more].map((part) => compileFolder(join(root, part), join(folder, part))));
  await Promise.all(
    ['package.json', 'config'].map((part) => cp(join(root, part), join(folder, part), { recursive: true })),
  );
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};

const parts = ['src', 'migrations', 'test/support'];
