import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Run } from './report/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'civitas-test-bench-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const server = process.env['TEST_DATABASE_URL'];
const ground = server?.startsWith('mysql:') === true ? server : 'embedded';

test('`npm run bench` measures a view, a list and an activity beside their floors, and leaves nothing behind', async () => {
  const json = join(folder, 'run.json');
  const size = ['--users', '100', '--sites', '5', '--big', '1000', '--seed', String(process.pid)];
  const pace = ['--quick', '--rounds', '1', '--seconds', '0.1'];
  const wanted = ['view-fixed', 'list-deep', 'activity', 'search', 'people-rare', 'two-workers'].flatMap((name) => [
    '--case',
    name,
  ]);
  const hooks = ['--import', './test/support/typescript-hooks.mjs'];

  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...[...hooks, 'test/bench/main.ts', ...size, ...pace, ...wanted],
    ...['--database', ground, '--json', json],
  ]);

  const run = JSON.parse(readFileSync(json, 'utf8')) as Run;
  expect(run.missing.filter(({ why }) => why !== 'not there yet')).toEqual([]);
  const seen = new Map(run.lines.map((line) => [`${line.name} ${line.connections}`, line]));
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['list-deep 1', 'view-fixed 20', 'activity 20']));
  expect(seen.get('view-fixed 20')).toMatchObject({
    statements: expect.any(Number),
    ratios: { http: expect.any(Number), rows: ground === 'embedded' ? null : expect.any(Number) },
  });
  expect(seen.get('activity 1')?.statements).toBeGreaterThan(3);
  expect(run.workers?.ratio).toBeGreaterThan(0);
  expect(stdout).toContain('### Two workers against one');
  expect(stdout).toContain('### Throughput as a part of the floors');
  expect(stderr).toContain(ground === 'embedded' ? 'on the embedded database' : 'buffer pool');
  const files = existsSync('data/bench') ? readdirSync('data/bench') : [];
  expect(files.filter((name) => name.includes(`_${process.pid}.`))).toEqual([]);
});
