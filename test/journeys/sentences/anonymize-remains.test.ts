import { longAgo, type Somebody } from './support/people.ts';
import { each, idsIn, startSentences, user, whenTold, type SentenceWorld } from './support/world.ts';

/** anonymization.md §2: what stays, here and at the OAuth server, and what nothing answers any more. */
const [open, shut, unset, past, during, named] = [11, 12, 13, 14, 15, 16];
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences(
    {
      [open]: { config: { votes: { isActive: true, isViewable: true } } },
      [shut]: { config: { votes: { isActive: false, isActiveFrom: '2020-01-01', isActiveTo: '2999-01-01' } } },
      [unset]: {},
      [past]: { config: { votes: { isActive: null, isActiveFrom: '2020-01-01', isActiveTo: '2020-02-01' } } },
      [during]: {
        config: { votes: { isActive: null, isActiveFrom: '2020-01-01 00:00', isActiveTo: '2999-01-01 00:00' } },
      },
      [named]: {
        config: { users: { allowUseOfNicknames: true, anonymize: { firstName: 'Oud', lastName: 'deelnemer' } } },
      },
    },
    whenTold,
  );
});
afterAll(() => s.close());

const anonymize = (one: Somebody, site: number, who: number | string = 'admin') =>
  s.put(who, `${user(site, one.at[site]!)}/do-anonymize`);
const stored = async (table: 'ideas' | 'articles' | 'arguments' | 'votes', id: number) =>
  (await s.world.container.database.rows[table].findByPk(id, { raw: true })) as unknown as Record<
    string,
    unknown
  > | null;

describe('ideas, articles and arguments', () => {
  test('stay, byte for byte, soft-deleted ones too, and show the replaced name', async () => {
    const one = await s.person({ at: { [open]: 'member', 2: 'member' } });
    const own = one.at[open]!;
    const idea = await s.idea({
      siteId: open,
      userId: own,
      description: '<p>Groet, Noor van Dijk</p>',
      extraData: { images: ['x'] },
    });
    const kept = [
      ['ideas', idea],
      ['ideas', await s.idea({ siteId: open, userId: own, deletedAt: longAgo })],
      ['articles', await s.article({ siteId: open, userId: own })],
      ['arguments', await s.argument({ ideaId: idea, userId: own })],
      ['arguments', await s.argument({ ideaId: idea, userId: own, deletedAt: longAgo })],
    ] as const;
    const before = await Promise.all(kept.map(([table, id]) => stored(table, id)));

    const { body } = await anonymize(one, open);

    expect(await Promise.all(kept.map(([table, id]) => stored(table, id)))).toEqual(before);
    expect([idsIn(body.ideas), idsIn(body.articles), idsIn(body.arguments)]).toEqual([
      [idea],
      [kept[2][1]],
      [kept[3][1]],
    ]);
    expect((await s.get(null, user(open, own))).body.displayName).toBe('Gebruiker verwijderd');
    const summary = await s.get('admin', `${user(open, own)}/will-anonymize?view=summary`);
    expect(summary.body.users).toBe(0);
  });

  test('that are soft-deleted are in none of the lists; the summary counts them as hidden', async () => {
    const one = await s.person({ at: { [open]: 'member', 2: 'member' } });
    const own = one.at[open]!;
    const idea = await s.idea({ siteId: open, userId: own, deletedAt: longAgo });
    await s.article({ siteId: open, userId: own, deletedAt: longAgo });
    await s.argument({ ideaId: idea, userId: own, deletedAt: longAgo });
    await s.vote({ ideaId: idea, userId: own, deletedAt: longAgo });
    const path = `${user(open, own)}/will-anonymize`;
    const { body } = await s.get('admin', path);
    expect([body.ideas, body.articles, body.arguments, body.votes]).toEqual([[], [], [], []]);
    expect(each((await s.get('admin', `${path}?view=summary`)).body.sites, 'hidden')).toEqual([4]);
  });
});

describe('the person’s entries for this site at the OAuth server', () => {
  test('go too, if the person stays there for other sites; never plain values: X-OAuth-Values: done', async () => {
    const one = await s.person({
      at: { 1: 'member', 2: 'member' },
      extraData: {
        bio: ['plain', { value: 'een', siteId: 1 }, { value: 'twee', siteId: 2 }],
        gender: [{ value: 'male', siteId: 1 }],
        shared: 'plain',
      },
    });
    const answer = await anonymize(one, 1);
    expect([answer.headers.get('x-oauth-values'), answer.headers.get('x-oauth-removal')]).toEqual([
      'done',
      'kept;reason=rows-elsewhere',
    ]);
    expect(s.there(one.externalId)?.extraData).toEqual({
      bio: ['plain', { value: 'twee', siteId: 2 }],
      shared: 'plain',
    });
  });

  test('are pending while the OAuth server is away, and go as soon as it answers', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' }, extraData: { bio: [{ value: 'een', siteId: 1 }] } });
    await s.world.oauth.proxy.behave('json-500');
    const answer = await anonymize(one, 1);
    await s.world.oauth.proxy.behave('pass');
    expect([answer.status, answer.headers.get('x-oauth-values'), (await s.row(one.at[1]!))?.email]).toEqual([
      200,
      'pending',
      null,
    ]);
    await s.touchOutbox();
    await s.world.container.deliver();
    expect(s.there(one.externalId)?.extraData).toEqual({});
  });

  test('are none where nothing was done', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    await anonymize(one, 1);
    expect((await anonymize(one, 1)).headers.get('x-oauth-values')).toBe('none');
  });
});

describe('nothing answers with the old data after the call has returned:', () => {
  test('view, list, filter, activity, and the session of the anonymized', async () => {
    const one = await s.person({
      at: { 1: 'member', 2: 'member' },
      extraData: { listableByRole: [{ value: 'all', siteId: 1 }] },
    });
    const id = one.at[1]!;
    const old = await s.get('admin', user(1, id));
    await s.get(id, user(1, id));

    await anonymize(one, 1, id);

    const answers = [
      await s.get('admin', user(1, id)),
      await s.get('admin', user(1, id), { 'cache-control': 'no-cache' }),
      await s.get('admin', user(1, id), { 'if-none-match': old.headers.get('etag')! }),
      await s.get('admin', `/api/site/1/user?filter=${JSON.stringify({ id })}`),
      await s.get('admin', `${user(1, id)}/activity`),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/Dijk|Dorpsstraat|somebody/);
    }
    expect((await s.get('admin', `/api/site/1/user?filter=${JSON.stringify({ email: one.email })}`)).body).toEqual([]);
    expect((await s.get(id, user(1, id))).status).toBe(401);
    expect((await s.get(one.at[2]!, user(2, one.at[2]!))).body.email).toBe(one.email);
    // The link to the person is gone: they do not own the row any more.
    expect((await s.get(one.at[2]!, user(1, id))).body.email).toBeUndefined();
  });
});
