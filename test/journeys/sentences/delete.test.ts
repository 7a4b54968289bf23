import { sql } from '../../../src/db/sql.ts';
import { longAgo } from './support/people.ts';
import { refusal, startSentences, user, users, whenTold, type SentenceWorld } from './support/world.ts';

/** user-api.md §3 "Delete". */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({}, whenTold);
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const ids = async (table: 'ideas' | 'articles' | 'arguments' | 'votes', wanted: readonly number[]) => {
  const { database } = s.world.container;
  const found = await database.rows[table].findAll({ where: { id: [...wanted] }, attributes: ['id'], raw: true });
  return found.map((row) => (row as unknown as { id: number }).id).sort((one, other) => one - other);
};

describe('delete', () => {
  test.each([
    ['nobody', null, 1, [401]],
    ['a member', 'member', 1, [403, 'owner-or-moderator']],
    ['anonymous', 'anonymous', 1, [403, 'owner-or-moderator']],
    ['a moderator of another site only', 3, 2, [403, 'owner-or-moderator']],
  ] as const)('is for owner and mod, not for %s', async (_who, actor, site, expected) => {
    const one = await s.person({ at: { [site]: 'member' } });
    expect(refusal(await s.remove(actor, user(site, one.at[site]!)))).toEqual(expected);
    expect([(await s.row(one.at[site]!))?.city, s.there(one.externalId)?.city]).toEqual(['Utrecht', 'Utrecht']);
  });

  test('of a user of another site, a wrong id or a deleted one is 404', async () => {
    const one = await s.person({ at: { 2: 'member' } });
    for (const path of [user(1, one.at[2]!), user(1, 8_000_000), user(1, 'x'), user(99, one.at[2]!)]) {
      expect((await s.remove('admin', path)).status).toBe(404);
    }
    expect((await s.remove('admin', user(2, one.at[2]!))).status).toBe(200);
    expect((await s.remove('admin', user(2, one.at[2]!))).status).toBe(404);
  });

  test.each(['owner', 'moderator', 'admin'])(
    'answers 200 {"user": "deleted"} to %s, and the row is gone',
    async (who) => {
      const one = await s.person({ at: { 1: 'member', 2: 'member' } });
      const answer = await s.remove(who === 'owner' ? one.at[1]! : who, user(1, one.at[1]!));
      expect([answer.status, answer.body]).toEqual([200, { user: 'deleted' }]);
      expect([await s.row(one.at[1]!), (await s.get('admin', user(1, one.at[1]!))).status]).toEqual([undefined, 404]);
    },
  );

  test('removes all that the user contributed at this site, and what stands on their ideas; replies by others stay and lose parentId', async () => {
    const [one, other] = [
      await s.person({ at: { 1: 'member', 2: 'member' } }),
      await s.person({ at: { 1: 'member' } }),
    ];
    const [own, theirs] = [one.at[1]!, other.at[1]!];
    const idea = await s.idea({ siteId: 1, userId: own });
    const hidden = await s.idea({ siteId: 1, userId: own, deletedAt: longAgo });
    const elsewhere = await s.idea({ siteId: 2, userId: one.at[2]! });
    const others = await s.idea({ siteId: 1, userId: theirs });
    const article = await s.article({ siteId: 1, userId: own });
    const argument = await s.argument({ ideaId: others, userId: own });
    const reply = await s.argument({ ideaId: others, userId: theirs, parentId: argument });
    const onTheirs = await s.argument({ ideaId: idea, userId: theirs });
    const vote = await s.vote({ ideaId: others, userId: own });
    const votes = [await s.vote({ ideaId: idea, userId: theirs }), await s.vote({ ideaId: others, userId: theirs })];

    const answer = await s.remove('moderator', user(1, own));

    expect(answer.status).toBe(200);
    expect(await ids('ideas', [idea, hidden, elsewhere, others])).toEqual([elsewhere, others]);
    expect(await ids('articles', [article])).toEqual([]);
    expect(await ids('arguments', [argument, reply, onTheirs])).toEqual([reply]);
    expect(await ids('votes', [vote, ...votes])).toEqual([votes[1]]);
    const [left] = await s.world.container.database.select(sql`SELECT parentId FROM arguments WHERE id = ${reply}`);
    expect(left?.['parentId']).toBeNull();
  });

  test('leaves the person at the OAuth server, without this site’s values, while they have a row elsewhere', async () => {
    const one = await s.person({
      at: { 1: 'member', 2: 'member' },
      extraData: {
        bio: ['plain', { value: 'een', siteId: 1 }, { value: 'twee', siteId: 2 }],
        nickName: [{ value: 'Nik', siteId: 1 }],
      },
    });
    const answer = await s.remove('admin', user(1, one.at[1]!));
    expect([answer.headers.get('x-oauth-removal'), answer.headers.get('x-oauth-values')]).toEqual([
      'kept;reason=rows-elsewhere',
      'done',
    ]);
    expect(s.there(one.externalId)?.extraData).toEqual({ bio: ['plain', { value: 'twee', siteId: 2 }] });
  });

  test('of the last row removes the person at the OAuth server too', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    const answer = await s.remove(one.at[1]!, user(1, one.at[1]!));
    expect([answer.headers.get('x-oauth-removal'), s.there(one.externalId)]).toEqual(['done', undefined]);
    expect((await s.get(one.at[1]!, users(1))).status).toBe(401);
  });

  test('of the last row anonymizes the soft-deleted rows along', async () => {
    const one = await s.person({ at: { 1: 'member', 2: 'member' } });
    await s.touch('users', one.at[2]!, { deletedAt: longAgo });
    const answer = await s.remove('moderator', user(1, one.at[1]!));
    expect([answer.headers.get('x-oauth-removal'), (await s.row(one.at[2]!))?.email]).toEqual(['done', null]);
  });

  test('of a row that keeps nobody calls nobody', async () => {
    const id = await s.extraRow({ siteId: 1 });
    s.world.oauth.proxy.forgetCalls();
    const answer = await s.remove('moderator', user(1, id));
    expect([answer.status, answer.headers.get('x-oauth-removal'), s.world.oauth.proxy.calls()]).toEqual([
      200,
      'none',
      0,
    ]);
  });

  test('when the OAuth server is away is done here and pending there, until it answers', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    await s.world.oauth.proxy.behave('refuse');
    const answer = await s.remove('admin', user(1, one.at[1]!));
    await s.world.oauth.proxy.behave('pass');
    expect([answer.status, answer.headers.get('x-oauth-removal'), s.there(one.externalId) === undefined]).toEqual([
      200,
      'pending',
      false,
    ]);
    // The outbox looks by itself; a test does not wait for its pause.
    await s.touchOutbox();
    await s.world.container.deliver();
    expect(s.there(one.externalId)).toBeUndefined();
  });

  test('of an anonymized user takes what kept standing', async () => {
    const one = await s.person({ at: { 1: 'member' } });
    const idea = await s.idea({ siteId: 1, userId: one.at[1]! });
    await s.put('admin', `${user(1, one.at[1]!)}/do-anonymize`);
    expect((await s.remove('moderator', user(1, one.at[1]!))).status).toBe(200);
    expect(await ids('ideas', [idea])).toEqual([]);
  });
});
