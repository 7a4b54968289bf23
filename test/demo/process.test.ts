import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtFolder } from '../support/compiled.ts';

const main = join(builtFolder, 'dist/src/demo/oauth-server/main.js');

describe('The development OAuth server as a process of its own', () => {
  let folder: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'civitas-oauth-'));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const start = async (): Promise<string> => {
    const config = join(folder, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({
        port: 0,
        host: '127.0.0.1',
        production: false,
        file: join(folder, 'people.json'),
        clients: [{ id: 1, clientId: 'client-1', clientSecret: 'secret-1' }],
        people: [{ id: 5, email: 'niels@example.org' }],
      }),
    );
    child = spawn(process.execPath, [main, config], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    return (JSON.parse(line.toString()) as { url: string }).url;
  };
  const call = async (url: string, path: string, body?: object): Promise<unknown> =>
    (
      await fetch(`${url}/api/admin${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('client-1:secret-1').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
    ).json();

  it('has kept what it answered when it is killed', async () => {
    const first = await start();
    await call(first, '/user/5', { firstName: 'Kept' });
    child!.kill('SIGKILL');
    await once(child!, 'exit');

    const second = await start();

    expect(await call(second, '/user/5')).toMatchObject({ firstName: 'Kept' });
  });

  it('ends with 0 when it is asked to', async () => {
    await start();

    child!.kill('SIGTERM');

    expect(await once(child!, 'exit')).toEqual([0, null]);
  });
});
