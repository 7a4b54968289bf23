// `npm run check`: everything that can be said about the code without running its tests: the `check:…` scripts of package.json,
// in their order, two at a time (the longest stands first). `npm run check -- lint layers` runs some. Exit code 1 when one fails.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const steps = Object.entries(scripts)
  .filter(([name]) => name.startsWith('check:'))
  .map(([name, command]) => [name.slice('check:'.length), command]);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !steps.some(([known]) => known === name));
if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}`);
const waiting = steps.filter(([name]) => asked.length === 0 || asked.includes(name));
const failed = [];

const env = {
  ...process.env,
  PATH: `${join(process.cwd(), 'node_modules', '.bin')}:${process.env.PATH}`,
  // A check tells nobody but us.
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
};

const run = (command) =>
  new Promise((resolve) => {
    const child = spawn('sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (piece) => output.push(piece));
    child.stderr.on('data', (piece) => output.push(piece));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(output).toString() }));
  });

const worker = async () => {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const [name, command] = step;
    const start = Date.now();
    const { code, output } = await run(command);
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    // What a step that passes has to say all the same.
    for (const note of output.match(/^note: .*$/gm) ?? []) console.log(`     ${note}`);
    if (code === 0) continue;
    failed.push(name);
    console.log(output.trimEnd());
  }
};

await Promise.all([worker(), worker()]);
if (failed.length > 0) {
  console.log(`\ncheck failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
