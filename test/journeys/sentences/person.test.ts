import { sql } from '../../../src/db/sql.ts';
import { each, refusal, startSentences, user, type SentenceWorld } from './support/world.ts';

/** The sentences of people.md §1 on one person. */
const [one, two] = [11, 12] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [one]: {}, [two]: {} });
});
afterAll(() => s.close());

const personOf = (siteId: number, userId: number): string => `${user(siteId, userId)}/person`;
const looksAt = async (userId: number) =>
  s.world.container.database.select(
    sql`SELECT \`call\`, actorKind, actorId, disposition FROM civitas_audit WHERE userId = ${userId} ORDER BY id`,
  );

describe('the person of a user', () => {
  test('has a platform admin’s rows at all sites, as their own views show them, and what there is beside each', async () => {
    const somebody = await s.person({ at: { [one]: 'member', [two]: 'editor' } });
    const [here, there] = [somebody.at[one]!, somebody.at[two]!];
    const ideaId = await s.idea({ siteId: one, userId: here });
    await s.vote({ ideaId, userId: there });
    await s.vote({ ideaId, userId: there, deletedAt: new Date() });
    await s.get(there, `/oauth/site/${two}/me`);

    const { status, body, headers } = await s.get('admin', personOf(one, here));
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({
      ...{ email: somebody.email, externalUserId: String(somebody.externalId), issuer: s.world.oauth.url, drift: [] },
      users: [
        { id: here, site: { id: one }, contributions: { ideas: 1, votes: 0 }, anonymization: null },
        { id: there, role: 'editor', site: { id: two }, contributions: { ideas: 0, votes: 1 }, sessions: { n: 1 } },
      ],
    });
    for (const shown of body.users)
      expect(shown).toMatchObject((await s.get('admin', user(shown.site.id, shown.id))).body);
  });

  test('has a moderator’s own site alone, without who they are at the OAuth server', async () => {
    const somebody = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const moderator = (await s.person({ at: { [one]: 'moderator' } })).at[one]!;
    const { status, body } = await s.get(moderator, personOf(one, somebody.at[one]!));
    expect([status, each(body.users, 'id')]).toEqual([200, [somebody.at[one]]]);
    expect(Object.keys(body)).toEqual(['displayName', 'email', 'lastLogin', 'users']);
    expect(refusal(await s.get(moderator, personOf(two, somebody.at[two]!)))).toEqual([403, 'moderator-needed']);
  });

  test('is told once it is written down who looked, row by row; a repeated look, again', async () => {
    const somebody = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const moderator = (await s.person({ at: { [one]: 'moderator' } })).at[one]!;
    await s.get(moderator, personOf(one, somebody.at[one]!));
    await s.get('admin', personOf(one, somebody.at[one]!));
    const look = { call: 'read-person', disposition: null };
    expect(await looksAt(somebody.at[one]!)).toEqual([
      { ...look, actorKind: 'staff', actorId: moderator },
      { ...look, actorKind: 'fixed-token', actorId: expect.any(Number) },
    ]);
    expect(await looksAt(somebody.at[two]!)).toHaveLength(1);
  });

  test('is not written down where it is refused, or not there', async () => {
    const somebody = await s.person({ at: { [one]: 'member' } });
    const member = (await s.person({ at: { [one]: 'member' } })).at[one]!;
    expect((await s.get(member, personOf(one, somebody.at[one]!))).status).toBe(403);
    expect((await s.get('admin', personOf(two, somebody.at[one]!))).status).toBe(404);
    expect((await s.get('admin', `${personOf(one, somebody.at[one]!)}?view=all`)).status).toBe(400);
    expect(await looksAt(somebody.at[one]!)).toEqual([]);
  });

  test('who is anonymized has no other row, and what the audit has of it to the second', async () => {
    const somebody = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const id = somebody.at[one]!;
    expect((await s.put('admin', `${user(one, id)}/do-anonymize`)).status).toBe(200);
    const { status, body } = await s.get('moderator', personOf(one, id));
    expect([status, each(body.users, 'id')]).toEqual([200, [id]]);
    const { anonymization } = body.users[0];
    expect(anonymization).toMatchObject({ userId: id, call: 'do-anonymize', disposition: 'anonymized' });
    expect([anonymization.at, anonymization.by]).toEqual([
      expect.stringMatching(/\.000Z$/),
      { kind: expect.any(String) },
    ]);
    expect((await s.get('admin', personOf(two, somebody.at[two]!))).body.users).toHaveLength(1);
  });

  test('of a row whose details are hidden tells of no login', async () => {
    const somebody = await s.person({ at: { [one]: 'member' }, columns: { detailsViewableByRole: 'admin' } });
    const { body } = await s.get('moderator', personOf(one, somebody.at[one]!));
    expect([body.email, body.lastLogin, 'sessions' in body.users[0]]).toEqual([null, null, false]);
  });
});
