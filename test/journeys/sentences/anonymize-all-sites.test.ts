import { longAgo, writeThere, type Somebody } from './support/people.ts';
import { idsIn, refusal, startSentences, user, users, whenTold, type SentenceWorld } from './support/world.ts';

/** anonymization.md §3 "All sites, and the person at the OAuth server". */
const [mine, gone] = [11, 12];
/** An OAuth client of somebody else's. */
const foreignClient = 15;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [mine]: {}, [gone]: { deleted: true } }, whenTold);
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const all = (one: Somebody, site = 1, who: number | string = 'admin', body?: unknown) =>
  s.put(who, `${user(site, one.at[site]!)}/do-anonymizeall`, body);
const removal = 'x-oauth-removal';
const settle = async () => {
  await s.touchOutbox();
  while ((await s.world.container.deliver()) !== null) await s.touchOutbox();
};

describe('…all', () => {
  test('takes every row of the person, on every site, soft-deleted ones and those whose site is gone too', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member', 6: 'member' } });
    const others = [
      await s.extraRow({ siteId: 1, personId: one.id, slot: 1, email: one.email }),
      await s.extraRow({ siteId: 3, personId: one.id, email: one.email, deletedAt: longAgo }),
      await s.extraRow({ siteId: gone, personId: one.id, email: one.email }),
      await s.extraRow({ siteId: null, personId: one.id, email: one.email }),
    ];
    const rows = [...Object.values(one.at), ...others];

    const answer = await all(one);

    expect([answer.status, new Set(idsIn(answer.body.users))]).toEqual([200, new Set(rows)]);
    expect(new Set(idsIn(answer.body.sites))).toEqual(new Set([1, 2, 3, 6]));
    for (const id of rows)
      expect(await s.row(id)).toMatchObject({ email: null, personId: null, firstName: 'Gebruiker' });
    expect([answer.headers.get(removal), s.there(one.externalId)]).toEqual(['done', undefined]);
  });

  test('leaves everybody else as they were, also somebody with the same id at another issuer or none', async () => {
    const [one, other] = [await s.person({ at: { 1: 'member' } }), await s.person({ at: { 1: 'member' } })];
    const namesake = await s.extraRow({ siteId: null, externalUserId: one.externalId, email: one.email });
    await all(one);
    expect([(await s.row(namesake))?.email, (await s.row(other.at[1]!))?.email]).toEqual([one.email, other.email]);
  });
});

describe('when no row of the person is left, the person is removed at the OAuth server', () => {
  test('by …all, and by do-anonymize of the last row', async () => {
    for (const verb of ['do-anonymizeall', 'do-anonymize']) {
      const one = await s.person({ at: { 1: 'member' } });
      const answer = await s.put('moderator', `${user(1, one.at[1]!)}/${verb}`);
      expect([answer.headers.get(removal), s.there(one.externalId)]).toEqual(['done', undefined]);
    }
  });

  test('and not while a row is left: kept;reason=rows-elsewhere', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    const answer = await all(one, 1, 'admin', { onlySiteIds: 1 });
    expect([answer.headers.get(removal), s.there(one.externalId)?.email]).toEqual([
      'kept;reason=rows-elsewhere',
      one.email,
    ]);
    expect((await all(one, 2)).headers.get(removal)).toBe('done');
  });

  test('a soft-deleted row, or one whose site is gone, does not keep them alive, and goes along', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    const hidden = [
      await s.extraRow({ siteId: 2, personId: one.id, email: one.email, deletedAt: longAgo }),
      await s.extraRow({ siteId: gone, personId: one.id, email: one.email }),
    ];
    const answer = await s.put('admin', `${user(1, one.at[1]!)}/do-anonymize`);
    expect([answer.headers.get(removal), idsIn(answer.body.users)]).toEqual(['done', [one.at[1], ...hidden]]);
    for (const id of hidden) expect((await s.row(id))?.email).toBeNull();
  });

  test('none is said where there was nothing to do, or nobody behind the row', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    await all(one);
    expect((await all(one)).headers.get(removal)).toBe('none');
  });

  test('when it does not answer they are pending, and are removed as soon as it does', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    await s.world.oauth.proxy.behave('reset');
    const answer = await all(one);
    await s.world.oauth.proxy.behave('pass');
    expect([answer.status, answer.headers.get(removal), (await s.row(one.at[2]!))?.email]).toEqual([
      200,
      'pending',
      null,
    ]);
    expect(s.there(one.externalId)?.email).toBe(one.email);
    await settle();
    expect(s.there(one.externalId)).toBeUndefined();
  });

  test('asking twice does no harm: somebody who is already gone there counts as done', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    await s.world.oauth.proxy.behave('lose-reply', /delete$/);
    expect((await all(one)).headers.get(removal)).toBe('pending');
    await s.world.oauth.proxy.behave('pass');
    expect(s.there(one.externalId)).toBeUndefined();
    // As if the lease of the lost call had run out.
    await s.world.container.database.rows.leases.destroy({ where: {} });
    await settle();
    expect(await s.world.container.ports.outbox.waiting()).toEqual([]);
    expect(await s.world.container.ports.persons.hasTombstone(s.world.oauth.url, String(one.externalId))).toBe(true);
  });
});

describe('the person exists elsewhere, and is kept: reason=other-clients,', () => {
  test('with a role at an OAuth client that none of our sites uses', async () => {
    const one = await s.person({ at: { 1: 'member' }, extraData: { bio: [{ value: 'een', siteId: 1 }] } });
    await writeThere(s.world, one.externalId, { roles: { [foreignClient]: 2 } });
    const answer = await all(one);
    expect([answer.headers.get(removal), answer.headers.get('x-oauth-values')]).toEqual([
      'kept;reason=other-clients',
      'done',
    ]);
    expect(s.there(one.externalId)).toMatchObject({ email: one.email, extraData: {} });
  });

  test('with one above member at a client of ours but those of the rows just removed', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    await writeThere(s.world, one.externalId, { roles: { [mine]: 5 } });
    expect((await all(one)).headers.get(removal)).toBe('kept;reason=other-clients');
    const other = await s.person({ at: { 1: 'member' } });
    await writeThere(s.world, other.externalId, { roles: { [mine]: 2 } });
    expect((await all(other)).headers.get(removal)).toBe('done');
  });

  test('but not for a high role at the clients of the rows just removed', async () => {
    const one = await s.person({ at: { 1: 'admin', 2: 'editor' } });
    expect((await all(one)).headers.get(removal)).toBe('done');
  });
});

describe('a row made by POST for an existing person who never logged in here', () => {
  test('does not make the person ours to remove: kept;reason=not-ours', async () => {
    const one = await s.person({ at: { 1: 'member' }, isOursToRemove: false });
    const answer = await all(one);
    expect([answer.headers.get(removal), s.there(one.externalId)?.email]).toEqual(['kept;reason=not-ours', one.email]);
  });

  test('while somebody whom POST created is', async () => {
    const { body } = await s.post('moderator', users(1), { email: 'made@example.org' });
    const answer = await s.put('admin', `${user(1, body.id as number)}/do-anonymizeall`);
    expect(answer.headers.get(removal)).toBe('done');
    expect(s.world.oauth.server.people().some(({ email }) => email === 'made@example.org')).toBe(false);
  });
});

describe('somebody who was removed', () => {
  test('leaves a tombstone: their id is refused while it stays, and their address makes somebody new', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    await all(one);
    const { ports } = s.world.container;
    expect(await ports.persons.hasTombstone(s.world.oauth.url, String(one.externalId))).toBe(true);
    const again = await s.post('admin', users(1), { email: one.email });
    expect([again.status, again.body.externalUserId === one.externalId, again.body.lastName]).toEqual([
      201,
      false,
      null,
    ]);
  });

  test('cannot be created while the removal is under way: 503 with Retry-After', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    await s.world.oauth.proxy.behave('reset', /delete$/);
    expect((await all(one)).headers.get(removal)).toBe('pending');
    await s.world.oauth.proxy.behave('pass');
    const answer = await s.post('admin', users(2), { email: one.email });
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([503, true]);
  });
});

describe('…all of a row that is out of reach', () => {
  test('needs the right at the site of the request for rows whose site is gone', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    const row = await s.extraRow({ siteId: gone, personId: one.id, email: one.email });
    expect(refusal(await all(one, 1, 'member'))).toEqual([403, 'owner-or-moderator']);
    const answer = await all(one, 1, 3);
    expect([answer.status, idsIn(answer.body.users)]).toEqual([200, [one.at[1], row]]);
  });
});
