import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * What the OAuth server says of a person is looked through for each of their rows, as each site sees another part of it. Somebody at fifty
 * sites, with as much there as anybody may have, held the event loop for 0.1 s whenever they looked at themself past the cache, and at two
 * hundred for 0.4 s, as often as they liked. Source: docs/reference/neighbours.md "A person's own record".
 */
const first = 11;
const many = 40;
const sites = Array.from({ length: many }, (_none, at) => first + at);
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences(Object.fromEntries(sites.map((site) => [site, { client: first }])));
});
afterAll(() => s.close());

test('others have their turn between the rows of somebody who is at many sites, and each row is as before', async () => {
  const own = Object.fromEntries(sites.map((siteId) => [`own${siteId}`, [{ value: `of ${siteId}`, siteId }]]));
  const shared = Object.fromEntries(Array.from({ length: 100 }, (_none, at) => [`plain${at}`, 'x'.repeat(100)]));
  const them = await s.person({
    at: Object.fromEntries(sites.map((site) => [site, 'member' as const])),
    extraData: { ...own, ...shared, nickName: [{ value: 'Tureluur', siteId: first + 1 }] },
  });
  const turns = jest.spyOn(s.world.clock, 'nextTurn');

  const answer = await s.get(them.at[first]!, user(first, them.at[first]!), { 'Cache-Control': 'no-cache' });

  expect([answer.status, answer.headers.get('x-cache')]).toEqual([200, 'MISS']);
  // For what each row holds, and for what of it does not fit.
  expect(turns.mock.calls.length).toBeGreaterThanOrEqual(2 * (many / 4 - 1));
  const [at, next] = [await s.row(them.at[first]!), await s.row(them.at[first + 1]!)];
  expect([at?.nickName, next?.nickName, Object.keys(next?.extraData ?? {}).length]).toEqual([null, 'Tureluur', 100]);
});
