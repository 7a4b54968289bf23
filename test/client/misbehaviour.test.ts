import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  civitas,
  CivitasProblem,
  CivitasUnreachable,
  type Civitas,
  type CivitasOptions,
} from '../../src/client/index.ts';
import { startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { startMisbehavingServer, type Misbehaviour, type MisbehavingServer } from '../support/misbehaving-server.ts';

/** The program behind a proxy that really misbehaves. */
describe('the client, where what is between misbehaves,', () => {
  let s: SentenceWorld;
  let proxy: MisbehavingServer;
  beforeAll(async () => {
    s = await startSentences();
    proxy = await startMisbehavingServer(s.world.url);
  });
  afterAll(async () => {
    await proxy.close();
    await s.close();
  });
  const through = (options: Partial<CivitasOptions> = {}): Civitas =>
    civitas({ url: proxy.url, token: 'fixed-admin', timeLimitMs: 400, ...options });
  const failureOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => null,
      (error: unknown) => error,
    );
  const path = { siteId: 1 };
  const asked = async (mode: Misbehaviour, call: (client: Civitas) => Promise<unknown>) => {
    await proxy.behave(mode);
    proxy.forgetCalls();
    const failure = await failureOf(call(through()));
    return { failure, calls: proxy.calls() };
  };
  const get = (client: Civitas) => client.call('viewSite', { path });
  const put = (client: Civitas) => client.call('updateSite', { path, body: { title: 'Titel' } });

  it.each(['hang', 'slow-body', 'drip'] as const)(
    'gives up after its time limit (%s): three times where that is safe, and once where it is not',
    async (mode) => {
      const [read, written] = [await asked(mode, get), await asked(mode, put)];

      for (const failure of [read.failure, written.failure]) {
        expect(failure).toBeInstanceOf(CivitasUnreachable);
        expect(failure).toMatchObject({ name: 'CivitasUnreachable', message: expect.stringContaining('400 ms') });
      }
      expect([read.calls, written.calls]).toEqual([3, 1]);
    },
  );

  it('says with one word that there is no answer, and what fetch said, and asks again where that is safe', async () => {
    const [read, written] = [await asked('reset', get), await asked('reset', put)];

    for (const failure of [read.failure, written.failure]) {
      expect(failure).toBeInstanceOf(CivitasUnreachable);
      expect(failure).toMatchObject({ message: expect.stringContaining('No answer: '), cause: expect.any(TypeError) });
    }
    expect([read.calls, written.calls]).toEqual([3, 1]);
  });

  it.each([
    ['json-500', 500],
    ['html-500', 500],
    ['401', 401],
    ['html-200', 200],
    ['malformed-json', 200],
  ] as const)('takes no answer of somebody else (%s) for ours, and asks once', async (mode, status) => {
    const { failure, calls } = await asked(mode, get);

    expect(failure).toBeInstanceOf(CivitasProblem);
    expect(failure).toMatchObject({ type: 'about:blank', status });
    expect(calls).toBe(1);
  });

  it('waits for as long as Retry-After says', async () => {
    await proxy.behave('429');
    proxy.forgetCalls();
    const start = Date.now();
    const answered = through({ timeLimitMs: 20_000 }).call('viewSite', { path });
    while (proxy.calls() === 0) await new Promise((go) => setTimeout(go, 5));
    await proxy.behave('pass');

    expect((await answered).id).toBe(1);
    expect(Date.now() - start).toBeGreaterThanOrEqual(7000);
    expect(proxy.calls()).toBe(2);
  });

  it('tells whoever may not ask twice when to come back', async () => {
    const { failure, calls } = await asked('429', put);

    expect(failure).toMatchObject({ status: 429, retryAfterSeconds: 7 });
    expect(calls).toBe(1);
  });

  it('ends with the reason of whoever gives up, also between two tries', async () => {
    await proxy.behave('429');
    const giving = new AbortController();
    const answered = failureOf(through().call('viewSite', { path, signal: giving.signal }));
    setTimeout(() => {
      giving.abort(new Error('the page was left'));
    }, 100);
    const start = Date.now();

    expect(await answered).toEqual(new Error('the page was left'));
    expect(Date.now() - start).toBeLessThan(5000);
    expect(await failureOf(through().sites.list({ signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    });
  });

  it('has it done once where the answer was lost on the way', async () => {
    await proxy.behave('pass');
    const { at } = await s.person({ at: { 1: 'member' } });
    const client = through({ timeLimitMs: 20_000 });
    const plan = await client.user(1, at[1] ?? 0).anonymization({ everywhere: true });
    await proxy.behave('lose-reply', /do-anonymizeall$/);
    proxy.forgetCalls();
    const doing = plan.do({ reason: 'Zaak-1' });
    while (proxy.calls(/do-anonymizeall$/) === 0) await new Promise((go) => setTimeout(go, 5));
    while ((await s.row(at[1] ?? 0))?.anonymizedAt === null) await new Promise((go) => setTimeout(go, 5));
    await proxy.behave('pass');

    expect(await doing).toMatchObject({ done: true, replayed: true, summary: { users: 1 } });
    expect((await client.user(1, at[1] ?? 0).anonymizationStatus()).whole?.reason).toBe('Zaak-1');
  });
});

/** Answers that only a server of our own gives. */
describe('the client, told to come back', () => {
  let server: Server;
  let answers: { readonly status: number; readonly retryAfter: string }[] = [];
  let calls = 0;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      calls += 1;
      const next = answers.shift();
      if (next === undefined) response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":1}');
      else response.writeHead(next.status, { 'retry-after': next.retryAfter }).end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterAll(() => server.close());
  const ask = async (...those: typeof answers) => {
    [answers, calls] = [those, 0];
    const client = civitas({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const start = Date.now();
    const status = await client.call('viewSite', { path: { siteId: 1 } }).then(
      () => 200,
      (error: unknown) => (error instanceof CivitasProblem ? error.status : 0),
    );
    return { status, calls, ms: Date.now() - start };
  };

  it('at a date', async () => {
    const date = new Date(Date.now() + 2500).toUTCString();
    const { status, ms } = await ask({ status: 503, retryAfter: date });

    expect(status).toBe(200);
    expect(ms).toBeGreaterThanOrEqual(1000);
  });

  it.each(['3600', 'soon'])(
    'after %s: nobody waits unseen for an hour, and what says no time is no time',
    async (word) => {
      const answered = await ask({ status: 503, retryAfter: word });

      expect([answered.status, answered.calls]).toEqual(word === '3600' ? [503, 1] : [200, 2]);
    },
  );

  it('as often as it was told to, and no more', async () => {
    const busy = { status: 502, retryAfter: '0' };

    expect(await ask(busy, busy)).toMatchObject({ status: 200, calls: 3 });
    expect(await ask(busy, busy, busy)).toMatchObject({ status: 502, calls: 3 });
  });
});
