// Compiles src, migrations and seeds into dist, puts what pages and documents are made of beside it, joins the client into one
// file with its types, and builds the console. Runs in `prepare`, so that `npm ci && npm start` is enough. What it is told goes on to the compiler.
// `npm ci --omit=dev` has no compiler: there an existing dist is kept, and a missing one is said plainly.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync, statSync } from 'node:fs';

const compiler = 'node_modules/typescript/bin/tsc';
if (existsSync(compiler)) {
  rmSync('dist', { recursive: true, force: true });
  for (const project of ['tsconfig.build.json', 'tsconfig.client.json'])
    execFileSync(process.execPath, [compiler, '-p', project, ...process.argv.slice(2)], { stdio: 'inherit' });
  // As scripts/compile.ts does.
  const isAsset = (path) => /(?<!tsconfig)\.(?:js|css|svg|json)$/.test(path);
  cpSync('src', 'dist/src', {
    recursive: true,
    filter: (path) => path !== 'src/console' && (statSync(path).isDirectory() || isAsset(path)),
  });
  // `npx civitas` runs it as it stands.
  chmodSync('dist/src/cli/civitas.js', 0o755);
  // Not to be had before there is a compiler.
  const { bundle } = await import('./client/bundle.mjs');
  bundle('dist/src/client', 'dist/client.js');
  const { buildConsole } = await import('./console/build.mjs');
  await buildConsole('dist/console');
} else if (!existsSync('dist/src/main.js')) {
  console.error(
    'civitas: no compiler and no dist/: run `npm ci` once with the dev dependencies, or copy dist/ from a build.',
  );
}
