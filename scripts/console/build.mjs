// Builds the console (src/console) into a folder: `node scripts/console/build.mjs FOLDER`. Its types are looked at by `npm run check`.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, createServer } from 'vite';
import { usedTokens } from './tokens.mjs';

const root = fileURLToPath(new URL('../../src/console/', import.meta.url));

/** @param {string} folder Where it goes, whole; what was there is gone. */
export const buildConsole = async (folder) => {
  await build({ ...settings, build: { ...settings.build, outDir: resolve(folder), emptyOutDir: true } });
  mkdirSync(join(folder, 'themes'), { recursive: true });
  // Served as they are: each may be taken for an example of one.
  cpSync(join(root, 'themes'), join(folder, 'themes'), { recursive: true });
  // Packed once, and as small as it can be, for whoever takes that.
  for (const name of readdirSync(join(folder, 'assets')).map((file) => join(folder, 'assets', file)))
    writeFileSync(`${name}.gz`, gzipSync(readFileSync(name), { level: 9 }));
  cpSync(join(root, 'icon.svg'), join(folder, 'icon.svg'));
};

/**
 * The console from its sources, loaded anew when one of them changes, at a port of its own; everything else is asked of the program.
 * @param {number} port @param {string} program Where that is. @returns How to end it.
 */
export const serveConsole = async (port, program) => {
  const proxied = ['/api', '/oauth', '/receipts', '/.well-known', '/console/theme.css', '/console/icon.svg'];
  const server = await createServer({
    ...settings,
    server: { port, strictPort: true, proxy: Object.fromEntries(proxied.map((path) => [path, program])) },
  });
  await server.listen();
  return () => server.close();
};

const settings = {
  configFile: false,
  root,
  base: '/console/',
  publicDir: false,
  logLevel: 'warn',
  clearScreen: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [usedTokens(root)],
  build: {
    target: 'es2023',
    // Nothing inline: the page's policy would refuse it.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    cssMinify: 'lightningcss',
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildConsole(process.argv[2]);
