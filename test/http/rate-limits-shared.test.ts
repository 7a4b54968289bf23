import { setTimeout as pause } from 'node:timers/promises';
import request from 'supertest';
import { sharedRedis, type SharedRedis } from '../../src/platform/redis.ts';
import { redisCounts } from '../../src/platform/peer-workers.ts';
import { ampleMs } from '../support/misbehaving-server.ts';
import { silentLog } from '../support/oauth-world.ts';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { noLimits, oneWindow, testApp } from './support/app.ts';

let server: OwnRedis;
let instances: readonly { readonly redis: SharedRedis; readonly app: ReturnType<typeof testApp>['app'] }[] = [];

/** What is said to Redis is answered by nothing, and refused after a long while only. */
let isSilent = false;

/** Two instances of the API that share a Redis. */
const start = async (limits: object, timeLimitMs = ampleMs): Promise<void> => {
  isSilent = false;
  instances = await Promise.all(
    [1, 2].map(async () => {
      const redis = sharedRedis({ url: server.url, log: silentLog, timeLimitMs });
      await redis.open();
      const command: SharedRedis['command'] = (...words) =>
        isSilent
          ? pause(ampleMs, undefined, { ref: false }).then(() => Promise.reject(new Error('silent')))
          : redis.command(...words);
      const sharedCounts = redisCounts({ ...redis, command }, (name) => Buffer.from(name).toString('hex'));
      return { redis, app: testApp({}, { limits: { ...noLimits, ...oneWindow, ...limits }, sharedCounts }).app };
    }),
  );
};
const ask = async (instance: 0 | 1, token?: string) => {
  const call = request(instances[instance]!.app).get('/api/site/1/user/7');
  return (await (token === undefined ? call : call.set('X-Authorization', token))).status;
};
/** What an instance finds in Redis; nothing while it does not reach it. */
const countsThere = async (instance: 0 | 1): Promise<readonly number[]> => {
  const { redis } = instances[instance]!;
  try {
    const names = (await redis.command('KEYS', '*')) as readonly string[];
    return await Promise.all(names.map(async (name) => Number(await redis.command('GET', name))));
  } catch {
    return [];
  }
};
const isThere = (count: number, instance: 0 | 1 = 0): Promise<void> =>
  until(`${count} is counted there`, async () => (await countsThere(instance)).includes(count));

describeWithOwnRedis('two instances with a Redis', () => {
  beforeEach(async () => {
    server = await startOwnRedis();
  });
  afterEach(async () => {
    for (const { redis } of instances) redis.close();
    await server.kill();
  });

  test('count failures together, exactly', async () => {
    await start({ failures: 4 });

    const answers: number[] = [];
    for (const instance of [0, 1, 0, 1, 0, 1] as const) answers.push(await ask(instance, 'not-a-token'));
    expect(answers).toEqual([401, 401, 401, 401, 429, 429]);
  });

  test('count everybody together, a moment later, and show no address there', async () => {
    await start({ perAddress: 6 });

    for (const instance of [0, 0, 0, 1, 1, 1] as const) expect(await ask(instance)).toBe(200);
    await isThere(6);
    // An instance learns of the others when it tells of its own.
    await Promise.all([ask(0), ask(1)]);
    await isThere(8);
    expect([await ask(0), await ask(1)]).toEqual([429, 429]);
    const names = (await instances[0]!.redis.command('KEYS', '*')) as readonly string[];
    expect(names).toHaveLength(1);
    expect(names.join()).not.toContain('127.0.0.1');
  });

  test('go on by themselves while it is away, without waiting, and together again when it is back', async () => {
    await start({ perAddress: 1000, failures: 5 });
    await ask(0, 'not-a-token');
    await server.kill();

    const begin = performance.now();
    for (let at = 0; at < 20; at += 1) expect(await ask(0)).toBe(200);
    expect([await ask(0, 'not-a-token'), await ask(0, 'not-a-token'), await ask(0, 'not-a-token')]).toEqual([
      401, 401, 401,
    ]);
    expect(performance.now() - begin).toBeLessThan(20_000);

    await server.start();
    // It came back empty: it knows of the three that were counted meanwhile.
    await isThere(3);
    await isThere(3, 1);
    expect([await ask(1, 'not-a-token'), await ask(1, 'not-a-token')]).toEqual([401, 401]);
    expect(await ask(1, 'not-a-token')).toBe(429);
  });

  test('do not wait for one that hangs, but for the first answer', async () => {
    await start({ perAddress: 1000, failures: 100 }, 200);
    server.freeze();
    // It takes its time.
    expect(await ask(0, 'not-a-token')).toBe(401);

    // While this moment lasts: the first answer is not asked for again.
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    isSilent = true;
    try {
      for (let at = 0; at < 20; at += 1) {
        const begin = performance.now();
        expect([await ask(0, 'not-a-token'), await ask(1)]).toEqual([401, 200]);
        expect(performance.now() - begin).toBeLessThan(ampleMs);
      }
    } finally {
      isSilent = false;
      clock.mockRestore();
      server.thaw();
    }
  });
});
