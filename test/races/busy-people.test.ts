import { setTimeout as pause } from 'node:timers/promises';
import { personThere } from '../journeys/sentences/support/people.ts';
import { startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';
import { aVisitor, upToDigest } from '../support/visitor.ts';

/** People of one row or several, at site 1. */
const people = [101, 106, 114, 120, 125, 129];
const callers = 20;
const rounds = 2;

let world: RecordedWorld;
beforeAll(async () => {
  // The OAuth server stands in this process, too: what is tried here is not its patience.
  world = await startRecordedWorld({}, { oauthTimeLimitMs: 30_000 });
});
afterAll(() => world.close());

/** How often each status was answered. */
const countedStatuses = (answers: readonly { readonly status: number }[]): Readonly<Record<number, number>> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const manyTimes = <T>(count: number, work: (index: number) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, (_none, index) => work(index)));

/** As clients do: who waited ten seconds for the others is told to ask again. On a slow machine some are. */
const patiently = async (ask: () => Promise<Answer>): Promise<Answer> => {
  const answer = await ask();
  const seconds = answer.status === 503 ? Number(answer.headers.get('retry-after')) : NaN;
  if (!Number.isInteger(seconds)) return answer;
  await pause(seconds * 1000);
  return patiently(ask);
};

// On a MariaDB with a binary log, where a commit holds its locks for longer, some of these were 500.
describe('six people, each by twenty callers at the same moment,', () => {
  it('are written: each PUT is answered with 200, and none is lost', async () => {
    const answers: Answer[] = [];
    for (let round = 0; round < rounds; round += 1)
      answers.push(
        ...(await manyTimes(people.length * callers, (index) => {
          const id = people[index % people.length] ?? 0;
          const key = `sleutel${round}_${Math.floor(index / people.length)}`;
          return patiently(() => world.call('admin', 'PUT', `/api/site/1/user/${id}`, { extraData: { [key]: index } }));
        })),
      );

    expect(countedStatuses(answers)).toEqual({ 200: people.length * callers * rounds });
    const seen = await Promise.all(people.map((id) => world.call('admin', 'GET', `/api/site/1/user/${id}`)));
    for (const { body } of seen)
      expect(Object.keys(body.extraData).filter((key) => key.startsWith('sleutel'))).toHaveLength(callers * rounds);
  });

  it('are created at two sites: once at each, the others are told so', async () => {
    const emails = people.map((id) => `nieuw${id}@example.org`);

    const answers = await manyTimes(emails.length * callers, (index) =>
      patiently(() =>
        world.call('admin', 'POST', `/api/site/${1 + (Math.floor(index / emails.length) % 2)}/user`, {
          email: emails[index % emails.length],
        }),
      ),
    );

    expect(countedStatuses(answers)).toEqual({ 201: 2 * emails.length, 409: emails.length * (callers - 2) });
    expect(world.oauth.server.people().filter(({ email }) => emails.includes(email ?? ''))).toHaveLength(emails.length);
  });

  it('log in for the first time: everybody is let in', async () => {
    const externalIds = await Promise.all(people.map((id) => personThere(world, { email: `eerst${id}@example.org` })));
    const browsers = await manyTimes(externalIds.length * callers, async (index) => {
      const visitor = aVisitor();
      const flow = { apiUrl: world.url, oauthUrl: world.oauth.url, siteId: 1, redirectUrl: 'http://localhost:3000/' };
      return { visitor, digest: await upToDigest(visitor, flow, externalIds[index % externalIds.length] ?? 0) };
    });

    const done = await Promise.all(browsers.map(({ visitor, digest }) => visitor.open(digest)));

    expect(countedStatuses(done)).toEqual({ 302: browsers.length });
  });
});
