// Starts a module from a pack: one file with the source of every module that it loads, and beside it what V8 compiled of them.
// node unpack.cjs MODULE PACK [keep]; with `keep` the pack is made, or what V8 compiled, when this process exits.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';
import type * as Swc from '@swc/core';

type Require = ((request: string) => unknown) & { cache?: unknown; resolve?: (request: string) => string };
interface Module {
  exports: unknown;
  readonly id: string;
  readonly filename: string;
  loaded: boolean;
}
type Body = (
  this: unknown,
  exports: unknown,
  require: Require,
  module: Module,
  filename: string,
  directory: string,
) => void;
/** Modules by file, and the file that a request from a folder means. */
type Pack = readonly [Readonly<Record<string, Body>>, Readonly<Record<string, string>>];

const [main = '', pack = '', wish] = process.argv.slice(2);
const compiled = `${pack}.compiled`;

const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
const script = existsSync(pack)
  ? new Script(readFileSync(pack, 'latin1'), {
      filename: pack,
      ...(existsSync(compiled) ? { cachedData: readFileSync(compiled) } : {}),
      importModuleDynamically,
    })
  : null;
const [bodies, places] = (script?.runInThisContext() ?? [{}, {}]) as Pack;

const modules: Record<string, Module> = {};
/** What the pack lacked. */
const [newBodies, newPlaces] = [new Map<string, string>(), new Map<string, string>()];

const load = (file: string): unknown => {
  const there = modules[file];
  if (there !== undefined) return there.exports;
  const made: Module = { exports: {}, id: file, filename: file, loaded: false };
  modules[file] = made;
  const body = bodies[file] ?? bodyFromDisk(file);
  body.call(made.exports, made.exports, requireFrom(file), made, file, dirname(file));
  made.loaded = true;
  return made.exports;
};

const requireFrom = (from: string): Require => {
  let native: NodeJS.Require | undefined;
  const resolve = (request: string): string => {
    const place = places[`${dirname(from)} ${request}`];
    if (place !== undefined) return place;
    const found = (native ??= createRequire(from)).resolve(request);
    newPlaces.set(`${dirname(from)} ${request}`, found);
    return found;
  };
  const required: Require = (request) => {
    if (isBuiltin(request)) return process.getBuiltinModule(request);
    const file = resolve(request);
    return file.endsWith('.node') ? (native ??= createRequire(from))(file) : load(file);
  };
  return Object.assign(required, { cache: modules, resolve });
};

const bodyFromDisk = (file: string): Body => {
  const source = scriptOf(file, readFileSync(file, 'utf8'));
  newBodies.set(file, source);
  return new Script(source, { filename: file, importModuleDynamically }).runInThisContext() as Body;
};

/** A function around the module. What is no script is an ECMAScript module, and becomes one. */
const scriptOf = (file: string, source: string): string => {
  if (file.endsWith('.json')) return wrapped(`module.exports = ${source}`);
  const asIs = wrapped(source.replace(/^#!.*/, ''));
  try {
    new Script(asIs);
    return asIs;
  } catch {
    return wrapped(
      swc().transformSync(source, { swcrc: false, jsc: { target: 'es2023' }, module: { type: 'commonjs' } }).code,
    );
  }
};
const swc = () => createRequire(__filename)('@swc/core') as typeof Swc;
const wrapped = (source: string): string =>
  `(function (exports, require, module, __filename, __dirname) {${source}\n})`;

const keep = (): void => {
  if (script === null) {
    const table = (entries: Iterable<[string, string]>): string =>
      `{${[...entries].map(([key, text]) => `${JSON.stringify(key)}: ${text}`).join(',\n')}}`;
    const found = [...newPlaces].map(([key, file]): [string, string] => [key, JSON.stringify(file)]);
    writeFileSync(pack, small(`[${table(newBodies)}, ${table(found)}]`));
    return;
  }
  writeFileSync(`${compiled}.new`, script.createCachedData());
  renameSync(`${compiled}.new`, compiled);
};
/** Without comments, and one byte a character. */
const small = (source: string): string => {
  const format = { comments: false, asciiOnly: true } as const;
  return swc().minifySync(source, { compress: false, mangle: false, format }).code.replace(/;$/, '');
};
if (wish === 'keep') process.on('exit', keep);

load(main);
