import { generateKeyPairSync } from 'node:crypto';
import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose';
import { sql, type Sql } from '../../src/db/sql.ts';
import { startApp } from '../../src/lifecycle.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createContainer } from '../../src/container.ts';
import { sealAudit } from '../../src/use-cases/audit/seal.ts';
import { verifyAudit } from '../../src/use-cases/audit/verify-audit.ts';
import { markPerson } from '../support/marked-person.ts';
import { ampleMs } from '../support/misbehaving-server.ts';
import { startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';
import { tracesOf } from '../support/residue.ts';
import { until } from '../support/until.ts';

let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 1, oauthTimeLimitMs: ampleMs });
});
afterAll(() => world.close());

const addressIn = (answer: Answer): string =>
  /^<(\/receipts\/[\w-]{107})>; rel="receipt"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? 'none';
/** The claims of a receipt, verified against the keys that the API publishes. */
const claimsAt = async (address: string, call = world.call): Promise<Answer['body']> => {
  const [receipt, keys] = [await call(null, 'GET', address), await call(null, 'GET', '/.well-known/jwks.json')];
  if (receipt.status !== 200) throw new Error(`${receipt.status}: ${receipt.text}`);
  const { payload } = await compactVerify(receipt.text, createLocalJWKSet(keys.body), { algorithms: ['EdDSA'] });
  return JSON.parse(new TextDecoder().decode(payload)) as unknown;
};
const statusOf = (who: Parameters<RecordedWorld['call']>[0], siteId: number, id: number) =>
  world.call(who, 'GET', `/api/site/${siteId}/user/${id}/anonymization`);

describe('the receipt of a do-anonymizeall', () => {
  const rows = [
    { id: 111, siteId: 1 },
    { id: 112, siteId: 2 },
    { id: 113, siteId: 3 },
  ];
  let did: Answer;
  let preview: Answer;
  let marks: readonly string[];
  beforeAll(async () => {
    ({ marks } = await markPerson(world, rows));
    preview = await world.call('admin', 'GET', '/api/site/1/user/111/will-anonymizeall?view=summary');
    did = await world.call('admin', 'PUT', '/api/site/1/user/111/do-anonymizeall');
  });

  it('says who asked, when, for which plan, on which sites, how many, and what came of it', async () => {
    const claims = await claimsAt(addressIn(did));

    expect(claims).toMatchObject({
      call: 'do-anonymizeall',
      by: { kind: 'fixed-token', userId: 2 },
      digest: preview.body.digest,
      users: 3,
      sites: [1, 2, 3].map((id) => ({ id, users: 1 })),
      oauth: { removal: 'removed', values: 'none' },
      sealedAs: null,
    });
    expect(did.headers.get('x-oauth-removal')).toBe('done');
    expect(world.oauth.server.people().some(({ id }) => id === 1006)).toBe(false);
    const sites = preview.body.sites as readonly Readonly<Record<string, number>>[];
    const total = (key: string): number => sites.reduce((sum, site) => sum + (site[key] ?? 0), 0);
    expect(claims.counts.votes.remove).toBeGreaterThanOrEqual(total('votesRemoved'));
    expect(claims.counts.ideas.keep).toBe(total('ideas'));
  });

  it('is a text of its own kind, kept by nobody on the way, for whoever knows the address', async () => {
    const answer = await world.call(null, 'GET', addressIn(did));

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/jose']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('holds no personal value, and names no row of the person', async () => {
    const claims = await claimsAt(addressIn(did));

    expect(tracesOf(marks, JSON.stringify(claims))).toEqual([]);
    expect(JSON.stringify(claims)).not.toMatch(/\b11[123]\b/);
  });

  it('tells once it is sealed where, so that it anchors the chain', async () => {
    await sealAudit(world.container.ports)(() => false);

    const { sealedAs } = await claimsAt(addressIn(did));

    expect(sealedAs).toMatch(/^[0-9a-f]{64}$/);
    expect((await verifyAudit(world.container.ports)(sealedAs)).findings).toEqual([]);
  });

  it('tells of no seal that was made over another row', async () => {
    const { database } = world.container;
    const later = addressIn(await world.call('admin', 'PUT', '/api/site/1/user/101/do-anonymize'));
    expect((await claimsAt(later)).sealedAs).toBeNull();
    const idOf = async (where: Sql) =>
      Number((await database.select(sql`SELECT MAX(id) AS id FROM civitas_audit WHERE ${where}`))[0]?.['id']);
    const [sealed, unsealed] = [
      await idOf(sql`id IN (SELECT auditId FROM civitas_audit_seals)`),
      await idOf(sql`id NOT IN (SELECT auditId FROM civitas_audit_seals)`),
    ];

    await database.change(sql`UPDATE civitas_audit_seals SET auditId = ${unsealed} WHERE auditId = ${sealed}`);

    expect((await claimsAt(later)).sealedAs).toBeNull();
    await database.change(sql`UPDATE civitas_audit_seals SET auditId = ${sealed} WHERE auditId = ${unsealed}`);
  });

  it('cannot be changed', async () => {
    const { text } = await world.call(null, 'GET', addressIn(did));
    const { body } = await world.call(null, 'GET', '/.well-known/jwks.json');
    const [header, payload = '', signature] = text.split('.');
    const claims = Buffer.from(payload, 'base64url').toString().replace('"users":3', '"users":4');
    const forged = [header, Buffer.from(claims).toString('base64url'), signature].join('.');

    await expect(compactVerify(forged, createLocalJWKSet(body))).rejects.toThrow('signature verification failed');
  });

  it('is not found at a guessed address, or at what is none', async () => {
    for (const guess of ['x'.repeat(43), 'x', '%00', '..%2f', 'x'.repeat(5000), addressIn(did).slice(10, -1)]) {
      const answer = await world.call(null, 'GET', `/receipts/${guess}`);
      expect([answer.status, answer.body.type]).toEqual([404, '/problems/not-found']);
    }
  });

  it('is in no log, by its address', async () => {
    const token = addressIn(did).replace('/receipts/', '');
    await world.call(null, 'GET', `/receipts/${token}?x=1`);
    await world.call('nobody', 'GET', `/receipts/${token}`);
    await world.call(null, 'POST', `/receipts/${token}`);
    await world.call(null, 'GET', `/receipts/${token}/more`);

    expect(world.log()).toContain('"route":"/receipts/{token}"');
    expect(world.log()).not.toContain(token);
  });

  it('verifies after the key was rotated, with the old key’s public half alone', async () => {
    const before = await world.call(null, 'GET', addressIn(did));
    const { body: formerKeys } = await world.call(null, 'GET', '/.well-known/jwks.json');
    const [former] = formerKeys.keys;
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(former.x, 'base64url')]);
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const config = loadConfig({ env: { ...world.env, RECEIPT_KEY: `${pem},${spki.toString('base64')}` } });
    const container = createContainer({ ...config, log: { level: 'silent' } });
    const app = await startApp(container, config);

    const call = world.at(app.url);
    const { body: keys } = await call(null, 'GET', '/.well-known/jwks.json');
    const after = await call(null, 'GET', addressIn(did));
    expect(keys.keys).toHaveLength(2);
    expect(JSON.stringify(keys)).not.toContain('"d"');
    await expect(compactVerify(before.text, createLocalJWKSet(keys))).resolves.toBeDefined();
    await expect(compactVerify(after.text, createLocalJWKSet(keys))).resolves.toBeDefined();
    expect(decodeProtectedHeader(after.text).kid).not.toBe(decodeProtectedHeader(before.text).kid);
    await app.stop();
  });

  it('is not given where nothing was left to do, and not for a preview', async () => {
    const again = await world.call('admin', 'PUT', '/api/site/1/user/111/do-anonymize');
    expect([again.status, again.headers.get('link')]).toEqual([200, null]);
    expect(preview.headers.get('link')).toBeNull();
  });

  it('tells moderators of one site their part, and platform admins the whole', async () => {
    const [part, whole] = [await statusOf('moderator', 2, 112), await statusOf('admin', 2, 112)];

    expect(part.body).toMatchObject({ userId: 112, siteId: 2, call: 'do-anonymizeall', by: { kind: 'fixed-token' } });
    expect(part.body.oauth).toEqual({ removal: 'removed', reason: null, values: 'none' });
    expect(part.text).not.toMatch(/\b11[13]\b|"deed"|"digest"|"whole"/);
    expect(part.headers.get('cache-control')).toBe('no-store');
    expect(whole.body.whole.rows).toMatchObject([111, 112, 113].map((userId) => ({ userId })));
    expect(whole.body.whole.outcomes).toMatchObject([{ call: 'oauth-removal', outcome: 'done' }]);
    expect(tracesOf(marks, part.text + whole.text)).toEqual([]);
  });

  it('tells nobody else: not members, not visitors, not of another site, not of somebody who is still there', async () => {
    expect((await statusOf('member', 2, 112)).body).toMatchObject({ status: 403, rule: 'moderator-needed' });
    expect((await statusOf(null, 2, 112)).status).toBe(401);
    expect((await statusOf('moderator', 1, 112)).body.type).toBe('/problems/user-not-found');
    expect((await statusOf('moderator', 1, 106)).body.type).toBe('/problems/user-not-found');
  });
});

describe('somebody who anonymizes themself', () => {
  it('has a receipt, and their own row elsewhere is not told to moderators', async () => {
    const did = await world.call(120, 'PUT', '/api/site/1/user/120/do-anonymizeall');

    expect(await claimsAt(addressIn(did))).toMatchObject({ by: { kind: 'owner', userId: 120 }, users: 4 });
    const part = await statusOf('moderator', 2, 121);
    expect(part.body.by).toEqual({ kind: 'owner' });
    expect(part.text).not.toMatch(/\b12[023]\b/);
  });
});

describe('while the OAuth server is away', () => {
  const removalAt = async (address: string): Promise<string> => String((await claimsAt(address)).oauth.removal);

  it('the receipt says pending, and removed only when the person is gone', async () => {
    const isThere = () => world.oauth.server.people().some(({ id }) => id === 1007);
    await world.oauth.proxy.behave('refuse');
    const did = await world.call('admin', 'PUT', '/api/site/1/user/114/do-anonymizeall');

    expect([did.status, did.headers.get('x-oauth-removal')]).toEqual([200, 'pending']);
    expect(await removalAt(addressIn(did))).toBe('pending');
    expect((await statusOf('moderator', 1, 114)).body.oauth.removal).toBe('pending');
    expect(isThere()).toBe(true);

    await world.oauth.proxy.behave('pass');
    await until('the removal', async () => {
      const said = await removalAt(addressIn(did));
      // Never said before it is so.
      if (said === 'removed') expect(isThere()).toBe(false);
      await world.container.ports.outbox.retry();
      return said === 'removed';
    });
    expect((await statusOf('moderator', 1, 114)).body.oauth.removal).toBe('removed');
  });

  it('two calls that wait for one removal hear of it both', async () => {
    await world.oauth.proxy.behave('refuse');
    const first = await world.call('admin', 'PUT', '/api/site/1/user/109/do-anonymize');
    const second = await world.call('admin', 'PUT', '/api/site/5/user/110/do-anonymize');

    expect((await claimsAt(addressIn(first))).oauth).toMatchObject({ removal: 'kept', values: 'pending' });
    expect((await claimsAt(addressIn(second))).oauth).toMatchObject({ removal: 'pending' });

    await world.oauth.proxy.behave('pass');
    await until('both outcomes', async () => {
      await world.container.ports.outbox.retry();
      return (await world.container.ports.outbox.waiting()).length === 0;
    });
    expect((await claimsAt(addressIn(first))).oauth).toMatchObject({ removal: 'kept', values: 'withdrawn' });
    expect((await claimsAt(addressIn(second))).oauth).toMatchObject({ removal: 'removed' });
  });
});

describe('a person who is needed elsewhere', () => {
  it('is said to be kept, and what became of their values; not why, which would say where else they are', async () => {
    const did = await world.call('admin', 'PUT', '/api/site/1/user/104/do-anonymize');

    expect(did.headers.get('x-oauth-removal')).toBe('kept;reason=rows-elsewhere');
    expect((await claimsAt(addressIn(did))).oauth).toMatchObject({
      removal: 'kept',
      values: did.headers.get('x-oauth-values') === 'done' ? 'withdrawn' : 'pending',
    });
  });
});
