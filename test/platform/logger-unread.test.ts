import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const support = join(import.meta.dirname, '..', 'support');
const logging = () =>
  spawn(process.execPath, ['--import', join(support, 'typescript-hooks.mjs'), join(support, 'log-until-told.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

it('a program whose log nobody reads any more still ends when it is told to', async () => {
  const child = logging();
  running.push(child);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('the last line before the end is not lost', async () => {
  const child = logging();
  running.push(child);
  const lines: string[] = [];
  child.stdout.on('data', (piece: Buffer) => lines.push(piece.toString()));
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  await once(child, 'close');
  expect(lines.join('')).toContain('"msg":"stopped"');
});
