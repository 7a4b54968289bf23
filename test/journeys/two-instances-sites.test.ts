import { loadConfig } from '../../src/config/index.ts';
import { createContainer, loggerOf, type Container } from '../../src/container.ts';
import { startApp, type RunningApp } from '../../src/lifecycle.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startRecordedWorld, type Call, type RecordedWorld } from '../support/recorded-world.ts';
import {
  describeWithOwnRedis,
  describeWithRedis,
  startOwnRedis,
  testRedisUrl,
  type OwnRedis,
} from '../support/redis.ts';
import { until } from '../support/until.ts';

/** "Two instances with Redis: a change through one is seen through the other at the next request; with Redis stopped, nothing fails." */
const site = '/api/site/1';

/** Changes through one, asks the other at once, by turns; how often the other still showed what was before. */
const lateOf = async (one: Call, other: Call, times: number): Promise<number> => {
  let late = 0;
  for (let turn = 0; turn < times; turn += 1) {
    const [writer, reader] = turn % 2 === 0 ? [one, other] : [other, one];
    // Kept there before the change: else there is nothing to forget.
    await reader(null, 'GET', site);
    const title = `Titel ${turn}`;
    const { status } = await writer('admin', 'PUT', site, { title });
    if (status !== 200) throw new Error(`turn ${turn}: ${status}`);
    if ((await reader(null, 'GET', site)).body.title !== title) late += 1;
  }
  return late;
};

const secondOf = async (world: RecordedWorld, env: Record<string, string> = {}) => {
  const config = loadConfig({ env: { ...world.env, LOG_LEVEL: 'silent', ...env } });
  const container: Container = createContainer(config, { log: loggerOf(config) });
  const app: RunningApp = await startApp(container, { server: { ...config.server, port: 0 } });
  return { container, app, call: world.at(app.url) };
};

describeWithRedis('two instances with Redis', () => {
  let world: RecordedWorld;
  beforeAll(async () => {
    world = await startRecordedWorld({ REDIS_URL: testRedisUrl });
  });
  afterAll(() => world.close());

  it('see each other’s changes at the next request, a hundred times of a hundred', async () => {
    const second = await secondOf(world);
    expect(await lateOf(world.call, second.call, 100)).toBe(0);
    expect((await second.call(null, 'GET', '/health/ready')).body.redis).toBe('reachable');
    await second.app.stop();
  });

  it('as two processes, too', async () => {
    const programs: Program[] = await Promise.all([1, 2].map(() => startProgram({ env: world.env })));
    const [one, other] = programs.map(({ url }) => world.at(url));
    expect(await lateOf(one!, other!, 100)).toBe(0);
    expect(await Promise.all(programs.map((program) => program.stop()))).toEqual([0, 0]);
  });

  it('a site that one makes is there for the other, and one that it deletes is gone', async () => {
    const second = await secondOf(world);
    const made = await world.call('admin', 'POST', '/api/site', {
      domain: 'samen.example.org',
      config: { project: { projectHasEnded: true } },
    });
    const address = `/api/site/${made.body.id}`;
    expect((await second.call('admin', 'GET', '/api/site')).text).toContain('samen.example.org');
    expect((await second.call(null, 'GET', '/api/site/samen.example.org')).status).toBe(200);
    expect((await world.call('admin', 'DELETE', address)).status).toBe(200);
    expect((await second.call(null, 'GET', address)).status).toBe(404);
    expect((await second.call(null, 'GET', '/api/site/samen.example.org')).status).toBe(404);
    await second.app.stop();
  });
});

describe('two instances without Redis', () => {
  it('see each other’s changes within freshSeconds, and their own at once', async () => {
    const world = await startRecordedWorld({ USERS_FRESH_SECONDS: '1' });
    const second = await secondOf(world);
    await second.call(null, 'GET', site);

    await world.call('admin', 'PUT', site, { title: 'Later' });

    expect((await world.call(null, 'GET', site)).body.title).toBe('Later');
    expect((await second.call(null, 'GET', '/health/ready')).body.redis).toBe('none');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await second.call(null, 'GET', site)).body.title).toBe('Later');
    await second.app.stop();
    await world.close();
  });
});

describeWithOwnRedis('with Redis stopped', () => {
  let redis: OwnRedis;
  let world: RecordedWorld;
  beforeAll(async () => {
    redis = await startOwnRedis();
    world = await startRecordedWorld({ REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await world.close();
    await redis.kill();
  });

  it('nothing fails or waits, it is logged once, and when it is back nothing old is shown', async () => {
    const second = await secondOf(world);
    await second.call(null, 'GET', site);
    await redis.kill();

    const times: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const start = performance.now();
      const answers = [
        await world.call('admin', 'PUT', site, { title: `Zonder ${turn}` }),
        await world.call(null, 'GET', site),
        await second.call('admin', 'GET', '/api/site/1/user?page=0'),
      ];
      times.push(performance.now() - start);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(answers[1]?.body.title).toBe(`Zonder ${turn}`);
    }
    expect(times.sort((one, other) => one - other)[10]).toBeLessThan(10_000);
    const health = await world.call(null, 'GET', '/health/ready');
    expect([health.status, health.body.redis]).toEqual([200, 'unreachable']);

    await redis.start();
    await until('that both are back', async () => {
      const states = await Promise.all([world.call, second.call].map((call) => call(null, 'GET', '/health/ready')));
      return states.every(({ body }) => body.redis === 'reachable');
    });
    expect((await second.call(null, 'GET', site)).body.title).toBe('Zonder 19');
    expect(await lateOf(world.call, second.call, 20)).toBe(0);
    expect(world.log().match(/Redis is away/g)).toHaveLength(1);
    expect(world.log()).not.toMatch(/"level":"(error|fatal)"/);
    await second.app.stop();
  });

  it('an instance starts, is ready, and ends', async () => {
    await redis.kill();
    const program = await startProgram({ env: world.env });
    const health = await world.at(program.url)(null, 'GET', '/health/ready');
    expect([health.status, health.body.redis]).toEqual([200, 'unreachable']);
    expect(await program.stop()).toBe(0);
    expect(program.output().match(/Redis is away/g)).toHaveLength(1);
    await redis.start();
  });
});
