import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { settingsAsMarkdown } from '../../src/config/index.ts';
import { freePortPair } from '../support/free-port.ts';

/** `$ curl …` and the answer under it, as the README shows them. */
const readme = readFileSync('README.md', 'utf8');
const calls = [...readme.matchAll(/```console\n\$ (curl [^\n]+)\n([^\n]+)\n```/g)].map(
  ([, command = '', answer = '']) => ({ command, answer }),
);

let demo: ChildProcess;
let port = 0;
const data = mkdtempSync(join(tmpdir(), 'civitas-readme-'));
beforeAll(async () => {
  port = await freePortPair();
  demo = spawn(process.execPath, ['--import', './test/support/typescript-hooks.mjs', 'src/main.ts'], {
    env: { PATH: process.env['PATH'], PORT: String(port), DATA_DIR: data, LOG_LEVEL: 'warn' },
  });
  await new Promise<void>((resolve, reject) => {
    let printed = '';
    demo.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Worth trying')) resolve();
    });
    demo.once('exit', (code) => {
      reject(new Error(`the demo ended with ${String(code)}: ${printed}`));
    });
  });
});
/** The ports of this demo in place of the usual ones. */
const here = (text: string): string =>
  text.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`).replaceAll('127.0.0.1:8081', `127.0.0.1:${port + 1}`);

afterAll(() => {
  demo.removeAllListeners('exit');
  demo.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

test('the README shows three calls to look, one that does, and one that logs in', () => {
  expect(calls).toHaveLength(5);
});

test.each(calls)('the README says what really comes back: $command', async ({ command, answer }) => {
  const { stdout } = await promisify(execFile)('bash', ['-c', `${here(command)} -s`]);
  // Three dots stand for what differs each time (a cursor).
  const expected = here(answer)
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  expect(stdout).toMatch(new RegExp(`^${expected.join('[^"]*')}$`));
});

test('the demo prints the first three', async () => {
  const welcome = readFileSync('src/demo/welcome.ts', 'utf8');
  for (const { command } of calls.slice(0, 3)) {
    const printed = command.replace('http://127.0.0.1:8080', '${url}').replace('/101/', '/${nielsId}/');
    expect(welcome).toContain(printed);
  }
});

test('the README names only files that exist', () => {
  const named = [...readme.matchAll(/`((?:test|src|docs|config|migrations)\/[^`\s]*)`/g)].map(([, file = '']) => file);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((file) => !existsSync(file.replace(/\*.*$/, '')))).toEqual([]);
});

test('the README’s table of settings is the one that the settings print', () => {
  const cells = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^[|\s-]+$/.test(line))
      .map((line) => line.replaceAll(/\s*\|\s*/g, '|'));
  expect(cells(readme.slice(readme.indexOf('## Settings'), readme.indexOf('## Tests')))).toEqual(
    cells(settingsAsMarkdown()),
  );
});
