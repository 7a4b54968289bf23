import { longAgo, type NewPerson, type Somebody } from './support/people.ts';
import {
  asQuery,
  each,
  idsIn,
  keysOf,
  refusal,
  startSentences,
  user,
  users,
  type SentenceWorld,
  type Who,
} from './support/world.ts';

/** anonymization.md §1 "The four calls". */
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

describe('the four calls', () => {
  test.each([
    ['will-anonymize', ['GET', 'PUT', 'POST']],
    ['will-anonymizeall', ['GET', 'PUT', 'POST']],
    ['do-anonymize', ['PUT', 'POST']],
    ['do-anonymizeall', ['PUT', 'POST']],
  ])('%s takes %j, answers all six lists, and is 405 with Allow for the rest', async (verb, methods) => {
    const one = await somebody();
    for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH']) {
      const answer = await call('admin', method, one, verb);
      expect([method, answer.status]).toEqual([method, methods.includes(method) ? 200 : 405]);
      if (methods.includes(method))
        expect([keysOf(answer.body as object), answer.headers.get('cache-control')]).toEqual([six, 'no-store']);
      else
        expect(answer.headers.get('allow')).toBe(
          methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', '),
        );
    }
    expect(await anonymizedSites(one)).toEqual(
      verb === 'do-anonymizeall' ? [1, 2, here] : verb === 'do-anonymize' ? [1] : [],
    );
  });

  test.each(['will-anonymize', 'will-anonymizeall', 'do-anonymize', 'do-anonymizeall'])(
    '%s of a user of another site, a wrong or deleted id is 404',
    async (verb) => {
      const one = await s.person({ at: { 2: 'member' } });
      const gone = await s.extraRow({ siteId: 1, deletedAt: longAgo });
      for (const path of [user(1, one.at[2]!), user(1, gone), user(1, 8_000_000), user(1, 'x'), user(99, one.at[2]!)]) {
        expect((await s.put('admin', `${path}/${verb}`)).status).toBe(404);
      }
      expect(await anonymizedSites(one)).toEqual([]);
    },
  );
});

describe('they are for the owner, or moderator and above at the site of every row concerned', () => {
  test.each([
    ['nobody', null, [401]],
    ['anonymous', 'anonymous', [403, 'owner-or-moderator']],
    ['a member', 'member', [403, 'owner-or-moderator']],
  ])('not for %s', async (_who, actor, expected) => {
    const one = await somebody();
    for (const verb of ['will-anonymize', 'do-anonymize', 'will-anonymizeall', 'do-anonymizeall']) {
      expect(refusal(await call(actor, 'PUT', one, verb))).toEqual(expected);
    }
    expect(await anonymizedSites(one)).toEqual([]);
  });

  test('…all including a site where the actor is neither is 403, without naming the sites, and nothing is touched', async () => {
    const one = await somebody();
    const mo = await s.person({ at: { 1: 'moderator', 2: 'moderator' } });
    for (const verb of ['will-anonymizeall', 'do-anonymizeall']) {
      const answer = await call(mo.at[1]!, 'PUT', one, verb);
      expect(refusal(answer)).toEqual([403, 'not-moderator-everywhere']);
      expect(keysOf(answer.body as object)).toEqual([
        'detail',
        'error',
        'instance',
        'message',
        'rule',
        'status',
        'title',
        'type',
      ]);
      expect(answer.text).not.toContain(`${here}.localhost`);
    }
    expect(await anonymizedSites(one)).toEqual([]);

    expect((await call(mo.at[1]!, 'PUT', one, 'do-anonymizeall', { onlySiteIds: [1, 2] })).status).toBe(200);
    expect(await anonymizedSites(one)).toEqual([1, 2]);
  });

  test('the owner needs no role at all, and may whatever their role is elsewhere', async () => {
    const one = await s.person({ at: { 1: 'anonymous', 2: 'admin' } });
    expect((await call(one.at[1]!, 'PUT', one, 'do-anonymizeall')).status).toBe(200);
    expect(await anonymizedSites(one)).toEqual([1, 2]);
  });

  test('never on a higher role than one’s own at any row concerned, checked before the first is touched', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    const chief = await s.extraRow({ siteId: 1, personId: one.id, slot: 1, role: 'editor' });
    expect(refusal(await call(3, 'PUT', one, 'do-anonymize'))).toEqual([403, 'higher-role']);
    expect([(await s.row(one.at[1]!))?.anonymizedAt, (await s.row(chief))?.anonymizedAt]).toEqual([null, null]);
    expect(idsIn((await call(5, 'PUT', one, 'do-anonymize')).body.users)).toEqual([one.at[1], chief]);
  });
});

describe('onlyUserIds and onlySiteIds', () => {
  test.each([
    ['a number', { onlySiteIds: 2 }, [2]],
    ['a string', { onlySiteIds: '2' }, [2]],
    ['a list', { onlySiteIds: [1, '2'] }, [1, 2]],
    ['a string of several', { onlySiteIds: '1,2' }, [1, 2]],
    ['a site where they are not', { onlySiteIds: [3, 99] }, []],
    ['an empty list', { onlySiteIds: [] }, []],
    ['nothing', {}, [1, 2, here]],
  ])('%s', async (_what, only, sites) => {
    const one = await somebody();
    const expected = sites.map((site) => one.at[site]);
    const answers = [
      await s.get('admin', `${user(1, one.at[1]!)}/will-anonymizeall?${asQuery(only)}`),
      await call('admin', 'POST', one, 'will-anonymizeall', only),
      await call('admin', 'PUT', one, 'do-anonymizeall', only),
    ];
    for (const { status, body } of answers)
      expect([status, idsIn(body.users), idsIn(body.sites)]).toEqual([200, expected, sites]);
    expect(await anonymizedSites(one)).toEqual(sites);
  });

  test('are united', async () => {
    const one = await somebody();
    const { body } = await call('admin', 'PUT', one, 'do-anonymizeall', { onlyUserIds: one.at[2], onlySiteIds: 1 });
    expect([idsIn(body.users), await anonymizedSites(one)]).toEqual([
      [one.at[1], one.at[2]],
      [1, 2],
    ]);
  });

  test('of others select nothing', async () => {
    const [one, other] = [await somebody(), await somebody()];
    const { body } = await call('admin', 'PUT', one, 'do-anonymizeall', { onlyUserIds: [other.at[1]!, one.at[2]!] });
    expect([idsIn(body.users), await anonymizedSites(other)]).toEqual([[one.at[2]], []]);
  });

  test('select among the rows of this site for do-anonymize', async () => {
    const one = await somebody();
    expect(idsIn((await call('admin', 'PUT', one, 'do-anonymize', { onlySiteIds: 2 })).body.users)).toEqual([]);
    expect(await anonymizedSites(one)).toEqual([]);
  });

  test.each([
    { onlySiteIds: 'x' },
    { onlySiteIds: [1, null] },
    { onlyUserIds: 0 },
    { onlyUserIds: -1 },
    { onlyUserIds: 1.5 },
    { onlyUserIds: { id: 1 } },
    { onlySiteIds: true },
    { onlyUserIds: '1;2' },
    { onlySiteIds: null },
    { onlySites: 1 },
  ])('%j holds something that is no id: 400, and nothing happens', async (only) => {
    const one = await somebody();
    expect((await call('admin', 'PUT', one, 'do-anonymizeall', only)).status).toBe(400);
    expect((await s.get('admin', `${user(1, one.at[1]!)}/will-anonymizeall?${asQuery(only)}`)).status).toBe(400);
    expect(await anonymizedSites(one)).toEqual([]);
  });
});

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
