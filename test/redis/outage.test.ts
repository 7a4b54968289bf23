import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { instanceAt, type Instance } from './support/instance.ts';

const away = 'Redis is away: changes reach other instances late, and limits count per instance';

/** How long an announcement takes, in milliseconds. */
const timed = async ({ changes }: Instance, id: number): Promise<number> => {
  const start = performance.now();
  await changes.announce({ kind: 'site', id });
  return performance.now() - start;
};

describeWithOwnRedis('while Redis is away', () => {
  let redis: OwnRedis;
  let one: Instance;
  let other: Instance;
  beforeEach(async () => {
    redis = await startOwnRedis();
    [one, other] = await Promise.all([instanceAt(redis.url), instanceAt(redis.url)]);
  });
  afterEach(async () => {
    one.close();
    other.close();
    redis.thaw();
    await redis.kill();
  });

  it('nobody waits, nothing fails, and it is logged once; when it is back all that is held is forgotten', async () => {
    await redis.kill();
    await until('that both know', () => !one.redis.isReachable() && !other.redis.isReachable());

    let inAllMs = 0;
    for (let id = 1; id <= 50; id += 1) inAllMs += await timed(one, id);
    // Each that waited would take the time limit of a command, 200 ms.
    expect(inAllMs).toBeLessThan(50 * 200);
    expect(other.heard).not.toContainEqual({ kind: 'site', id: 1 });
    await expect(one.redis.command('GET', 'x')).rejects.toThrow();

    const before = other.heard.length;
    await redis.start();
    await until('that both are back', () => one.redis.isReachable() && other.redis.isReachable());
    expect(other.heard.slice(before)).toEqual(['everything']);
    await one.changes.announce({ kind: 'site', id: 51 });
    expect(other.heard.at(-1)).toEqual({ kind: 'site', id: 51 });
    for (const { lines } of [one, other]) expect(lines).toEqual([away, 'Redis is back']);
  });

  it('an announcement to a Redis that hangs takes a moment, and what follows goes on', async () => {
    redis.freeze();

    await timed(one, 1);
    await timed(one, 2);

    redis.thaw();
    await until('that one is heard again', async () => {
      await one.changes.announce({ kind: 'site', id: 3 });
      return other.heard.some((change) => change !== 'everything' && change.id === 3);
    });
  });

  it('one that hangs counts as away, and what was asked of it meanwhile is not done when it wakes', async () => {
    redis.freeze();
    const ask = () => one.redis.command('INCRBY', 'asked', '1').catch(() => undefined);
    await until('that it is known', async () => {
      await ask();
      return !one.redis.isReachable();
    });
    for (let again = 0; again < 20; again += 1) await ask();
    expect(one.lines).toEqual([away]);

    redis.thaw();
    await until('that it is back', () => one.redis.isReachable());
    // What had been sent before it was known may be done.
    expect(Number(await one.redis.command('GET', 'asked'))).toBeLessThan(15);
    expect(one.lines).toEqual([away, 'Redis is back']);
  });

  it('an instance starts without it, within a moment, and finds it later', async () => {
    await redis.kill();
    const late = await instanceAt(redis.url);
    expect(late.redis.isReachable()).toBe(false);

    await redis.start();
    await until('that it is found', () => late.redis.isReachable());
    expect(late.heard).toEqual(['everything']);
    expect(late.lines).toEqual([away, 'Redis is back']);
    late.close();
  });

  it('connections that are cut come back by themselves', async () => {
    const before = other.heard.length;
    // `TYPE pubsub` are those that listen.
    await one.redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until('that both listen again', () => other.heard.length > before && one.redis.isReachable());

    await one.changes.announce({ kind: 'site', id: 4 });
    expect(other.heard.slice(before)).toEqual(['everything', { kind: 'site', id: 4 }]);
  });
});

describe('something that is no Redis', () => {
  let server: Server;
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const listening = async (greet: (socket: Socket) => void): Promise<string> => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      greet(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it.each<[string, (socket: Socket) => void]>([
    ['talks nonsense', (socket) => socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['hangs up', (socket) => socket.destroy()],
    ['says nothing', () => undefined],
  ])('and %s is like one that is away', async (_name, greet) => {
    const instance = await instanceAt(await listening(greet));

    await timed(instance, 1);
    expect(instance.redis.isReachable()).toBe(false);
    expect(instance.heard).toEqual([{ kind: 'site', id: 1 }]);
    await until('that it was logged', () => instance.lines.length > 0);
    expect(instance.lines).toEqual([away]);
    instance.close();
  });
});
