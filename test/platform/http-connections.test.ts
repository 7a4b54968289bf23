import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { onBehalfOf } from '../../src/platform/turns.ts';
import { httpClient, type HttpClient, type Send } from '../../src/platform/http-client.ts';
import { until } from '../support/until.ts';

/** A server that answers when it is told to. */
let url: string;
let close: () => Promise<void>;
const held: { path: string; response: ServerResponse }[] = [];
const seen: string[] = [];
const opened: string[] = [];
const clients: HttpClient[] = [];
beforeAll(async () => {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.push(path);
    if (path.startsWith('/at-once')) response.end('{}');
    else held.push({ path, response });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
});
beforeEach(() => {
  for (const list of [held, seen, opened]) list.length = 0;
});
afterEach(async () => {
  for (const { response } of held.splice(0)) response.end('{}');
  for (const client of clients.splice(0)) await client.close();
});
afterAll(() => close());

const clientWith = ({ connections = 1, timeLimitMs = 60_000 } = {}) => {
  const log = { info: () => undefined, warn: (_facts: object, line: string) => void opened.push(line) };
  const breaker = { resetMs: 60_000, leastOperations: 10 };
  const client = httpClient({ timeLimitMs, connections, blames: isBlamed, log, breaker });
  clients.push(client);
  const operation = <T>(site: string, caller: string, work: (send: Send) => Promise<T>): Promise<T> =>
    onBehalfOf({ site, caller }, () => client.operation(url, work));
  const asks = (site: string, caller: string, path = `/${site}/${caller.replaceAll(' ', '-')}`): Promise<string> =>
    operation(site, caller, async (send) => {
      await get(send, path);
      return caller;
    });
  return { asks, operation };
};
const isBlamed = (error: unknown): boolean => !(error instanceof Error && error.message === 'crowded');
const get = (send: Send, path: string) => send({ method: 'GET', path, headers: {} });
const answerNext = async (): Promise<void> => {
  await until('the server was asked', () => held.length > 0);
  held.shift()?.response.end('{}');
};

describe('An operation that finds no connection free', () => {
  it('waits in turn: the first of another site stands behind one of each', async () => {
    const { asks } = clientWith();
    const works = [...Array.from({ length: 30 }, () => asks('11', 'moderator')), asks('12', 'victim')];
    for (let answered = 0; answered < 31; answered += 1) await answerNext();

    await Promise.all(works);
    expect(seen.indexOf('/12/victim')).toBeLessThanOrEqual(2);
  });

  it('does not wait where many of its caller do, or of its site, and others are not refused for that', async () => {
    const { asks } = clientWith();
    const works = Array.from({ length: 201 }, () => asks('11', 'moderator'));
    await expect(asks('11', 'moderator')).rejects.toMatchObject({ kind: 'crowded', sent: false });
    works.push(...Array.from({ length: 200 }, (_none, at) => asks('11', `friend ${at}`)));
    // The line of the site is full: whoever has most in it loses what they asked for last.
    works.push(asks('11', 'one more'));
    await expect(works.splice(200, 1)[0]).rejects.toMatchObject({ kind: 'crowded' });
    works.push(asks('12', 'victim'));
    const answering = setInterval(() => {
      for (const { response } of held.splice(0)) response.end('{}');
    }, 1);

    await Promise.all(works).finally(() => {
      clearInterval(answering);
    });
    expect(seen.indexOf('/12/victim')).toBeLessThanOrEqual(2);
  });

  it('is not held against the server, however many wait in vain', async () => {
    const { asks } = clientWith({ timeLimitMs: 1500 });
    const first = asks('11', 'moderator', '/first');
    const works = Promise.allSettled(Array.from({ length: 40 }, () => asks('11', 'moderator')));
    await answerNext();
    await first;
    // The next keeps the only connection until its time is over.
    const outcomes = await works;

    const kinds = outcomes.map((one) =>
      one.status === 'fulfilled' ? 'answered' : (one.reason as { kind: string }).kind,
    );
    expect(kinds.filter((kind) => kind === 'crowded').length).toBeGreaterThan(30);
    // Nothing of the server, and once for whoever can change it.
    expect(opened).toEqual([expect.stringContaining('than it has connections for')]);
    await expect(asks('12', 'victim', '/at-once')).resolves.toBe('victim');
  });
});

describe('The calls of one operation', () => {
  it('use all connections that are free until the last is answered, however many they are', async () => {
    const { operation } = clientWith({ connections: 4 });
    const done = operation('11', 'moderator', (send) =>
      Promise.all(Array.from({ length: 24 }, (_none, at) => get(send, `/many/${at}`))),
    );
    for (let left = 24; left > 0; left -= 1) {
      await until('as many are under way as may be', () => held.length === Math.min(4, left));
      held.shift()?.response.end('{}');
    }

    expect(await done).toHaveLength(24);
  });

  it('run beside each other where connections are free, and one after the other where none is', async () => {
    const { operation, asks } = clientWith({ connections: 3 });
    const work = (name: string) => async (send: Send) => {
      await Promise.all(['a', 'b', 'c'].map((part) => get(send, `/${name}/${part}`)));
      return name;
    };
    const alone = operation('11', 'moderator', work('alone'));
    await until('all three are asked', () => held.length === 3);
    for (const { response } of held.splice(0)) response.end('{}');
    await alone;
    seen.length = 0;
    const others = [asks('12', 'one'), asks('12', 'two')];
    await until('both are asked', () => held.length === 2);
    const beside = operation('11', 'moderator', work('beside'));
    await until('the first part is asked', () => seen.includes('/beside/a'));
    expect(seen).toEqual(['/12/one', '/12/two', '/beside/a']);

    for (let answered = 0; answered < 5; answered += 1) await answerNext();
    expect(await Promise.all([...others, beside])).toEqual(['one', 'two', 'beside']);
  });

  it('that have no connection when time ends are not held against a server that answers', async () => {
    const { operation } = clientWith({ timeLimitMs: 1500 });
    const work = (path: string) => async (send: Send) =>
      Promise.all([get(send, path), get(send, '/held'), get(send, '/never-sent')]);

    await expect(operation('11', 'moderator', work('/at-once'))).rejects.toMatchObject({ kind: 'crowded' });
    await expect(operation('11', 'moderator', work('/held-as-well'))).rejects.toMatchObject({ kind: 'too-slow' });
    expect(seen).not.toContain('/never-sent');
  });
});
