import { raw, sql } from '../../src/db/sql.ts';
import { removeLeftBehind } from '../../src/use-cases/person-sync/remove-left-behind.ts';
import { openstadApi, type OpenstadApi } from '../support/openstad-api.ts';
import { until } from '../support/until.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { writeThere, type Somebody } from './sentences/support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from './sentences/support/world.ts';

/** oauth-server.md §3: an OpenStad API beside us anonymizes rows every night; nothing brings anybody back. */
let s: SentenceWorld;
let openstad: OpenstadApi;
const [site, other] = [8, 9];
const config = { allowedDomains: ['city.example', '127.0.0.1'] };
beforeAll(async () => {
  s = await startSentences({ [site]: { config }, [other]: { config } }, { besideOpenstad: true });
  openstad = openstadApi(s.world.container.database);
});
afterAll(() => s.close());

const anew = { 'cache-control': 'no-cache' };
const at = (one: Somebody, where = site): number => one.at[where] ?? 0;
const extraData = {
  bio: ['Bio', { value: 'Bio van hier', siteId: site }, { value: 'Bio van daar', siteId: other }],
};
const somebody = (where: readonly number[] = [site, other]): Promise<Somebody> =>
  s.person({ at: Object.fromEntries(where.map((id) => [id, 'member' as const])), extraData });
const wholly = {
  ...{
    personId: null,
    externalUserId: null,
    externalAccessToken: null,
    role: 'anonymous',
    email: null,
    nickName: null,
  },
  ...{ firstName: 'Gebruiker', lastName: 'verwijderd', postcode: null, zipCode: null, city: null, phoneNumber: null },
  ...{ extraData: {}, anonymizedAt: expect.any(Date) },
};
const auditOf = (userId: number) =>
  s.world.container.database.select(
    sql`SELECT ${raw('`call`, actorKind, actorId, disposition, oauth')} FROM civitas_audit WHERE userId = ${userId} ORDER BY id`,
  );
const leftBehind = async (one: Somebody): Promise<boolean> => {
  const { body } = await s.get('admin', '/api/user/drift?kind=left-behind&pageSize=1000');
  return (body.records as readonly { personId: number }[]).some(({ personId }) => personId === one.id);
};
const logIn = async (one: Somebody, siteId = site) => {
  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId, redirectUrl: 'https://city.example/' };
  return logInAs(aVisitor(), { ...flow, more: '' }, one.externalId);
};

describe('a user whom an OpenStad API anonymized', () => {
  test('is not filled with name, e-mail and role again by the next view, but anonymized once more', async () => {
    const one = await somebody();
    const idea = await s.idea({ siteId: site, userId: at(one) });
    const vote = await s.vote({ userId: at(one), ideaId: idea });
    await openstad.anonymize(at(one));
    expect(await s.row(at(one))).toMatchObject({ postcode: '1234AB', extraData: { bio: 'Bio van hier' } });

    const seen = await s.get('admin', user(site, at(one)), anew);
    expect(seen.status).toBe(200);
    expect(seen.body).toMatchObject({ firstName: 'Gebruiker', role: 'anonymous' });
    expect(await s.row(at(one))).toMatchObject(wholly);
    const [kept] = await s.world.container.database.select(sql`SELECT ip FROM votes WHERE id = ${vote}`);
    expect(kept).toEqual({ ip: null });
    expect(await auditOf(at(one))).toEqual([
      {
        call: 'found anonymized',
        actorKind: 'openstad-api',
        actorId: null,
        disposition: 'anonymized',
        oauth: 'withdraw',
      },
    ]);
  });

  test('stays so where the person is looked at, written or logs in at another site, and loses their values there', async () => {
    const operations: readonly ((one: Somebody) => Promise<unknown>)[] = [
      (one) => s.get('admin', user(other, at(one, other)), anew),
      (one) => s.put('admin', user(other, at(one, other)), { city: 'Harlingen' }),
      (one) => logIn(one, other),
      (one) => s.get(at(one, other), user(other, at(one, other)), anew),
    ];
    for (const operation of operations) {
      const one = await somebody();
      await openstad.anonymize(at(one));
      await operation(one);
      await s.get('admin', user(other, at(one, other)), anew);
      expect(await s.row(at(one))).toMatchObject(wholly);
      expect(await s.row(at(one, other))).toMatchObject({ email: one.email, extraData: { bio: 'Bio van daar' } });
      await until('the values of the site are withdrawn', async () => {
        await s.touchOutbox();
        return !JSON.stringify(s.there(one.externalId)?.extraData).includes('Bio van hier');
      });
      expect(JSON.stringify(s.there(one.externalId)?.extraData)).toContain('Bio van daar');
    }
  });

  test('stays so, and is seen as an OpenStad API left them, while the OAuth server is away', async () => {
    const one = await somebody();
    await openstad.anonymize(at(one));
    await s.world.oauth.proxy.behave('refuse');
    expect((await s.get(null, user(site, at(one)))).status).toBe(200);
    expect((await s.get('admin', user(site, at(one)), anew)).status).toBeGreaterThanOrEqual(502);
    await s.world.oauth.proxy.behave('pass');
    expect(await s.row(at(one))).toMatchObject({ email: null, role: 'anonymous', firstName: 'Gebruiker' });
  });

  test('cannot be changed: 409, and nothing is written at the OAuth server', async () => {
    const one = await somebody();
    await openstad.anonymize(at(one));
    const put = (who: 'admin' | number) => s.put(who, user(site, at(one)), { firstName: 'Terug' });
    const { result, writes } = await s.writesDuring(() => put('admin'));
    expect([refusal(result), writes]).toEqual([[409, 'already-anonymized'], 0]);
  });

  test('is nobody any more to the session that they had: 401', async () => {
    const one = await somebody();
    expect((await s.get(at(one), user(site, at(one)))).status).toBe(200);
    await openstad.anonymize(at(one));
    expect((await s.get(at(one), user(site, at(one)))).status).toBe(401);
    expect((await s.get(at(one, other), user(other, at(one, other)))).status).toBe(200);
  });

  test('comes as somebody new when they log in again at the same site, without what they said there before', async () => {
    for (const where of [[site, other], [site]]) {
      const one = await somebody(where);
      await openstad.anonymize(at(one));
      const done = await logIn(one);
      expect([done.status, done.token === '']).toEqual([302, false]);
      expect(await s.row(at(one))).toMatchObject(wholly);
      const { body } = await s.get(null, `/oauth/site/${site}/me`, { authorization: `Bearer ${done.token}` });
      expect(body).toMatchObject({ email: one.email, extraData: { bio: 'Bio' } });
      expect(body.id).not.toBe(at(one));
      expect(await leftBehind(one)).toBe(false);
    }
  });

  test('can be added again by a moderator', async () => {
    const one = await somebody();
    await openstad.anonymize(at(one));
    const made = await s.post('moderator', users(site), { email: one.email });
    expect(made.status).toBe(201);
    expect(await s.row(at(one))).toMatchObject(wholly);
    expect((await s.row(made.body.id as number))?.email).toBe(one.email);
  });

  test('is not removed at the OAuth server where it was the last row: that waits for an operator', async () => {
    const one = await somebody([site]);
    await openstad.anonymize(at(one));
    await s.get('admin', user(site, at(one)), anew);
    await s.touchOutbox();
    await until('the values of the site are withdrawn', () =>
      Promise.resolve(!JSON.stringify(s.there(one.externalId)?.extraData).includes('Bio van hier')),
    );
    expect(await s.row(at(one))).toMatchObject(wholly);
    expect(s.there(one.externalId)).toBeDefined();
    expect(await leftBehind(one)).toBe(true);

    const remove = removeLeftBehind(s.world.container.ports, s.world.container.deliver);
    expect(await remove(one.id)).toBe('done');
    expect([s.there(one.externalId), await leftBehind(one)]).toEqual([undefined, false]);
  });

  test('of whom another row is left is not removed by an operator either', async () => {
    const one = await somebody();
    await openstad.anonymize(at(one));
    await s.get('admin', user(site, at(one)), anew);
    const remove = removeLeftBehind(s.world.container.ports, s.world.container.deliver);
    await expect(remove(one.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(s.there(one.externalId)).toBeDefined();
  });

  test('is anonymized as anybody else by do-anonymize, which removes the person', async () => {
    const one = await somebody([site]);
    await openstad.anonymize(at(one));
    const done = await s.put('admin', `${user(site, at(one))}/do-anonymize`);
    expect([done.status, done.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
    expect(await s.row(at(one))).toMatchObject(wholly);
    expect(s.there(one.externalId)).toBeUndefined();
  });
});

describe('a user whom another program gave to another person', () => {
  test('gets no profile of either, and the other person once rows are linked', async () => {
    const [one, heir] = [await somebody(), await somebody([other])];
    await openstad.update(at(one), { externalUserId: heir.externalId });
    await writeThere(s.world, one.externalId, { lastName: 'Anders' });
    expect((await s.get(at(one), user(site, at(one)))).status).toBe(401);
    expect((await s.get('admin', user(other, at(one, other)), anew)).body.lastName).toBe('Anders');
    expect(await s.row(at(one))).toMatchObject({
      personId: null,
      lastName: 'van Dijk',
      externalUserId: heir.externalId,
    });
    expect((await logIn(one)).status).toBe(302);
    expect((await s.row(at(one)))?.personId).toBeNull();
  });
});
