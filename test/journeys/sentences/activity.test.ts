import { longAgo, type Somebody } from './support/people.ts';
import { each, idsIn, keysOf, startSentences, user, type SentenceWorld, type Who } from './support/world.ts';

/** user-api.md §3 "Activity". */
const [here, there, closed] = [11, 12, 13];
let s: SentenceWorld;
/** Member everywhere; contributed at each site. */
let one: Somebody;
const ids = {
  idea: 0,
  elsewhere: 0,
  forMembers: 0,
  forAdmins: 0,
  article: 0,
  argument: 0,
  onHidden: 0,
  vote: 0,
  voteThere: 0,
};

beforeAll(async () => {
  s = await startSentences({
    [here]: { config: { votes: { isViewable: true } } },
    [there]: { config: { votes: { isViewable: true } } },
    [closed]: { config: { votes: { isViewable: false } } },
  });
  one = await s.person({ at: { [here]: 'member', [there]: 'member', [closed]: 'member' } });
  const other = await s.person({ at: { [here]: 'member', [closed]: 'member' } });
  const [own, theirs] = [one.at[here]!, other.at[here]!];
  const day = (n: number) => new Date(Date.UTC(2024, 5, n));
  ids.idea = await s.idea({ siteId: here, userId: own, title: 'Boom &amp; bank <b>plan</b>', createdAt: day(1) });
  ids.forMembers = await s.idea({ siteId: here, userId: own, viewableByRole: 'member', createdAt: day(2) });
  ids.forAdmins = await s.idea({ siteId: here, userId: own, viewableByRole: 'admin', createdAt: day(3) });
  ids.elsewhere = await s.idea({ siteId: there, userId: one.at[there]!, createdAt: day(9) });
  ids.article = await s.article({ siteId: here, userId: own, createdAt: day(4) });
  const hidden = await s.idea({ siteId: here, userId: theirs, viewableByRole: 'editor' });
  const plain = await s.idea({ siteId: here, userId: theirs, title: 'Plan van een ander' });
  ids.argument = await s.argument({ ideaId: plain, userId: own, createdAt: day(5) });
  ids.onHidden = await s.argument({ ideaId: hidden, userId: own, createdAt: day(6) });
  ids.vote = await s.vote({ ideaId: plain, userId: own, createdAt: day(7) });
  ids.voteThere = await s.vote({
    ideaId: await s.idea({ siteId: closed, userId: other.at[closed]! }),
    userId: one.at[closed]!,
    createdAt: day(8),
  });
  await s.idea({ siteId: here, userId: own, deletedAt: longAgo });
  await s.vote({ ideaId: hidden, userId: own, deletedAt: longAgo });
});
afterAll(() => s.close());

const activity = (who: Who, query = '', site = here) => s.get(who, `${user(site, one.at[site]!)}/activity${query}`);
const found = async (who: Who, query = '', site = here) => {
  const { body } = await activity(who, query, site);
  return {
    ideas: idsIn(body.ideas),
    articles: idsIn(body.articles),
    arguments: idsIn(body.arguments),
    votes: idsIn(body.votes),
    sites: idsIn(body.sites),
  };
};

describe('activity shows', () => {
  test('the owner everything, on all sites', async () => {
    expect(await found(one.at[here]!)).toEqual({
      ideas: [ids.elsewhere, ids.forAdmins, ids.forMembers, ids.idea],
      articles: [ids.article],
      arguments: [ids.onHidden, ids.argument],
      votes: [ids.voteThere, ids.vote],
      sites: [here, there, closed],
    });
  });

  test('the newest of all as one list where so many are asked for, of those that one sees', async () => {
    const mo = await s.person({ at: { [here]: 'moderator' } });
    const first = async (who: Who, n: number) => (await activity(who, `?first=${n}`)).body as Record<string, unknown>;
    expect(Object.keys(await first(mo.at[here]!, 2))).toEqual(['sites', 'activity']);
    const days = ({ activity: lines }: Record<string, unknown>) =>
      each(lines, 'createdAt').map((at) => new Date(String(at)).getUTCDate());
    expect(days(await first(mo.at[here]!, 2))).toEqual([7, 6]);
    // What a visitor does not see is not counted.
    expect(days(await first(null, 2))).toEqual([7, 5]);
    expect(days(await first(one.at[here]!, 1000))).toHaveLength(9);
    for (const wrong of ['0', '1001', '1.5', 'x']) expect((await activity(null, `?first=${wrong}`)).status).toBe(400);
  });

  test('a moderator everything at the sites where they are moderator, and there only', async () => {
    const mo = await s.person({ at: { [here]: 'moderator', [there]: 'member' } });
    expect(await found(mo.at[here]!)).toEqual({
      ideas: [ids.forAdmins, ids.forMembers, ids.idea],
      articles: [ids.article],
      arguments: [ids.onHidden, ids.argument],
      votes: [ids.vote],
      sites: [here],
    });
    expect((await found('moderator')).sites).toEqual([here, there, closed]);
  });

  test.each([
    ['a visitor', () => null, false],
    ['anonymous', async () => (await s.person({ at: { [here]: 'anonymous' } })).at[here]!, false],
    ['a member', async () => (await s.person({ at: { [here]: 'member' } })).at[here]!, true],
    ['a moderator of another site', async () => (await s.person({ at: { [there]: 'moderator' } })).at[there]!, false],
  ])('%s this site and ideas whose viewableByRole allows it', async (_who, actor, isMember) => {
    const answer = await found(await actor());
    expect(answer.ideas).toEqual([...(isMember ? [ids.forMembers] : []), ids.idea]);
    expect(answer).toMatchObject({
      ...{ articles: [ids.article], arguments: [ids.argument], votes: [ids.vote] },
      sites: [here],
    });
  });

  test('others votes only where votes.isViewable', async () => {
    expect((await found(null, '', closed)).votes).toEqual([]);
    expect((await found('moderator', '?includeOtherSites=0', closed)).votes).toEqual([ids.voteThere]);
    expect((await found(one.at[closed]!, '?includeOtherSites=0', closed)).votes).toEqual([ids.voteThere]);
  });
});

describe('the query', () => {
  test('includeOtherSites=false keeps to this site, 1/0/true/false alike', async () => {
    for (const no of ['0', 'false'])
      expect((await found(one.at[here]!, `?includeOtherSites=${no}`)).sites).toEqual([here]);
    for (const yes of ['1', 'true'])
      expect((await found(one.at[here]!, `?includeOtherSites=${yes}`)).sites).toEqual([here, there, closed]);
  });

  test.each([
    ['', ['arguments', 'articles', 'ideas', 'votes']],
    ['?includeIdeas=1', ['ideas']],
    ['?includeIdeas=true&includeVotes=1', ['ideas', 'votes']],
    ['?includeArticles=1&includeArguments=0', ['articles']],
    ['?includeVotes=0', []],
    ['?includeOtherSites=0', ['arguments', 'articles', 'ideas', 'votes']],
  ])('"%s" asks for %j: kinds that were not asked for are absent', async (query, kinds) => {
    const { body } = await activity(one.at[here]!, query);
    expect(keysOf(body as object)).toEqual([...kinds, 'activity', 'sites'].sort());
    const slugs = new Set(each(each(body.activity, 'type'), 'slug'));
    expect([...slugs].sort()).toEqual(kinds.map((kind) => kind.slice(0, -1)).sort());
  });

  test.each(['?includeIdeas=yes', '?includeIdeas=', '?includeOtherSites=2', '?includeVotes=1&includeVotes=0'])(
    '"%s" is refused: 400',
    async (query) => {
      expect((await activity('admin', query)).status).toBe(400);
    },
  );
});

describe('the answer', () => {
  test('has one list of all of them, newest first, with type, description as plain text, idea and site', async () => {
    const { body } = await activity(one.at[here]!);
    const lines = body.activity as readonly Record<string, unknown>[];
    const dates = each(lines, 'createdAt');
    expect(dates).toEqual([...dates].sort().reverse());
    expect(each(lines, 'type')).toEqual([
      { slug: 'idea', label: 'inzending' },
      { slug: 'vote', label: 'stem' },
      { slug: 'vote', label: 'stem' },
      { slug: 'argument', label: 'reactie' },
      { slug: 'argument', label: 'reactie' },
      { slug: 'article', label: 'artikel' },
      { slug: 'idea', label: 'inzending' },
      { slug: 'idea', label: 'inzending' },
      { slug: 'idea', label: 'inzending' },
    ]);
    expect(each(lines, 'description').at(-1)).toBe('Boom & bank plan');
    expect(each(lines, 'description')[3]).toBe('Omdat het kan');
    for (const line of lines) expect(keysOf(line)).toEqual(['createdAt', 'description', 'idea', 'site', 'type']);
  });

  test('its sites carry {id, domain, title, createdAt, updatedAt}', async () => {
    const { body } = await activity(one.at[here]!);
    for (const site of [...body.sites, ...each(body.activity, 'site')] as object[]) {
      expect(keysOf(site)).toEqual(['createdAt', 'domain', 'id', 'title', 'updatedAt']);
    }
  });

  test('its arguments and votes carry their idea {id, title, siteId, status, viewableByRole}', async () => {
    const { body } = await activity(null);
    for (const item of [...body.arguments, ...body.votes] as { idea: unknown }[]) {
      expect(item.idea).toEqual({
        id: expect.any(Number),
        title: 'Plan van een ander',
        siteId: here,
        status: 'OPEN',
        viewableByRole: 'all',
      });
    }
  });

  test('holds no IP address, and nothing that was deleted', async () => {
    const { text } = await activity('admin');
    expect(text).not.toContain('192.0.2.7');
    expect(text).not.toContain('deletedAt');
  });
});

describe('activity of', () => {
  test('somebody who is not at this site, of a wrong id or an unknown site is 404', async () => {
    for (const path of [user(here, one.at[there]!), user(here, 8_000_000), user(here, 'x'), user(99, one.at[here]!)]) {
      expect((await s.get('admin', `${path}/activity`)).status).toBe(404);
    }
  });

  test('an anonymized user shows what kept standing', async () => {
    const gone = await s.person({ at: { [here]: 'member' } });
    const idea = await s.idea({ siteId: here, userId: gone.at[here]! });
    await s.put('admin', `${user(here, gone.at[here]!)}/do-anonymize`);
    const { body } = await s.get(null, `${user(here, gone.at[here]!)}/activity`);
    expect(idsIn(body.ideas)).toEqual([idea]);
  });

  test('a row without a person is of that row alone', async () => {
    const [row, other] = [await s.extraRow({ siteId: here }), await s.extraRow({ siteId: there })];
    const idea = await s.idea({ siteId: here, userId: row });
    await s.idea({ siteId: there, userId: other });
    expect(idsIn((await s.get('admin', `${user(here, row)}/activity`)).body.ideas)).toEqual([idea]);
  });
});
