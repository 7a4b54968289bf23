import { userFieldNames } from '../../../src/domain/user-fields.ts';
import { longAgo, type Somebody } from './support/people.ts';
import { each, idsIn, startSentences, user, type SentenceWorld } from './support/world.ts';

/** anonymization.md §2 "What it does to one row". */
const [open, shut, unset, past, during, named] = [11, 12, 13, 14, 15, 16];
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({
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
  });
});
afterAll(() => s.close());

const anonymize = (one: Somebody, site: number, who: number | string = 'admin') =>
  s.put(who, `${user(site, one.at[site]!)}/do-anonymize`);
const stored = async (table: 'ideas' | 'articles' | 'arguments' | 'votes', id: number) =>
  (await s.world.container.database.rows[table].findByPk(id, { raw: true })) as unknown as Record<
    string,
    unknown
  > | null;

describe('the row', () => {
  const filled = (site: number) => ({
    extraData: {
      nickName: [{ value: 'Bijnaam', siteId: site }],
      gender: [{ value: 'male', siteId: site }],
      signedUpForNewsletter: [{ value: true, siteId: site }],
      listableByRole: [{ value: 'all', siteId: site }],
      detailsViewableByRole: [{ value: 'member', siteId: site }],
      bio: 'Bio',
      whatever: { deep: ['Wat dan ook'] },
    },
    columns: {
      externalAccessToken: 'sealed',
      isNotifiedAboutAnonymization: longAgo,
      lastLogin: longAgo,
      complete: true,
    },
  });

  test.each([
    [1, 'Gebruiker', 'verwijderd'],
    [named, 'Oud', 'deelnemer'],
  ])('at site %i is left with exactly this: %s %s', async (site, firstName, lastName) => {
    const one = await s.person({ at: { [site]: 'member', 2: 'member' }, ...filled(site) });
    const before = await s.row(one.at[site]!);
    for (const field of userFieldNames.filter((name) => !['anonymizedAt', 'deletedAt'].includes(name)))
      expect([field, before?.[field]]).not.toEqual([field, null]);

    expect((await anonymize(one, site)).status).toBe(200);

    const after = await s.row(one.at[site]!);
    const moments = { anonymizedAt: expect.any(Date), updatedAt: expect.any(Date) };
    expect(after).toEqual({
      ...Object.fromEntries(userFieldNames.map((field) => [field, null])),
      id: before?.id,
      siteId: site,
      slot: 0,
      complete: true,
      profileWithheld: false,
      createdAt: longAgo,
      firstName,
      lastName,
      role: 'anonymous',
      listableByRole: 'editor',
      detailsViewableByRole: 'editor',
      lastLogin: new Date(0),
      extraData: {},
      ...moments,
    });
    expect(Date.now() - (after?.anonymizedAt?.getTime() ?? 0)).toBeLessThan(60_000);
  });

  test('of several at one site: do-anonymize takes all of them', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    const slot = await s.extraRow({ siteId: 1, personId: one.id, slot: 1, email: one.email });
    const { body } = await s.put('admin', `${user(1, slot)}/do-anonymize`);
    expect(idsIn(body.users)).toEqual([one.at[1], slot]);
    expect([(await s.row(slot))?.email, (await s.row(one.at[1]!))?.email, (await s.row(one.at[2]!))?.email]).toEqual([
      null,
      null,
      one.email,
    ]);
  });

  test('without a person is anonymized alone', async () => {
    const [id, other] = [await s.extraRow({ siteId: 1, city: 'Ede' }), await s.extraRow({ siteId: 1, city: 'Tiel' })];
    const answer = await s.put('moderator', `${user(1, id)}/do-anonymizeall`);
    expect([idsIn(answer.body.users), answer.headers.get('x-oauth-removal')]).toEqual([[id], 'none']);
    expect([(await s.row(id))?.city, (await s.row(other))?.city]).toEqual([null, 'Tiel']);
  });

  test('at other sites is untouched', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    const before = await s.row(one.at[2]!);
    await anonymize(one, 1);
    expect(await s.row(one.at[2]!)).toEqual(before);
  });

  test('that was soft-deleted belongs to its person: do-anonymize at its own site takes it, and it is in users', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    const gone = await s.extraRow({ siteId: 1, personId: one.id, slot: 1, email: one.email, deletedAt: longAgo });
    const { body } = await anonymize(one, 1);
    expect([idsIn(body.users), (await s.row(gone))?.email]).toEqual([[one.at[1], gone], null]);
  });
});

describe('votes', () => {
  test.each([
    ['isActive is true', open, true],
    ['isActive is false, whatever the dates', shut, false],
    ['nothing is said', unset, false],
    ['it is null after isActiveTo', past, false],
    ['it is null between isActiveFrom and isActiveTo', during, true],
  ])('where votes.%s', async (_when, site, removed) => {
    const one = await s.person({ at: { [site]: 'member', 2: 'member' } });
    const idea = await s.idea({ siteId: site, userId: one.at[site]! });
    const vote = await s.vote({ ideaId: idea, userId: one.at[site]! });
    const deleted = await s.vote({ ideaId: idea, userId: one.at[site]!, deletedAt: longAgo });
    const before = await stored('votes', vote);

    const { body } = await anonymize(one, site);

    // Removed really: no row stays behind. Else without IP address, and otherwise byte for byte.
    expect(await stored('votes', vote)).toEqual(removed ? null : { ...before, ip: null });
    expect(idsIn(body.votes)).toEqual(removed ? [vote] : []);
    // A soft-deleted one goes whatever the voting, and is in no list.
    expect(await stored('votes', deleted)).toBeNull();
  });

  test('of others, also on the same idea, stay with their address', async () => {
    const [one, other] = [await s.person({ at: { [open]: 'member' } }), await s.person({ at: { [open]: 'member' } })];
    const vote = await s.vote({
      ideaId: await s.idea({ siteId: open, userId: one.at[open]! }),
      userId: other.at[open]!,
    });
    await anonymize(one, open);
    expect((await stored('votes', vote))?.['ip']).toBe('192.0.2.7');
  });
});

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
