import { longAgo, type NewPerson, type Somebody } from './support/people.ts';
import { each, idsIn, startSentences, user, users, type SentenceWorld, type Who } from './support/world.ts';

/** anonymization.md §1: what the four calls answer. */
const [here, few] = [11, 12];
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({
    [here]: { config: { votes: { isActive: true } } },
    [few]: { config: { anonymize: { maxListed: 2 } } },
  });
});
afterAll(() => s.close());

const somebody = (more: Partial<NewPerson> = {}) =>
  s.person({ at: { 1: 'member', 2: 'member', [here]: 'member' }, ...more });
const six = ['arguments', 'articles', 'ideas', 'sites', 'users', 'votes'];
const call = (who: Who, method: string, one: Somebody, verb: string, body?: unknown, site = 1) =>
  s.world.call(who, method, `${user(site, one.at[site]!)}/${verb}`, body);
const anonymizedSites = async (one: Somebody) => {
  const rows = await Promise.all(
    Object.entries(one.at).map(async ([site, id]) => [Number(site), (await s.row(id))?.anonymizedAt] as const),
  );
  return rows.filter(([, at]) => at !== null).map(([site]) => site);
};

describe('the six lists', () => {
  const contributed = async () => {
    const one = await somebody();
    const other = await somebody();
    const mine = one.at[here]!;
    const idea = await s.idea({ siteId: here, userId: mine });
    const theirs = await s.idea({ siteId: here, userId: other.at[here]! });
    const [article, argument, vote] = [
      await s.article({ siteId: here, userId: mine }),
      await s.argument({ ideaId: theirs, userId: mine }),
      await s.vote({ ideaId: theirs, userId: mine }),
    ];
    await s.vote({ ideaId: idea, userId: other.at[here]! });
    await s.idea({ siteId: here, userId: mine, deletedAt: longAgo });
    return { one, ids: { ideas: [idea], articles: [article], arguments: [argument], votes: [vote] } };
  };

  test('are the rows as they were before, in the answer of do- too, their sites, what keeps standing, and the votes that go', async () => {
    const { one, ids } = await contributed();
    const will = await call('admin', 'GET', one, 'will-anonymizeall');
    const done = await call('admin', 'PUT', one, 'do-anonymizeall');

    for (const { body } of [will, done]) {
      expect(Object.fromEntries(Object.keys(ids).map((kind) => [kind, idsIn(body[kind])]))).toEqual(ids);
      expect(idsIn(body.sites)).toEqual([1, 2, here]);
      expect(body.users).toHaveLength(3);
      for (const row of body.users)
        expect(row).toMatchObject({ email: one.email, lastName: 'van Dijk', anonymizedAt: null });
    }
  });

  test('of do- are exactly those that will- would have answered a moment earlier, for every recorded person', async () => {
    const recorded = [101, 104, 106, 111, 120, 125, 5001, 50041, 50051];
    for (const id of recorded) {
      const will = await s.get('admin', `${user(1, id)}/will-anonymizeall`);
      const done = await s.put('admin', `${user(1, id)}/do-anonymizeall`);
      expect([done.status, done.body]).toEqual([200, will.body]);
    }
  });

  test('are empty the second time: 200, no change', async () => {
    const { one } = await contributed();
    await call('admin', 'PUT', one, 'do-anonymizeall');
    const before = await s.row(one.at[here]!);
    const again = await call('admin', 'PUT', one, 'do-anonymize', undefined, here);
    expect([again.status, again.body]).toEqual([200, Object.fromEntries(six.map((list) => [list, []]))]);
    expect(await s.row(one.at[here]!)).toEqual(before);
  });

  test('of a moderator show a user as that moderator may see them', async () => {
    const one = await somebody();
    const { body } = await call('moderator', 'GET', one, 'will-anonymize');
    expect('externalUserId' in body.users[0]).toBe(false);
  });

  test('?view=summary counts what they hold instead, in both calls', async () => {
    const { one } = await contributed();
    const path = user(here, one.at[here]!);
    const will = await s.get('admin', `${path}/will-anonymizeall?view=summary`);
    expect(will.body).toEqual({
      digest: expect.stringMatching(/^[\w-]{43,64}$/),
      users: 3,
      sites: [
        {
          id: 1,
          title: 'Site 1',
          users: 1,
          ideas: 0,
          articles: 0,
          arguments: 0,
          votesRemoved: 0,
          votesKept: 0,
          hidden: 0,
        },
        {
          id: 2,
          title: 'Site 2',
          users: 1,
          ideas: 0,
          articles: 0,
          arguments: 0,
          votesRemoved: 0,
          votesKept: 0,
          hidden: 0,
        },
        {
          id: here,
          title: `Site ${here}`,
          users: 1,
          ideas: 1,
          articles: 1,
          arguments: 1,
          votesRemoved: 1,
          votesKept: 0,
          hidden: 1,
        },
      ],
      oauth: 'removed',
    });
    expect((await s.put('admin', `${path}/do-anonymizeall?view=summary`)).body).toEqual(will.body);
    expect((await s.get('admin', `${path}/will-anonymize?view=details`)).status).toBe(400);
  });

  test('of more than anonymize.maxListed items are refused with 413 naming the summary', async () => {
    const one = await s.person({ at: { [few]: 'member', 1: 'member' } });
    for (let n = 0; n < 3; n += 1) await s.idea({ siteId: few, userId: one.at[few]! });
    for (const verb of ['will-anonymize', 'do-anonymize']) {
      const answer = await call('admin', 'PUT', one, verb, undefined, few);
      expect([answer.status, answer.body.use]).toEqual([413, '?view=summary']);
    }
    expect(await anonymizedSites(one)).toEqual([]);
    const summary = await s.put('admin', `${user(few, one.at[few]!)}/do-anonymize?view=summary`);
    expect([summary.body.users, summary.body.oauth, each(summary.body.sites, 'ideas')]).toEqual([1, 'kept', [3]]);
  });

  test('have no place beside a list of users: the address is that of one user', async () => {
    expect((await s.put('admin', `${users(1)}/do-anonymizeall`)).status).toBe(404);
  });
});
