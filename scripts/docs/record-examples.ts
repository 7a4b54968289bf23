import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { calm, playExamples } from './play-examples.ts';

/**
 * `npm run examples`: begins a demo, makes every call of example-calls.ts, and writes down what it answered.
 * test/demo/examples.test.ts plays them anew, and fails where the demo answers something else.
 */
const file = 'src/http/openapi/examples.json';
const port = Number(process.argv[2] ?? 18_080);
const data = mkdtempSync(join(tmpdir(), 'civitas-examples-'));
const demo = spawn(process.execPath, ['--import', './test/support/typescript-hooks.mjs', 'src/main.ts'], {
  env: { PATH: process.env['PATH'], PORT: String(port), DATA_DIR: data, LOG_LEVEL: 'warn', ...calm },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  await new Promise<void>((resolve, reject) => {
    let printed = '';
    demo.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Worth trying')) resolve();
    });
    demo.once('exit', () => {
      reject(new Error(`the demo did not start: ${printed}`));
    });
  });
  const recorded = await playExamples({
    apiUrl: `http://127.0.0.1:${port}`,
    oauthUrl: `http://127.0.0.1:${port + 1}`,
  });
  const options = (await resolveConfig(file)) ?? {};
  writeFileSync(file, await format(JSON.stringify(recorded), { ...options, parser: 'json' }));
  console.log(`${Object.keys(recorded.calls).length} calls, ${Object.keys(recorded.problems).length} problems`);
} finally {
  demo.removeAllListeners('exit');
  demo.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
}
