import { personLeaseName } from '../../src/use-cases/person-keys.ts';
import { until } from '../support/until.ts';
import { aVisitor, upToDigest } from '../support/visitor.ts';
import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** A moderator of one site, who asks for one person, or for many, again and again at once: others are served meanwhile. */
const [hostile, theirs] = [11, 12] as const;
const redirectUrl = 'http://localhost/x';
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences(
    { [hostile]: {}, [theirs]: { config: { allowedDomains: ['localhost'] } } },
    // The OAuth server stands in this process, too: what is tried here is not its patience.
    { oauthTimeLimitMs: 30_000 },
  );
});
afterAll(() => s.close());

test('whoever knows an address keeps its person busy for nobody else, and not the database', async () => {
  const victim = await s.person({ at: { [theirs]: 'member' } });
  const moderator = await s.person({ at: { [hostile]: 'moderator' } });
  const { body } = await s.post(moderator.at[hostile]!, users(hostile), { email: victim.email });
  const visitor = aVisitor();
  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId: theirs, redirectUrl };
  const digest = await upToDigest(visitor, flow, victim.externalId);
  const before = s.world.statements();

  const attack = Array.from({ length: 100 }, (_none, at) =>
    s.put(moderator.at[hostile]!, user(hostile, body.id as number), { city: `Stad ${at}` }),
  );
  const [login, written] = await Promise.all([
    visitor.open(digest),
    s.put(victim.at[theirs]!, user(theirs, victim.at[theirs]!), { city: 'Delft' }),
  ]);
  const answers = await Promise.all(attack);

  expect([login.status, written.status]).toEqual([302, 200]);
  const of = (status: number) => answers.filter((answer) => answer.status === status);
  expect(of(200).length).toBeGreaterThanOrEqual(20);
  expect(of(503).length).toBeGreaterThanOrEqual(20);
  expect(of(200).length + of(503).length).toBe(100);
  for (const answer of of(503)) {
    expect(answer.body.type).toBe('/problems/busy');
    expect(answer.headers.get('retry-after')).toBe('2');
  }
  // A hundred that ask the database until it is their turn take many thousands.
  expect(s.world.statements() - before).toBeLessThan(2500);
}, 60_000);

test('people who are kept busy do not hold up what waits in the outbox for others', async () => {
  const { ports, jobs } = s.world.container;
  const [free, ...busy] = await Promise.all(Array.from({ length: 7 }, () => s.person({ at: { [hostile]: 'member' } })));
  // The busy ones are due first.
  for (const [at, { id: personId }] of [...busy, free!].entries())
    await ports.outbox.add({ topic: 'person.refresh', key: `${personId}`, payload: { personId } }, new Date(at * 1000));
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const held = Promise.all(
    busy.map(({ externalId }) => {
      const person = { issuer: s.world.oauth.url, externalId: String(externalId) };
      return ports.withLease(personLeaseName(ports.secrets, person), () => ended);
    }),
  );
  const dispatching = jobs.find(({ name }) => name === 'dispatch-outbox')!.run(() => false);
  const keys = async () => (await ports.outbox.waiting()).map(({ key }) => key);
  await until('the message of who is free is delivered', async () => !(await keys()).includes(`${free!.id}`));

  const waiting = await ports.outbox.waiting();
  expect(waiting.map(({ key }) => key).sort()).toEqual(busy.map(({ id }) => `${id}`).sort());
  end();
  await held;
  await dispatching;
}, 60_000);

test('a burst of views by one moderator, past the cache, does not have the OAuth server left alone for all', async () => {
  const world = await startSentences({ [hostile]: {}, [theirs]: {} }, { oauthConnections: 2, oauthTimeLimitMs: 3000 });
  try {
    const moderator = await world.person({ at: { [hostile]: 'moderator' } });
    const bystander = await world.person({ at: { [theirs]: 'member' } });
    const people = await Promise.all(Array.from({ length: 80 }, () => world.person({ at: { [hostile]: 'member' } })));
    world.world.oauth.proxy.takeTime(200);

    const burst = people.map(({ at }) =>
      world.get(moderator.at[hostile]!, user(hostile, at[hostile]!), { 'cache-control': 'no-cache' }),
    );
    const written = await world.put(bystander.at[theirs]!, user(theirs, bystander.at[theirs]!), { city: 'Delft' });
    const views = await Promise.all(burst);

    expect(written.status).toBe(200);
    const told = new Set(views.map(({ status, body }) => `${status} ${status === 200 ? '' : body.type}`));
    expect([...told].sort()).toEqual(['200 ', '503 /problems/busy']);
    expect(world.world.log()).not.toContain('circuit opened');
  } finally {
    await world.close();
  }
}, 60_000);
