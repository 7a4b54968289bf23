import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform, type Options } from '@swc/core';

/**
 * TypeScript of a folder as JavaScript in another, for who has types checked elsewhere: in a second, where the compiler takes ten.
 * A file that is not newer than what was made of it is left alone, and what has no source any more goes.
 */
export const compileFolder = async (sources: string, targets: string): Promise<void> => {
  const names = (await namesIn(sources)).filter((name) => !isConsole(name) && (isSource(name) || isAsset(name)));
  const wanted = new Set(names.map(compiledName));
  const gone = (await namesIn(targets)).filter((name) => name.endsWith('.js') && !wanted.has(name));
  await Promise.all(gone.map((name) => unlink(join(targets, name))));
  await Promise.all(names.map((name) => compileFile(join(sources, name), join(targets, compiledName(name)))));
};

const isSource = (name: string): boolean => /(?<!\.d|\.test)\.ts$/.test(name);
/** What pages and documents are made of stands beside the program as it is. */
const isAsset = (name: string): boolean => /(?<!tsconfig)\.(?:js|css|svg|json)$/.test(name);

/** Another program, for browsers, which is built by itself. */
const isConsole = (name: string): boolean => /^console[\\/]/.test(name);

/** The console, built into a folder; one that is not older than all it is made of is left alone. */
export const buildConsole = async (folder: string): Promise<void> => {
  const page = join(folder, 'index.html');
  const sources = ['src/console', 'src/client', 'scripts/console', 'package-lock.json'];
  if (existsSync(page) && statSync(page).mtimeMs > Math.max(...(await Promise.all(sources.map(newestIn))))) return;
  const script = fileURLToPath(new URL('console/build.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [script, folder]);
};

const newestIn = async (place: string): Promise<number> => {
  const names = statSync(place).isDirectory() ? await readdir(place, { recursive: true }) : [];
  return Math.max(...[place, ...names.map((name) => join(place, name))].map((name) => statSync(name).mtimeMs));
};

/** The compiled client as one file, for whoever imports it by its address. */
export const bundleClient = async (folder: string, file: string): Promise<void> => {
  const script = fileURLToPath(new URL('client/bundle.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [script, folder, file]);
};

const compileFile = async (source: string, target: string): Promise<void> => {
  if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) return;
  const written = await readFile(source, 'utf8');
  const code = isAsset(source) ? written : (await transform(written, compilation)).code;
  await mkdir(dirname(target), { recursive: true });
  // Whole or not at all: another process may be reading it.
  const unfinished = `${target}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, target);
};

// swc knows this option, its types do not yet.
const rewriting: object = { rewriteRelativeImportExtensions: true };
const compilation: Options = {
  swcrc: false,
  jsc: { target: 'es2023', parser: { syntax: 'typescript' }, ...rewriting },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

const compiledName = (name: string): string => name.replace(/\.ts$/, '.js');

const namesIn = async (folder: string): Promise<readonly string[]> =>
  existsSync(folder) ? readdir(folder, { recursive: true }) : [];
