import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { builtClient, builtFolder } from '../support/compiled.ts';
import { freePortPair } from '../support/free-port.ts';
import { startProgram, type Program } from '../support/program.ts';

/** What others import: the one file as the build writes it. */
describe('the built client', () => {
  let folder: string;
  let program: Program;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'civitas-client-'));
    program = await startProgram({ env: { DATA_DIR: folder, PORT: String(await freePortPair()) } });
  });
  afterAll(async () => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is 5 kB at most as it travels, and one file', () => {
    const script = readFileSync(builtClient);

    expect(gzipSync(script, { level: 9 }).length).toBeLessThanOrEqual(5000);
    expect(script.toString()).not.toMatch(/\bimport\b\s*[{*(]|require\(/);
  });

  it('is imported in Node as civitas/client', async () => {
    const page = `
      import { civitas, Civitas, CivitasProblem } from 'civitas/client';
      const client = civitas({ url: '${program.url}', token: 'demo-member' });
      const me = await client.me();
      const problem = await client.sites.list().catch((error) => error);
      console.log(JSON.stringify([me.role, client instanceof Civitas, problem instanceof CivitasProblem, problem.problem.rule]));`;

    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', page], {
      cwd: builtFolder,
    });

    expect(JSON.parse(stdout)).toEqual(['member', true, true, 'platform-admin-needed']);
  });

  it('is served to pages of any host, and kept for a while', async () => {
    const answer = await fetch(`${program.url}/client.js`, { headers: { origin: 'https://anywhere.example' } });
    const tag = answer.headers.get('etag') ?? '';

    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=300',
      'content-encoding': 'gzip',
      vary: expect.stringContaining('Accept-Encoding'),
    });
    expect(await answer.text()).toBe(readFileSync(builtClient, 'utf8'));
    const again = await fetch(`${program.url}/client.js`, { headers: { 'if-none-match': tag } });
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, tag, '']);
    expect((await fetch(`${program.url}/client.js`, { method: 'POST' })).status).toBe(405);
  });

  it('travels as it is to whoever takes nothing else, under a tag of its own', async () => {
    const asking = (headers: Record<string, string>) => fetch(`${program.url}/client.js`, { headers });
    const packed = await asking({ 'accept-encoding': 'gzip, deflate, br' });
    const plain = await asking({ 'accept-encoding': 'identity' });
    const tags = [packed, plain].map(({ headers }) => headers.get('etag') ?? '');

    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(Number(packed.headers.get('content-length'))).toBeLessThanOrEqual(5000);
    expect(Number(plain.headers.get('content-length'))).toBe(readFileSync(builtClient).length);
    expect(await plain.text()).toBe(await packed.text());
    expect(new Set(tags).size).toBe(2);
    for (const tag of tags) expect((await asking({ 'if-none-match': tag })).status).toBe(304);
    expect((await asking({ 'accept-encoding': 'gzip;q=0' })).headers.get('content-encoding')).toBeNull();
  });
});
