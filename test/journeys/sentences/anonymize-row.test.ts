import { userFieldNames } from '../../../src/domain/users/user-fields.ts';
import { longAgo, type Somebody } from './support/people.ts';
import { idsIn, startSentences, user, type SentenceWorld } from './support/world.ts';

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
      addressWritten: 'a fingerprint',
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
