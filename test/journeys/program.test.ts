import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortPair } from '../support/free-port.ts';
import { runCommand, startProgram, type Program, type ProgramOptions } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { slowRequest } from '../support/slow-request.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { until } from '../support/until.ts';

const running: Program[] = [];
const started = async (options: ProgramOptions): Promise<Program> => {
  const program = await startProgram(options);
  running.push(program);
  return program;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.stop()));
});

describe('the program beside an OAuth server that is away', () => {
  let world: RecordedWorld;
  beforeAll(async () => {
    world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  });
  beforeEach(() => world.oauth.proxy.behave('refuse'));
  afterAll(() => world.close());
  const isThere = (externalId: number): boolean => world.oauth.server.people().some(({ id }) => id === externalId);

  it('ends with 0 on SIGTERM, once the running request is finished, with messages waiting in the outbox', async () => {
    const program = await started({ env: world.env });
    const call = world.at(program.url);
    const waiting = await call('admin', 'PUT', '/api/site/1/user/114/do-anonymizeall');
    expect(waiting.headers.get('x-oauth-removal')).toBe('pending');
    const slow = await slowRequest(
      'PUT',
      `${program.url}/api/site/1/user/124/do-anonymizeall`,
      { 'x-authorization': 'fixed-admin' },
      { onlySiteIds: [1] },
    );

    program.signal('SIGTERM');
    await until('that it is stopping', () => program.output().includes('stopping'));
    await expect(call('admin', 'GET', '/api/site/1/user/114')).rejects.toThrow();
    const answer = await slow.finish();

    expect(answer).toMatchObject({ status: 200, body: { users: [{ id: 124 }] } });
    expect(await program.ended).toBe(0);
    expect(await world.container.ports.outbox.waiting()).toHaveLength(2);
  });

  it('lets `outbox list` and `outbox retry` work beside it', async () => {
    const program = await started({ env: world.env });
    await world.at(program.url)('admin', 'PUT', '/api/site/1/user/129/do-anonymizeall');
    const env = { ...world.env, LOG_LEVEL: 'silent' };
    const waiting = await world.container.ports.outbox.waiting();
    expect(waiting.length).toBeGreaterThan(0);

    const table = await runCommand('outbox', { env, args: ['list'] });
    const json = await runCommand('outbox', { env, args: ['list', '--json'] });
    expect([table.code, json.code]).toEqual([0, 0]);
    for (const { id, topic, key } of waiting)
      expect(table.output).toContain(`${id}\t${topic}\t${key.replace('person-', '')}\t`);
    expect((JSON.parse(json.output) as readonly { id: number }[]).map(({ id }) => id).sort()).toEqual(
      waiting.map(({ id }) => id).sort(),
    );

    const [first] = waiting;
    const one = await runCommand('outbox', { env, args: ['retry', String(first?.id)] });
    expect([one.code, one.output]).toEqual([
      4,
      expect.stringMatching(/^1 made due, 0 delivered, \d+ still waiting\.\n$/),
    ]);
    await world.oauth.proxy.behave('pass');
    const retried = await runCommand('outbox', { env, args: ['retry'] });

    // The program beside it may have one of them in hand.
    expect([retried.code, retried.output]).toEqual([
      retried.output.includes(' 0 still waiting') ? 0 : 4,
      expect.stringMatching(/^\d+ made due, \d+ delivered, \d+ still waiting\.\n$/),
    ]);
    await until('that all are gone', () => ![1007, 1011, 1013].some(isThere));
    const unknown = await runCommand('outbox', { env, args: ['retry', '999999'] });
    expect([unknown.code, unknown.output]).toEqual([1, 'No message 999999 is waiting.\n']);
  });
});

describe('the demo', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'civitas-demo-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const niels = '/api/site/1/user/101';
  const ask = async (program: Program, method: string, path: string, body?: object) => {
    const response = await fetch(program.url + path, {
      method,
      headers: { 'x-authorization': 'demo-admin', 'content-type': 'application/json', 'cache-control': 'no-cache' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return {
      status: response.status,
      cache: response.headers.get('x-cache'),
      body: (await response.json()) as Record<string, unknown>,
    };
  };

  it('keeps its data over a second start, here and at its OAuth server, and `--reset` begins anew', async () => {
    const env = { DATA_DIR: folder, PORT: String(await freePortPair()) };

    const first = await started({ env });
    await until('its words of welcome', () => first.output().includes('demo-admin'));
    expect((await ask(first, 'GET', niels)).body).toMatchObject({ firstName: 'Niels', lastName: 'Vegter' });
    expect((await ask(first, 'PUT', niels, { city: 'Onthouden' })).status).toBe(200);
    expect(await first.stop()).toBe(0);

    const second = await started({ env });
    expect(await ask(second, 'GET', niels)).toMatchObject({ status: 200, cache: 'MISS', body: { city: 'Onthouden' } });
    expect(await second.stop()).toBe(0);

    const third = await started({ env, args: ['--reset'] });
    const anew = await ask(third, 'GET', niels);
    expect([anew.status, anew.cache, anew.body['firstName']]).toEqual([200, 'MISS', 'Niels']);
    expect(anew.body['city']).not.toBe('Onthouden');
  });

  it('is the same world at another port: its people log in as who they were, are written and removed', async () => {
    const own = { DATA_DIR: join(folder, 'moved') };
    const at = async () => started({ env: { ...own, PORT: String(await freePortPair()) } });
    const first = await at();
    expect((await ask(first, 'PUT', niels, { city: 'Hier' })).status).toBe(200);
    await first.stop();

    const second = await at();
    expect((await ask(second, 'PUT', niels, { city: 'Elders' })).status).toBe(200);
    const oauthUrl = second.url.replace(/\d+$/, (port) => String(Number(port) + 1));
    const flow = { apiUrl: second.url, oauthUrl, siteId: 1, redirectUrl: `${oauthUrl}/site?site=1` };
    const { token } = await logInAs(aVisitor(), flow, 1002);
    const me = await fetch(`${second.url}/oauth/site/1/me`, { headers: { 'x-authorization': `Bearer ${token}` } });
    expect(await me.json()).toMatchObject({ id: 104 });
    const gone = await fetch(`${second.url}/api/site/2/user/111/do-anonymizeall`, {
      method: 'PUT',
      headers: { 'x-authorization': 'demo-admin' },
    });
    expect([gone.status, gone.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
    await second.stop();
  });

  it.each([0, 1])('says in one line that a port is taken (its first and %i)', async (after) => {
    const port = await freePortPair();
    const other = createServer().listen(port + after, '127.0.0.1');
    await once(other, 'listening');
    try {
      const end = started({
        env: { DATA_DIR: join(folder, `taken-${after}`), PORT: String(port), LOG_LEVEL: 'silent' },
      });
      await expect(end).rejects.toThrow(
        `the program ended with 1: Cannot listen at 127.0.0.1 port ${port + after}: another program does. Set PORT to another one`,
      );
    } finally {
      other.close();
    }
  });
});
