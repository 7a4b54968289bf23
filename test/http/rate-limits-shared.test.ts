import { setTimeout as pause } from 'node:timers/promises';
import request from 'supertest';
import { sharedRedis, type SharedRedis } from '../../src/platform/redis.ts';
import { redisCounts } from '../../src/platform/peer-workers.ts';
import { silentLog } from '../support/oauth-world.ts';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../support/redis.ts';
import { noLimits, oneWindow, testApp } from './support/app.ts';

let server: OwnRedis;
let instances: readonly { readonly redis: SharedRedis; readonly app: ReturnType<typeof testApp>['app'] }[] = [];

/** Two instances of the API that share a Redis. */
const start = async (limits: object): Promise<void> => {
  instances = await Promise.all(
    [1, 2].map(async () => {
      const redis = sharedRedis({ url: server.url, log: silentLog });
      await redis.open();
      const sharedCounts = redisCounts(redis, (name) => Buffer.from(name).toString('hex'));
      return { redis, app: testApp({}, { limits: { ...noLimits, ...oneWindow, ...limits }, sharedCounts }).app };
    }),
  );
};
const ask = async (instance: 0 | 1, token?: string) => {
  const call = request(instances[instance]!.app).get('/api/site/1/user/7');
  return (await (token === undefined ? call : call.set('X-Authorization', token))).status;
};

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
    await pause(600);
    // An instance learns of the others when it tells of its own.
    await Promise.all([ask(0), ask(1)]);
    await pause(600);
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
    await pause(3500);
    // It came back empty: it knows of the three that were counted meanwhile.
    expect([await ask(1, 'not-a-token'), await ask(1, 'not-a-token')]).toEqual([401, 401]);
    expect(await ask(1, 'not-a-token')).toBe(429);
  });

  test('do not wait for one that hangs, but for the first answer', async () => {
    await start({ perAddress: 1000, failures: 100 });
    server.freeze();

    const begin = performance.now();
    for (let at = 0; at < 20; at += 1) expect(await ask(0, 'not-a-token')).toBe(401);
    for (let at = 0; at < 20; at += 1) expect(await ask(1)).toBe(200);
    expect(performance.now() - begin).toBeLessThan(40 * 200);
    server.thaw();
  });
});
