import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { removeThere, writeThere, type Somebody } from './sentences/support/people.ts';
import { startSentences, user, type SentenceWorld, type Who } from './sentences/support/world.ts';

/** oauth-server.md §3 "The target", over real sockets. */
let s: SentenceWorld;
const timeLimitMs = 3000;
beforeAll(async () => {
  s = await startSentences({}, { oauthTimeLimitMs: timeLimitMs });
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const readAt = (people: readonly Somebody[], fetchedAt: Date | null): Promise<unknown> =>
  s.world.container.database.rows.persons.update({ fetchedAt }, { where: { id: people.map(({ id }) => id) } });
const ago = (ms: number): Date => new Date(Date.now() - ms);
const member = (): Promise<Somebody> => s.person({ at: { 1: 'member' } });
const path = (one: Somebody): string => user(1, one.at[1] ?? 0);
const readsOf = ({ externalId }: Somebody): number =>
  s.world.oauth.proxy.calls(new RegExp(`^GET /api/admin/user/${externalId}$`));
const freshness = async (who: Who, one: Somebody): Promise<readonly (string | null)[]> => {
  const { headers } = await s.get(who, path(one));
  return [headers.get('x-cache'), headers.get('age')];
};
const isFresh = (one: Somebody) =>
  until('a refresh', async () => {
    const [cache] = await freshness('moderator', one);
    return cache === 'HIT';
  });

describe('a user who is stale', () => {
  test('is answered from the row at once, as STALE, and is what the OAuth server says soon after', async () => {
    const one = await member();
    await readAt([one], ago(90_000));
    await writeThere(s.world, one.externalId, { city: 'Harlingen' });
    const first = await s.get('moderator', path(one));
    expect([first.body.city, first.headers.get('x-cache')]).toEqual(['Utrecht', 'STALE']);
    expect(Number(first.headers.get('age'))).toBeGreaterThanOrEqual(90);
    await isFresh(one);
    const second = await s.get('moderator', path(one));
    expect([second.body.city, Number(second.headers.get('age'))]).toEqual(['Harlingen', expect.any(Number)]);
    expect(Number(second.headers.get('age'))).toBeLessThan(30);
  });

  test('is asked for once, however many look, at two instances', async () => {
    const one = await member();
    await readAt([one], ago(90_000));
    s.world.oauth.proxy.forgetCalls();
    await s.beside({}, async (second) => {
      const looks = Array.from({ length: 40 }, async (_none, index) => {
        const answer = await fetch((index % 2 === 0 ? s.world.url : second) + path(one));
        await answer.arrayBuffer();
        return answer.status;
      });
      expect(new Set(await Promise.all(looks))).toEqual(new Set([200]));
      await isFresh(one);
    });
    expect(readsOf(one)).toBe(1);
  });

  test('tells its age to mod and owner, and to nobody else', async () => {
    const one = await member();
    for (const fetchedAt of [ago(90_000), null]) {
      for (const who of [null, 'member'] as const) {
        await readAt([one], fetchedAt);
        expect(await freshness(who, one)).toEqual([null, null]);
      }
      for (const who of ['moderator', one.at[1] ?? 0] as const) {
        await isFresh(one);
        await readAt([one], fetchedAt);
        const [cache, age] = await freshness(who, one);
        expect([cache, age === null]).toEqual(['STALE', fetchedAt === null]);
      }
      await isFresh(one);
    }
  });

  test.each(['refuse', 'html-500', 'hang', 'malformed-json'] as const)(
    'is answered from the row while the OAuth server says %s, and asked for once in a while',
    async (mode) => {
      const one = await member();
      await readAt([one], ago(90_000));
      await s.world.oauth.proxy.behave(mode);
      s.world.oauth.proxy.forgetCalls();
      const begun = Date.now();
      for (let look = 0; look < 10; look += 1) {
        expect((await s.get(null, path(one))).status).toBe(200);
        await pause(20);
      }
      // Each that waited for the server would take as long as it may.
      expect(Date.now() - begun).toBeLessThan(9 * timeLimitMs);
      // A read that found nobody listening is repeated once by the client.
      expect(readsOf(one)).toBeLessThanOrEqual(2);
    },
  );

  test('whom the OAuth server no longer knows stays as they are here', async () => {
    const one = await member();
    await readAt([one], ago(90_000));
    await removeThere(s.world, one.externalId);
    await s.get(null, path(one));
    await until('a finding', async () => {
      const found = await s.world.container.ports.findings.page('unknown-there', 100, 0);
      return found.some(({ personId }) => personId === one.id);
    });
    expect((await s.get('moderator', path(one))).body.email).toBe(one.email);
  });

  test('is refreshed with at most eight others at a time', async () => {
    const many = [];
    for (let count = 0; count < 20; count += 1) many.push(await member());
    await readAt(many, ago(90_000));
    await s.world.oauth.proxy.behave('hang', /^GET \/api\/admin\/user/);
    s.world.oauth.proxy.forgetCalls();
    await Promise.all(many.map((one) => s.get(null, path(one))));
    await pause(300);
    expect(s.world.oauth.proxy.calls(/^GET \/api\/admin\/user\//)).toBeLessThanOrEqual(8);
  });
});

test('stopping waits for what was begun in the background, and leaves no lease behind', async () => {
  const one = await member();
  await readAt([one], ago(90_000));
  await s.beside({}, async (url) => {
    await s.world.oauth.proxy.behave('hang', /^GET \/api\/admin\/user/);
    expect((await fetch(url + path(one))).status).toBe(200);
  });
  expect(await s.world.container.database.rows.leases.count()).toBe(0);
});
