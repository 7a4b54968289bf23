import { decodeJwt } from 'jose';
import { raw, sql } from '../../src/db/sql.ts';
import { personThere } from './sentences/support/people.ts';
import { ampleMs } from '../support/misbehaving-server.ts';
import { startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 1, oauthTimeLimitMs: ampleMs });
});
afterAll(() => world.close());

const doAnonymize = (who: string | number, siteId: number, userId: number, all = '') =>
  world.call(who, 'PUT', `/api/site/${siteId}/user/${userId}/do-anonymize${all}`);
const operationOf = (did: Answer, who: string | number | null): Promise<Answer> =>
  world.call(who, 'GET', did.headers.get('location') ?? 'none');
const receiptOf = (did: Answer): string => /<(.+)>/.exec(did.headers.get('link') ?? '')?.[1] ?? 'none';

describe('the operation of a do- call', () => {
  let did: Answer;
  beforeAll(async () => {
    await world.container.database.rows.users.update({ role: 'moderator' }, { where: { id: 101 } });
    did = await doAnonymize('moderator', 1, 104);
  });

  it('says who asked, what was done, what came of it, and where the receipt is', async () => {
    const { status, body, headers } = await operationOf(did, 'moderator');

    expect(did.headers.get('location')).toMatch(/^\/api\/operation\/[\w-]{43}$/);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({
      ...{ call: 'do-anonymize', users: 1, sites: [{ id: 1, users: 1 }], by: { kind: 'fixed-token', userId: 3 } },
      ...{ state: 'done', receipt: receiptOf(did) },
    });
    expect(body.id).toBe(did.headers.get('location')?.split('/').at(-1));
  });

  it('does not tell who is no platform admin why the person was kept, nowhere', async () => {
    const [mine, part] = [
      await operationOf(did, 'moderator'),
      await world.call('moderator', 'GET', '/api/site/1/user/104/anonymization'),
    ];
    expect(did.headers.get('x-oauth-removal')).toBe('kept');
    for (const { body } of [mine, part]) expect(body.oauth).toMatchObject({ removal: 'kept', reason: null });
    expect(mine.text + part.text).not.toMatch(/elsewhere|other-clients/);
    const receipt = (await world.call(null, 'GET', receiptOf(did))).text.split('.')[1] ?? '';
    expect(Buffer.from(receipt, 'base64url').toString()).not.toMatch(/elsewhere|other-clients/);
    expect((await operationOf(did, 'admin')).body.oauth).toMatchObject({ removal: 'kept', reason: 'rows-elsewhere' });
  });

  it('is there for who made the call and for platform admins, and for nobody else', async () => {
    for (const [who, status] of [
      ...[['moderator', 200] as const, ['admin', 200] as const, ['editor', 404] as const, ['member', 404] as const],
      ...[[101, 404] as const, [null, 401] as const],
    ])
      expect([who, (await operationOf(did, who)).status]).toEqual([who, status]);
  });

  it('is not found by a guess, by the receipt’s address, or by what is no name', async () => {
    const token = receiptOf(did).replace('/receipts/', '');
    for (const id of ['x'.repeat(43), token, 'x', '%00', '..%2f', 'x'.repeat(5000)])
      expect([id, (await world.call('admin', 'GET', `/api/operation/${id}`)).status]).toEqual([id, 404]);
  });

  it('gives away the receipt to nobody who knows its name alone', async () => {
    const { id } = (await operationOf(did, 'admin')).body as { id: string };
    for (const guess of [id, id + id, id + '0'.repeat(64)])
      expect((await world.call(null, 'GET', `/receipts/${guess}`)).status).toBe(404);
  });

  it('tells with the user, too, to who made the call, where the receipt is', async () => {
    const [mine, others] = [
      await world.call('moderator', 'GET', '/api/site/1/user/104/anonymization'),
      await world.call('editor', 'GET', '/api/site/1/user/104/anonymization'),
    ];
    expect(mine.body.whole).toMatchObject({
      ...{ receipt: receiptOf(did), operation: did.headers.get('location'), rows: [{ userId: 104 }] },
    });
    expect(others.text).not.toMatch(/"whole"|receipts/);
  });
});

describe('while the OAuth server is away', () => {
  it('the operation is running until it has answered', async () => {
    await world.oauth.proxy.behave('refuse');
    const did = await doAnonymize('admin', 1, 114, 'all');
    expect((await operationOf(did, 'admin')).body).toMatchObject({ state: 'running', oauth: { removal: 'pending' } });

    await world.oauth.proxy.behave('pass');
    await until('the removal', async () => {
      await world.container.ports.outbox.retry();
      return (await operationOf(did, 'admin')).body.state === 'done';
    });
    expect((await operationOf(did, 'admin')).body.oauth).toMatchObject({ removal: 'removed', values: 'none' });
  });
});

describe('somebody who anonymizes themself', () => {
  it('has no session to read the operation with, and a receipt that needs none', async () => {
    const did = await doAnonymize(120, 1, 120, 'all');

    expect((await operationOf(did, 120)).status).toBe(401);
    expect((await world.call(null, 'GET', receiptOf(did))).status).toBe(200);
    expect((await operationOf(did, 'admin')).body.by).toEqual({ kind: 'owner', userId: 120 });
  });
});

describe('what leaves nothing to follow', () => {
  it('names no operation: a preview, a refusal, and what was anonymized before', async () => {
    const preview = await world.call('admin', 'GET', '/api/site/1/user/106/will-anonymize');
    const again = await doAnonymize('admin', 1, 104);
    for (const answer of [preview, again]) expect([answer.status, answer.headers.get('location')]).toEqual([200, null]);
  });
});

describe('somebody who was added and never logged in', () => {
  it('is anonymized without a word of the OAuth server, which would say whether they were there before', async () => {
    await personThere(world, { email: 'elders@example.org', firstName: 'Els', lastName: 'Ders' });
    const added = await world.call('moderator', 'POST', '/api/site/1/user', { email: 'elders@example.org' });
    const did = await doAnonymize('moderator', 1, added.body.id as number);
    expect(did.status).toBe(200);

    const answers = [
      await operationOf(did, 'moderator'),
      await world.call('moderator', 'GET', `/api/site/1/user/${added.body.id}/anonymization`),
    ];
    for (const { status, body } of answers) {
      expect([status, body.userId ?? body.users]).toEqual([200, expect.any(Number)]);
      expect(body).not.toHaveProperty('oauth');
      expect(body).not.toHaveProperty('state');
      expect(body.whole?.outcomes ?? []).toEqual([]);
    }
    expect(decodeJwt((await world.call(null, 'GET', receiptOf(did))).text)).not.toHaveProperty('oauth');
    expect((await operationOf(did, 'admin')).body).toHaveProperty('oauth');
  });
});

describe('the reason of a do- call', () => {
  it('is kept with it: in the operation, in the receipt, and with the user for who may know of the whole', async () => {
    const did = await world.call('admin', 'PUT', '/api/site/1/user/106/do-anonymize?reason=Zaak%232024-7');

    expect((await operationOf(did, 'admin')).body.reason).toBe('Zaak#2024-7');
    expect(decodeJwt((await world.call(null, 'GET', receiptOf(did))).text)).toMatchObject({ reason: 'Zaak#2024-7' });
    const [admins, moderators] = [
      await world.call('admin', 'GET', '/api/site/1/user/106/anonymization'),
      await world.call('moderator', 'GET', '/api/site/1/user/106/anonymization'),
    ];
    expect(admins.body.whole.reason).toBe('Zaak#2024-7');
    expect(moderators.text).not.toContain('Zaak');
  });

  it('that is another under the same Idempotency-Key is another call', async () => {
    const call = (reason: string) =>
      world.call('admin', 'PUT', '/api/site/1/user/124/do-anonymize', { reason }, { 'idempotency-key': 'k' });
    expect([
      (await call('a')).status,
      (await call('a')).headers.get('idempotency-replayed'),
      (await call('b')).status,
    ]).toEqual([200, 'true', 422]);
  });

  it('of a whole site stands with each of its people', async () => {
    await world.container.database.change(
      sql`UPDATE sites SET config = ${'{"project":{"projectHasEnded":true}}'} WHERE id = 6`,
    );
    const begun = await world.call('admin', 'PUT', '/api/site/6/do-anonymize-all-users', { reason: 'Zaak-8' });
    expect([begun.status, begun.body.statedReason]).toEqual([202, 'Zaak-8']);
    const status = () => world.call('admin', 'GET', begun.headers.get('location') ?? '');
    await until('the run', async () => (await status()).body.state === 'done');

    const rows = await world.container.database.select(
      sql`SELECT DISTINCT reason FROM civitas_audit WHERE ${raw('`call`')} = 'do-anonymize-all-users'`,
    );
    expect(rows).toEqual([{ reason: 'Zaak-8' }]);
  });
});
