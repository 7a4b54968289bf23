// Compiles src, migrations and seeds into dist, puts what pages and documents are made of beside it, joins the client into one
// file with its types, and builds the console. Runs in `prepare`, so that `npm ci && npm start` is enough. What it is told goes on to the compiler.
// `npm ci --omit=dev` has no compiler: there an existing dist is kept, and a missing one is said plainly.
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync, statSync } from 'node:fs';

/** In a process of its own, which says itself what is wrong. */
const run = (...script) =>
  new Promise((resolve) => {
    spawn(process.execPath, script, { stdio: 'inherit' }).on('exit', (code) => {
      if (code !== 0) process.exit(code ?? 1);
      resolve();
    });
  });

const compiler = 'node_modules/typescript/bin/tsc';
if (existsSync(compiler)) {
  rmSync('dist', { recursive: true, force: true });
  // None of them needs what another makes.
  await Promise.all([
    ...['tsconfig.build.json', 'tsconfig.client.json'].map((project) =>
      run(compiler, '-p', project, ...process.argv.slice(2)),
    ),
    run('scripts/console/build.mjs', 'dist/console'),
  ]);
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
} else if (!existsSync('dist/src/main.js')) {
  console.error(
    'civitas: no compiler and no dist/: run `npm ci` once with the dev dependencies, or copy dist/ from a build.',
  );
}
