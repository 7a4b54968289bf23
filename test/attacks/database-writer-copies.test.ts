import { raw, sql, type Value } from '../../src/db/sql.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { until } from '../support/until.ts';
import { writeThere } from '../journeys/sentences/support/people.ts';
import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * Somebody who reads and writes the database, and has no key: what the program wrote itself is genuine, and is put where it never
 * was, or back where it was settled.
 */
const [here, elsewhere] = [11, 12] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [here]: { config: { allowedDomains: ['127.0.0.1'] } }, [elsewhere]: {} });
  await change('CREATE TABLE copies AS SELECT topic, `key`, payload, mac FROM civitas_outbox WHERE 1 = 0');
  await change('CREATE TABLE demoted (userId INTEGER)');
  const copied = 'INSERT INTO copies VALUES (NEW.topic, NEW.`key`, NEW.payload, NEW.mac);';
  // Whoever makes somebody loses their right as soon as the OAuth server has answered whom it made: the intent's change.
  const demoting = `UPDATE users SET role = 'member' WHERE NEW.topic = 'user.create' AND id IN (SELECT userId FROM demoted);`;
  await change(`CREATE TRIGGER copied AFTER INSERT ON civitas_outbox FOR EACH ROW BEGIN ${copied} END`);
  await change(`CREATE TRIGGER changed AFTER UPDATE ON civitas_outbox FOR EACH ROW BEGIN ${copied} ${demoting} END`);
});
afterEach(async () => {
  await change('DELETE FROM civitas_outbox');
  await change('DELETE FROM copies');
});
afterAll(() => s.close());

const change = (text: string) => s.world.container.database.change(raw(text));
const select = (text: string) => s.world.container.database.select(raw(text));
type Copy = Readonly<Record<string, unknown>> & { readonly payload: string };
const copiesOf = async (topic: string): Promise<readonly Copy[]> =>
  (await select(`SELECT * FROM copies WHERE topic = '${topic}'`)) as unknown as readonly Copy[];
/** The copy again, due at once. */
const putBack = async ({ topic, key, payload, mac }: Copy): Promise<void> => {
  const now = new Date(Date.now() - 1000).toISOString().replace('T', ' ').slice(0, 23);
  const values = [topic, key, payload, mac, now, 0, now].map((value) => sql`${value as Value}`);
  await s.world.container.database.change(
    sql`INSERT INTO civitas_outbox (topic, \`key\`, payload, mac, dueAt, attempts, createdAt)
        VALUES (${values[0]!}, ${values[1]!}, ${values[2]!}, ${values[3]!}, ${values[4]!}, ${values[5]!}, ${values[6]!})`,
  );
};
/** Until everything that waits was carried out, or waits for something else than an instance. */
const delivered = (topic: string): Promise<void> =>
  until(
    `nothing of ${topic} waits to be tried`,
    async () => {
      const waiting = await select(`SELECT lastError FROM civitas_outbox WHERE topic = '${topic}'`);
      if (waiting.every(({ lastError }) => lastError !== null)) return true;
      await s.world.container.deliver();
      return false;
    },
    40_000,
  );
const thereBy = (email: string) => s.world.oauth.server.people().find((one) => one.email === email);

describe('a client', () => {
  test('whose secret is the fingerprint of a tombstone lets in nobody who knows its text', async () => {
    const gone = await s.person({ at: { [here]: 'member' } });
    const others = (await select('SELECT fingerprint FROM civitas_tombstones')).map((row) => row['fingerprint']);
    await s.remove(gone.at[here]!, user(here, gone.at[here]!));
    await until('the person is removed', () => s.there(gone.externalId) === undefined);
    await delivered('person.remove');
    const known = (await select('SELECT fingerprint FROM civitas_tombstones')).map((row) => row['fingerprint']);
    const [fingerprint] = known.filter((one) => !others.includes(one));
    const key = `civ_${gone.externalId}`;
    await change(
      `INSERT INTO civitas_clients (name, apiKey, secret, scopes, issuer, createdAt)
       VALUES ('x', '${key}', '${String(fingerprint)}', 'public authentication admin', '${s.world.oauth.url}', '2026-01-01 00:00:00')`,
    );
    await change(
      `INSERT INTO civitas_client_sites (clientId, siteId) SELECT id, ${here} FROM civitas_clients WHERE apiKey = '${key}'`,
    );

    for (const purpose of [[], ['tombstone']]) {
      const secret = JSON.stringify([...purpose, s.world.oauth.url, String(gone.externalId)]);
      const answer = await s.post(null, '/oauth/token', {
        ...{ grant_type: 'client_credentials', client_id: key, client_secret: secret, scope: 'admin' },
      });
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    }
  });
});

describe('the intent of a creation', () => {
  const create = async () => {
    const admin = await s.person({ at: { [here]: 'admin' } });
    const email = `terug${admin.externalId}@example.org`;
    const { body } = await s.post(admin.at[here]!, users(here), { email, firstName: 'Terug', role: 'editor' });
    const intents = await copiesOf('user.create');
    expect([typeof body.id, intents.length > 1]).toEqual(['number', true]);
    return { admin, email, userId: body.id as number, intents };
  };
  const rowsBy = (email: string) => select(`SELECT id FROM users WHERE email = '${email}'`);

  test('makes nobody anew who was anonymized since, whichever state of it is put back', async () => {
    const { admin, email, userId, intents } = await create();
    const path = `${user(here, userId)}/do-anonymizeall?view=summary`;
    expect((await s.put(admin.at[here]!, path)).status).toBe(200);
    await until('they are removed', () => thereBy(email) === undefined);

    for (const forgets of [false, true])
      for (const intent of intents) {
        // Whoever puts it back takes away what is remembered, too.
        if (forgets) await change('DELETE FROM civitas_idempotency_keys');
        await putBack(intent);
        await delivered('user.create');
        expect([thereBy(email), await rowsBy(email)]).toEqual([undefined, []]);
        await change('DELETE FROM civitas_outbox');
      }
  });

  test('makes no second row of somebody who still is at the OAuth server', async () => {
    const { admin, email, userId, intents } = await create();
    await writeThere(s.world, thereBy(email)!.id, { roles: { 19: 2 } });
    expect((await s.remove(admin.at[here]!, user(here, userId))).status).toBe(200);

    for (const intent of intents) {
      await putBack(intent);
      await delivered('user.create');
      expect((await rowsBy(email)).filter((row) => row['id'] !== userId)).toEqual([]);
      await change('DELETE FROM civitas_outbox');
    }
  });
});

describe('a removal', () => {
  test('of somebody who was made for a creation that came to nothing says whom, and removes nobody else', async () => {
    const moderator = await s.person({ at: { [here]: 'moderator' } });
    const victim = await s.person({ at: { [elsewhere]: 'member' } });
    await change(`INSERT INTO demoted VALUES (${moderator.at[here]!})`);
    const email = `nooit${victim.externalId}@example.org`;
    expect((await s.post(moderator.at[here]!, users(here), { email })).status).toBe(403);
    await change('DELETE FROM demoted');
    await until('whoever was made is removed', async () => {
      await s.touchOutbox();
      return thereBy(email) === undefined;
    });
    await delivered('person.remove');
    const [removal] = await copiesOf('person.remove');
    const { personId } = JSON.parse(removal!.payload) as { readonly personId: number };

    await change(`UPDATE users SET personId = NULL WHERE personId = ${victim.id}`);
    await change(`UPDATE civitas_persons SET id = ${personId}, createdByUs = 1 WHERE id = ${victim.id}`);
    await putBack(removal!);
    await delivered('person.remove');

    expect(s.there(victim.externalId)).toBeDefined();
    expect(s.world.log()).toMatch(/"level":"error"[^\n]*a person is not who they were/);
  });

  test('that was carried out is not carried out again for somebody who was kept then, nor told of in the audit again', async () => {
    const kept = await s.person({ at: { [here]: 'member' } });
    await writeThere(s.world, kept.externalId, { roles: { 19: 2 } });
    const did = await s.remove(kept.at[here]!, user(here, kept.at[here]!));
    expect(did.headers.get('x-oauth-removal')).toBe('kept');
    await delivered('person.withdraw-values');
    const copies = [...(await copiesOf('person.remove')), ...(await copiesOf('person.withdraw-values'))];
    const said = await select('SELECT operation, oauth FROM civitas_audit WHERE userId IS NULL ORDER BY id');
    await writeThere(s.world, kept.externalId, { roles: { 19: null } });
    await change(
      `INSERT INTO civitas_persons (id, issuer, externalId, createdByUs, state, createdAt)
       VALUES (${kept.id}, '${s.world.oauth.url}', '${kept.externalId}', 1, 'active', '2026-01-01 00:00:00')`,
    );

    expect(copies.length).toBeGreaterThan(1);
    for (const copy of copies) {
      await putBack(copy);
      await delivered(String(copy['topic']));
      await change('DELETE FROM civitas_outbox');
    }

    expect(s.there(kept.externalId)).toBeDefined();
    expect(await select('SELECT operation, oauth FROM civitas_audit WHERE userId IS NULL ORDER BY id')).toEqual(said);
    expect(s.world.log()).toMatch(/"level":"error"[^\n]*a message of the outbox was carried out before/);
  });
});

describe('a row that is dressed as anonymized by an OpenStad API, where there is none', () => {
  test('has nothing anonymized, no vote deleted and no value withdrawn, and is listed by drift', async () => {
    const extraData = { bio: ['Overal', { value: 'Van hier', siteId: here }] };
    const victim = await s.person({ at: { [here]: 'member', [elsewhere]: 'member' }, extraData });
    const admin = await s.person({ at: { [here]: 'admin' } });
    const idea = await s.idea({ siteId: here, userId: admin.at[here]! });
    const vote = await s.vote({ ideaId: idea, userId: victim.at[here]! });
    const logIn = (siteId: number) => {
      const { url, oauth } = s.world;
      const flow = { apiUrl: url, oauthUrl: oauth.url, siteId, redirectUrl: 'http://127.0.0.1/x' };
      return logInAs(aVisitor(), { ...flow, more: '' }, victim.externalId);
    };
    await s.touch('users', victim.at[here]!, { externalUserId: null, role: 'anonymous', lastLogin: new Date(0) });
    const before = await s.row(victim.at[here]!);

    expect((await s.get(null, user(here, victim.at[here]!))).status).toBe(200);
    const fresh = { 'cache-control': 'no-cache' };
    expect((await s.get(admin.at[here]!, user(here, victim.at[here]!), fresh)).status).toBe(200);
    expect((await logIn(here)).status).toBe(409);
    expect((await s.put('admin', user(elsewhere, victim.at[elsewhere]!), { city: 'Assen' })).status).toBe(200);
    expect((await s.post('admin', users(here), { email: victim.email })).status).toBe(409);
    for (; (await s.world.container.deliver()) !== null;) await s.touchOutbox();

    expect(await s.row(victim.at[here]!)).toEqual(before);
    expect(await select(`SELECT id FROM votes WHERE id = ${vote}`)).toHaveLength(1);
    expect(await select(`SELECT id FROM civitas_audit WHERE userId = ${victim.at[here]!}`)).toEqual([]);
    expect(JSON.stringify(s.there(victim.externalId)?.extraData)).toContain('Van hier');
    const { body } = await s.get('admin', '/api/user/drift?kind=found-anonymized&pageSize=1000');
    expect(body.records).toMatchObject([
      { personId: victim.id, users: [{ id: victim.at[here] }, { id: victim.at[elsewhere] }] },
    ]);

    expect((await s.put(admin.at[here]!, `${user(here, victim.at[here]!)}/do-anonymize`)).status).toBe(200);
    expect((await logIn(here)).token).not.toBe('');
  });
});
