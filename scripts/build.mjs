// Compiles src, migrations and seeds into dist. Runs in `prepare`, so that `npm ci && npm start` is enough.
// `npm ci --omit=dev` has no compiler: there an existing dist is kept, and a missing one is said plainly.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

const compiler = 'node_modules/typescript/bin/tsc';
if (existsSync(compiler)) {
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
} else if (!existsSync('dist/src/main.js')) {
  console.error(
    'civitas: no compiler and no dist/: run `npm ci` once with the dev dependencies, or copy dist/ from a build.',
  );
}
