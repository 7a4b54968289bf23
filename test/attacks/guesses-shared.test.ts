import type { Answer } from '../support/recorded-world.ts';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** Addresses that one caller has looked up at two instances, which share their counts in a Redis. Source: docs/reference/neighbours.md. */
const [ours, theirs] = [11, 12] as const;
const most = 3;

describeWithOwnRedis('two instances count together the addresses that a caller has looked up', () => {
  let s: SentenceWorld;
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startOwnRedis();
    s = await startSentences({ [ours]: {}, [theirs]: {} }, { oauthTimeLimitMs: 3000 });
  });
  afterEach(() => s.world.oauth.proxy.behave('pass'));
  afterAll(async () => {
    await s.close();
    await redis.kill();
  });

  let last = 0;
  const anAddress = () => `iemand${(last += 1)}@elders.example`;
  type Ask = (instance: 0 | 1, email: string) => Promise<Answer>;
  /** Adds somebody, or writes an address of somebody who was added, as one editor. */
  const between = (work: (add: Ask, write: Ask) => Promise<void>): Promise<void> => {
    const env = { REDIS_URL: redis.url, LIMIT_FAILURES: String(10 * most) };
    return s.beside(env, (one) =>
      s.beside(env, async (other) => {
        const editor: Somebody = await s.person({ at: { [ours]: 'editor' } });
        const who = editor.at[ours]!;
        const at = (instance: 0 | 1) => s.world.at(instance === 0 ? one : other);
        const { body: added } = await s.post(who, users(ours), { email: anAddress() });
        await work(
          (instance, email) => at(instance)(who, 'POST', users(ours), { email }),
          (instance, email) => at(instance)(who, 'PUT', user(ours, added.id as number), { email }),
        );
      }),
    );
  };
  /** Adds somebody, who may be told to ask again in a second, but never to wait for the end of the minute. */
  const letIn = async (add: Ask, instance: 0 | 1): Promise<void> => {
    const address = anAddress();
    const told: Answer[] = [];
    await until('that somebody is let in', async () => {
      told.push(await add(instance, address));
      return told.at(-1)!.status !== 429 || told.at(-1)!.headers.get('retry-after') !== '1';
    });
    expect(told.at(-1)!.status).toBe(201);
  };

  test('and what one of them is still looking up has the other wait or ask for a second, not for the rest of the minute', async () => {
    await between(async (add) => {
      const { proxy } = s.world.oauth;
      // As many as may be wait for the OAuth server at one instance.
      proxy.forgetCalls();
      await proxy.behave('hang');
      const underWay = Array.from({ length: most }, () => add(0, anAddress()));
      await until('that all are under way', () => proxy.calls() >= most);
      await proxy.behave('pass');

      await letIn(add, 1);
      await Promise.all(underWay);
    });
  });

  test('and whoever adds many people through both at once is not refused for it', async () => {
    await between(async (add) => {
      await Promise.all(Array.from({ length: 16 }, (_none, index) => letIn(add, index % 2 === 0 ? 0 : 1)));
    });
  });

  test('and tell of no more taken ones than one alone would, asked for at once or one by one', async () => {
    await between(async (add, write) => {
      const taken = await Promise.all(Array.from({ length: 12 }, () => s.person({ at: { [theirs]: 'member' } })));
      const tries = taken.map(({ email }, index) => write(index % 2 === 0 ? 0 : 1, email));
      const statuses = (await Promise.all(tries)).map(({ status }) => status);
      expect(statuses.filter((status) => status !== 429)).toHaveLength(most);
      for (const instance of [0, 1] as const) expect((await add(instance, anAddress())).status).toBe(429);
    });
  });
});
