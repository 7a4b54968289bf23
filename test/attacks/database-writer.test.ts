import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { joined, raw, sql, type Value } from '../../src/db/sql.ts';
import { createSecrets } from '../../src/platform/secrets.ts';
import { withMac } from '../../src/use-cases/audit/entries.ts';
import { sealAudit } from '../../src/use-cases/audit/seal.ts';
import { verifyAudit } from '../../src/use-cases/audit/verify-audit.ts';
import { endSite, type EndedSite } from '../support/ended-site.ts';
import { runCommand } from '../support/program.ts';
import { personThere } from '../journeys/sentences/support/people.ts';
import { startRecordedWorld, type Answer, type RecordedWorld } from '../support/recorded-world.ts';

/**
 * Somebody who writes the database, and has no key: rows of the audit that say what never was, or not what was. Neither is anybody
 * given a signed receipt over them, nor is `audit:verify` content; whether they are sealed or not.
 */

let world: RecordedWorld;
let three: Deed;
let one: Deed;
let sealedOne: Deed;
interface Deed {
  readonly address: string;
  readonly userIds: readonly number[];
}

beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  sealedOne = await deedOf([124], 'do-anonymize');
  await seal();
  three = await deedOf([111, 112, 113], 'do-anonymizeall');
  one = await deedOf([104], 'do-anonymize');
  for (const table of tables) before.set(table, await select(`SELECT * FROM ${table}`));
});
afterAll(() => world.close());

const tables = ['civitas_audit', 'civitas_audit_seals'];
const before = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
afterEach(async () => {
  for (const table of tables) {
    const rows = before.get(table) ?? [];
    await change(`DELETE FROM ${table}`);
    const values = rows.map((row) => sql`(${joined(Object.values(row) as Value[], ', ')})`);
    const columns = Object.keys(rows[0]!).map((name) => `\`${name}\``);
    await world.container.database.change(
      sql`INSERT INTO ${raw(table)} (${raw(columns.join(', '))}) VALUES ${joined(values, ', ')}`,
    );
  }
  expect(await found()).toEqual([]);
});

const change = (text: string) => world.container.database.change(raw(text));
const select = (text: string) => world.container.database.select(raw(text));
const seal = () => sealAudit(world.container.ports)(() => false);
const verify = (head?: string) => verifyAudit(world.container.ports)(head);
const found = async (head?: string): Promise<readonly string[]> => [
  ...new Set((await verify(head)).findings.map(({ kind }) => kind)),
];
const deedOf = async (userIds: readonly number[], call: string): Promise<Deed> => {
  const did = await world.call('admin', 'PUT', `/api/site/1/user/${userIds[0]}/${call}`);
  return { address: /<(.+)>; rel="receipt"/.exec(did.headers.get('link') ?? '')?.[1] ?? String(did.status), userIds };
};
const receiptOf = ({ address }: Deed): Promise<Answer> => world.call(null, 'GET', address);
const claimsOf = async (operation: Deed): Promise<Readonly<Record<string, unknown>>> => {
  const { status, text } = await receiptOf(operation);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  const claims: object = decodeJwt(text);
  return { ...claims, issuedAt: 'now', sealedAs: 'somewhere' };
};
const idOf = async (userId: number): Promise<string> =>
  String((await select(`SELECT id FROM civitas_audit WHERE userId = ${userId}`))[0]?.['id']);
const columns = async (): Promise<readonly string[]> =>
  Object.keys((await select('SELECT * FROM civitas_audit LIMIT 1'))[0]!).filter((name) => name !== 'id');
/** A row of the audit again, under another id, with some columns as given. */
const copy = async (id: string, other: Readonly<Record<string, string>> = {}): Promise<void> => {
  const names = await columns();
  const listed = names.map((name) => `\`${name}\``).join(', ');
  const values = names.map((name) => other[name] ?? `\`${name}\``).join(', ');
  await change(`INSERT INTO civitas_audit (${listed}) SELECT ${values} FROM civitas_audit WHERE id = ${id}`);
};

describe.each(['before the rows are sealed', 'after they are sealed'])('%s', (when) => {
  beforeEach(async () => {
    if (when.startsWith('after')) await seal();
  });

  it('rows about somebody who is still there are no receipt, whatever address they are made for', async () => {
    const address = randomBytes(32).toString('base64url');
    const operation = createHash('sha256').update(address).digest('base64url');
    for (const name of [operation, address, address.slice(0, 22)])
      await copy(await idOf(111), { operation: `'${name}'`, userId: '106', place: '1', places: '1' });

    expect((await receiptOf({ address: `/receipts/${address}`, userIds: [] })).status).toBe(404);
    expect((await world.call('admin', 'GET', '/api/site/1/user/106/anonymization')).status).toBe(404);
    expect(await found()).toEqual(['forged']);
  });

  it('an outcome that never was makes no receipt say that the person is removed', async () => {
    expect((await claimsOf(one))['oauth']).toMatchObject({ removal: 'kept' });
    const operation = String(
      (await select(`SELECT operation FROM civitas_audit WHERE userId = 104`))[0]?.['operation'],
    );
    await copy(await idOf(111), {
      ...{ operation: `'${operation}'`, call: "'oauth-removal'", oauth: "'done'", disposition: 'NULL' },
      ...{ userId: 'NULL', siteId: 'NULL', actorId: 'NULL', actorKind: 'NULL', counts: 'NULL', digest: 'NULL' },
      ...{ place: 'NULL', places: 'NULL', withheld: 'NULL', told: 'NULL', shown: 'NULL' },
    });
    await change(`UPDATE civitas_audit SET oauth = 'done' WHERE operation = '${operation}' AND disposition IS NULL`);

    expect((await receiptOf(one)).status).toBe(409);
    expect(await found()).toContain('forged');
  });

  it('a row that was changed signs nothing, whichever column it is', async () => {
    const id = await idOf(112);
    for (const [column, value] of Object.entries({
      ...{ at: "'2020-01-01 00:00:00.000'", call: "'do-anonymize'", operation: "'another'", actorId: '77' },
      ...{ actorKind: "'owner'", siteId: '77', userId: '77', disposition: "'deleted'", counts: "'{}'" },
      ...{
        digest: "'another'",
        oauth: "'withdraw'",
        reason: "'Zaak-1'",
        withheld: '1',
        told: '0',
        shown: '0',
        place: '9',
        places: '2',
        actorName: "'cli:root'",
        mac: "'v1.x.y'",
      },
    })) {
      const [row] = await select(`SELECT \`${column}\` AS was FROM civitas_audit WHERE id = ${id}`);
      await change(`UPDATE civitas_audit SET \`${column}\` = ${value} WHERE id = ${id}`);
      expect([column, (await receiptOf(three)).status]).toEqual([column, 409]);
      const kinds = await found();
      expect([column, kinds.includes(when.startsWith('after') ? 'changed' : 'forged')]).toEqual([column, true]);
      await world.container.database.change(
        sql`UPDATE civitas_audit SET ${raw(`\`${column}\``)} = ${row!['was'] as Value} WHERE id = ${id}`,
      );
    }
    expect((await receiptOf(three)).status).toBe(200);
  });

  it('a null in place of a text, or a text of nothing in place of null, is a change', async () => {
    for (const assignment of ["digest = ''", 'digest = NULL', "counts = '{ }'", 'actorId = NULL', 'siteId = 0']) {
      await change(`UPDATE civitas_audit SET ${assignment} WHERE userId = 113`);
      expect([assignment, (await receiptOf(three)).status]).toEqual([assignment, 409]);
    }
    expect(await found()).toContain(when.startsWith('after') ? 'changed' : 'forged');
  });

  it('a row of a call that is gone leaves no receipt over the others', async () => {
    await change(`DELETE FROM civitas_audit WHERE userId = 112`);

    expect((await receiptOf(three)).status).toBe(409);
    expect(await found()).toContain('missing');
    expect(world.log()).toMatch(/"level":"error"[^\n]*the audit of an operation is not what was written/);
  });

  it('a row that is there twice counts once, and is told of', async () => {
    const claims = await claimsOf(three);
    await copy(await idOf(112));

    expect(await claimsOf(three)).toEqual(claims);
    expect(await found()).toEqual(['copied']);
    await seal();
    expect(await found()).toEqual(['copied']);
  });

  it('a row that was moved to another call is none of it', async () => {
    const [mine] = await select('SELECT operation FROM civitas_audit WHERE userId = 104');
    await change(`UPDATE civitas_audit SET operation = '${String(mine?.['operation'])}' WHERE userId = 113`);

    expect([(await receiptOf(one)).status, (await receiptOf(three)).status]).toEqual([409, 409]);
    expect(await found()).toContain('missing');
  });

  it('two rows that changed places are told of', async () => {
    const [first, second] = [await idOf(111), await idOf(113)];
    for (const [from, to] of [
      [first, '999999'],
      [second, first],
      ['999999', second],
    ])
      await change(`UPDATE civitas_audit SET id = ${to} WHERE id = ${from}`);

    expect(await found()).toContain('reordered');
  });

  it('what was put in is never sealed, however much it is, holds up no other row, and is called out', async () => {
    const values = Array.from(
      { length: 450 },
      (_, at) => `(${at - 1000}, '2024-01-01 00:00:00.000', 'delete', 'made up', 'x')`,
    );
    await change(`INSERT INTO civitas_audit (id, \`at\`, \`call\`, operation, mac) VALUES ${values.join(', ')}`);
    await copy(await idOf(124), { userId: '106', operation: "'made up'" });

    await sealAudit(world.container.ports)(() => false);

    expect(await found()).toEqual(['forged']);
    expect((await verify()).sealed).toBe(before.get('civitas_audit')!.length);
    expect(world.log()).toMatch(
      /"level":"error"[^\n]*rows of the audit were not written by this program, or were changed/,
    );
    expect((await receiptOf(sealedOne)).status).toBe(200);
  });

  it('the end cannot be cut off unseen by whom knows a later head, and the command tells', async () => {
    await seal();
    const { hash, seq } = (await verify()).head!;
    await change(`DELETE FROM civitas_audit_seals WHERE seq = ${seq}`);
    await change('DELETE FROM civitas_audit WHERE userId = 104');

    const told = await runCommand('audit verify', { env: world.env, args: ['--head', hash] });

    expect(told.code).toBe(1);
    expect(told.output).toContain('cut-off: ');
  });
});

describe('a whole call', () => {
  const inTwoMinutes = () =>
    verifyAudit({
      ...world.container.ports,
      clock: { ...world.container.ports.clock, now: () => new Date(Date.now() + 120_000) },
    })();
  const missing = async () => (await inTwoMinutes()).findings.filter(({ kind }) => kind === 'missing');

  it('of which no row is left is missed by the users that it made anonymous', async () => {
    expect(await missing()).toEqual([]);
    await change(
      'DELETE FROM civitas_audit WHERE userId = 104 OR operation NOT IN (SELECT operation FROM (SELECT operation FROM civitas_audit WHERE userId IN (111, 124)) kept)',
    );
    expect(await missing()).toEqual([
      { kind: 'missing', what: expect.stringMatching(/^user 104 of site 1 was anonymized, and no row tells of it/) },
    ]);
    expect(world.log()).toMatch(/"rows":1,"msg":"written into the audit"|"rows":1[^\n]*written into the audit/);
  });

  it('whose outcome is gone is missed, as nothing waits for one', async () => {
    const [{ operation } = {}] = await select('SELECT operation FROM civitas_audit WHERE userId = 111');
    await change(`DELETE FROM civitas_audit WHERE operation = '${String(operation)}' AND userId IS NULL`);
    expect(await missing()).toEqual([
      {
        kind: 'missing',
        what: expect.stringContaining(`what came of operation ${String(operation)} at the OAuth server`),
      },
    ]);
  });
});

describe('whoever has a key that was replaced', () => {
  it('puts nothing into the chain that is not told of', async () => {
    const [older, newer] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)].map((key) => key.toString('base64'));
    const both = { ...world.container.ports, secrets: createSecrets([newer!, older!]) };
    const write = async (keys: readonly string[], operation: string, hours: number) => {
      const at = new Date(Date.now() + hours * 3_600_000);
      await both.audit.append(
        withMac(createSecrets(keys), [
          {
            ...({
              at,
              call: 'do-anonymize',
              operation,
              actorId: 2,
              actorKind: 'fixed-token',
              siteId: 1,
              userId: 106,
            } as const),
            ...({
              disposition: 'anonymized',
              counts: {},
              digest: null,
              oauth: 'nothing',
              reason: null,
              withheld: false,
              told: true,
              shown: true,
              rank: 1,
              rowCount: 1,
            } as const),
          },
        ]),
      );
      await sealAudit(both)(() => false);
    };
    await seal();
    await write([newer!, older!], 'by the new key', 0);
    await write([older!], 'by an instance that was not restarted yet', 0.5);
    expect((await verifyAudit(both)()).findings).toEqual([]);
    await write([newer!, older!], 'by the new key, later', 2);
    await write([older!], 'by whoever found the old key', 0.1);

    expect((await verifyAudit(both)()).findings.map(({ kind }) => kind)).toEqual(['former-key']);
  });
});

describe('an answer that is kept for repeats', () => {
  it('is given to nobody once it was changed, and nothing is done again', async () => {
    const call = () => world.call('admin', 'PUT', '/api/site/1/user/109/do-anonymize', {}, { 'idempotency-key': 'k' });
    expect((await call()).status).toBe(200);
    expect((await call()).body.users).toBe(1);
    await change(`UPDATE civitas_idempotency_keys SET summary = '{"digest":"x","users":99,"sites":[]}'`);

    const repeat = await call();

    expect([repeat.status, repeat.body.rule]).toEqual([409, 'kept-answer-was-changed']);
    expect(repeat.body).not.toHaveProperty('users');
    expect(world.log()).toMatch(/"level":"error"[^\n]*an answer that was kept for repeats/);
  });

  it('is not given for another call', async () => {
    const call = (userId: number, key: string) =>
      world.call('admin', 'PUT', `/api/site/1/user/${userId}/do-anonymize`, {}, { 'idempotency-key': key });
    await call(102, 'one');
    await call(106, 'two');
    const [first] = await select('SELECT summary FROM civitas_idempotency_keys ORDER BY expiresAt LIMIT 1');
    await world.container.database.change(
      sql`UPDATE civitas_idempotency_keys SET summary = ${String(first?.['summary'])}`,
    );

    expect([(await call(102, 'one')).status, (await call(106, 'two')).status].sort()).toContain(409);
  });
});

describe('a message in the outbox', () => {
  const waiting = async () => (await select('SELECT topic FROM civitas_outbox')).length;
  const deliverAll = async () => {
    for (let outcome = await world.container.deliver(); outcome !== null; outcome = await world.container.deliver());
  };
  const now = () => new Date().toISOString().replace('T', ' ').slice(0, 23);
  /** As the program's own rows are, where it writes one of its own for the columns that we do not know. */
  const putIn = async (topic: string, key: string, payload: object): Promise<void> => {
    const names = Object.keys((await select('SELECT * FROM civitas_outbox LIMIT 1'))[0] ?? {});
    const given: Readonly<Record<string, Value>> = {
      ...{ topic, key, payload: JSON.stringify(payload), dueAt: now(), attempts: 0, createdAt: now() },
    };
    const used = names.filter((name) => name in given || name === 'mac');
    await world.container.database.change(
      sql`INSERT INTO civitas_outbox (${raw(used.map((name) => `\`${name}\``).join(', '))}) VALUES (${joined(
        used.map((name) => given[name] ?? 'v1.x.y'),
        ', ',
      )})`,
    );
  };
  const operationOf = async (userId: number) =>
    String((await select(`SELECT operation FROM civitas_audit WHERE userId = ${userId}`))[0]?.['operation']);

  const isThere = (id: number) => world.oauth.server.people().some((person) => person.id === id);
  /** Somebody at the OAuth server who has no row here, as an adoption leaves them. */
  let outsider: { readonly id: number; readonly there: number };
  beforeAll(async () => {
    const there = await personThere(world, { email: 'outsider@example.org', firstName: 'Wim', lastName: 'Buiten' });
    const { persons, inOneTransaction } = world.container.ports;
    const [{ issuer } = {}] = await select('SELECT issuer FROM civitas_persons LIMIT 1');
    outsider = { there, id: (await inOneTransaction(() => persons.ensure(String(issuer), String(there), true))).id };
  });

  it('that nobody here wrote removes nobody at the OAuth server, and makes no receipt say that somebody is removed', async () => {
    await world.oauth.proxy.behave('refuse');
    const did = await world.call('admin', 'PUT', '/api/site/1/user/114/do-anonymizeall');
    const operation = { address: /<(.+)>/.exec(did.headers.get('link') ?? '')?.[1] ?? '', userIds: [114] };
    const key = `person-${outsider.id}`;
    const payload = { personId: outsider.id, siteIds: [1], clients: [], operations: [await operationOf(114)] };
    await putIn('person.remove', key, payload);
    await world.oauth.proxy.behave('pass');

    await world.container.deliver({ topic: 'person.remove', key });

    expect(isThere(outsider.there)).toBe(true);
    expect((await claimsOf(operation))['oauth']).toMatchObject({ removal: 'pending' });
    expect(world.log()).toMatch(/"level":"error"[^\n]*a message of the outbox was not written by this program/);

    await world.container.ports.outbox.retry();
    await deliverAll();
    expect([isThere(1007), isThere(outsider.there), await waiting()]).toEqual([false, true, 1]);
    expect((await claimsOf(operation))['oauth']).toMatchObject({ removal: 'removed' });
    await change('DELETE FROM civitas_outbox');
  });

  it('that waits while its person is made somebody else removes neither', async () => {
    await world.oauth.proxy.behave('refuse');
    const did = await world.call('admin', 'PUT', '/api/site/1/user/118/do-anonymizeall');
    expect(did.headers.get('x-oauth-removal')).toBe('pending');
    const [{ payload } = {}] = await select('SELECT payload FROM civitas_outbox');
    const { personId } = JSON.parse(String(payload)) as { personId: number };
    await change(`DELETE FROM civitas_persons WHERE id = ${outsider.id}`);
    await change(`UPDATE civitas_persons SET externalId = '${outsider.there}' WHERE id = ${personId}`);
    await world.oauth.proxy.behave('pass');

    await change('UPDATE civitas_outbox SET claim = NULL, claimedUntil = NULL');
    await world.container.deliver({ topic: 'person.remove', key: `person-${personId}` });

    expect(isThere(outsider.there)).toBe(true);
    expect(world.log()).toMatch(/"level":"error"[^\n]*a person is not who they were/);
    await change('DELETE FROM civitas_outbox');
  });
});

describe('a whole-site anonymization', () => {
  let site: EndedSite;
  let otherAdmin: number;
  beforeAll(async () => {
    site = await endSite(world, 5);
    otherAdmin = (await endSite(world, 5)).adminId;
  });
  const table = 'civitas_anonymization_runs';
  const work = () => world.container.jobs.find(({ name }) => name === 'work-on-runs')!.run(() => false);
  const anonymized = async () =>
    (await select('SELECT id FROM users WHERE siteId = 5 AND anonymizedAt IS NOT NULL')).length;
  const statusOf = (id: number) => world.call(site.adminId, 'GET', `/api/site/5/anonymize-all-users/${id}`);
  const steer = (id: number, verb: string) =>
    world.call(site.adminId, 'PUT', `/api/site/5/anonymize-all-users/${id}/${verb}`);
  const lastId = async (): Promise<number> =>
    Number((await select(`SELECT MAX(id) AS id FROM ${table}`))[0]?.['id'] ?? 0);
  /** Begun by the admin, and paused: nobody is anonymized yet. */
  const begun = async (): Promise<number> => {
    const id = Number((await site.begin()).split('/').at(-1));
    expect((await steer(id, 'pause')).body).toMatchObject({ id, state: 'paused', reason: 'asked' });
    return id;
  };
  const putIn = async (given: Readonly<Record<string, Value>>): Promise<number> => {
    const now = new Date().toISOString().replace('T', ' ').slice(0, 23);
    const whole: Readonly<Record<string, Value>> = {
      ...{ siteId: 5, openSiteId: 5, actorId: otherAdmin, everywhere: 0, state: 'running', plan: '{}', planned: 1 },
      ...{ lastUserId: 0, startedAt: now, ...('mac' in given ? {} : { mac: 'v1.x.y' }), ...given },
    };
    const names = Object.keys(whole).map((name) => raw(`\`${name}\``));
    await world.container.database.change(
      sql`INSERT INTO ${raw(table)} (${joined(names, ', ')}) VALUES (${joined(Object.values(whole), ', ')})`,
    );
    return lastId();
  };
  const isDisowned = async (id: number) => {
    await work();
    expect(await anonymized()).toBe(0);
    expect((await statusOf(id)).body).toMatchObject({ state: 'paused', reason: 'not-written-by-us' });
    expect((await steer(id, 'resume')).body.rule).toBe('not-written-by-us');
    await work();
    expect(await anonymized()).toBe(0);
  };
  afterEach(() => change(`DELETE FROM ${table}`));

  it('that nobody asked for anonymizes nobody in an admin’s name, is called out, and stands in no admin’s way', async () => {
    const id = await putIn({});

    await isDisowned(id);

    expect(world.log()).toMatch(
      /"level":"error"[^\n]*the anonymization of a site was not asked for here, or was changed/,
    );
    const own = await begun();
    expect(own).not.toBe(id);
    expect((await steer(own, 'resume')).body.state).toBe('running');
  });

  it.each(['pause', 'resume'])('that nobody asked for is not made ours by a %s', async (verb) => {
    const id = await putIn({ state: verb === 'pause' ? 'running' : 'paused' });

    await steer(id, verb);

    await change(`UPDATE ${table} SET state = 'running' WHERE id = ${id}`);
    await isDisowned(id);
  });

  it('that nobody asked for is not answered to who begins one', async () => {
    const id = await putIn({ state: 'paused' });

    expect(await begun()).not.toBe(id);
  });

  it.each([
    ...["state = 'running'", 'actorId = 2, everywhere = 1', "statedReason = 'Zaak-1'", 'lastUserId = 1'],
    ...["startedAt = '2020-01-01 00:00:00.000'", "plan = '{}'", 'planned = 99'],
  ])('of which somebody wrote %s does not go on', async (assignment) => {
    const id = await begun();
    await change(`UPDATE ${table} SET ${assignment} WHERE id = ${id}`);
    await change(`UPDATE ${table} SET state = 'running' WHERE id = ${id}`);

    await isDisowned(id);
  });

  it('that was asked for once is not asked for again by a copy', async () => {
    const id = await begun();
    await steer(id, 'resume');
    const [row] = await select(`SELECT * FROM ${table} WHERE id = ${id}`);
    await change(`DELETE FROM ${table}`);

    await isDisowned(await putIn({ ...(row as Readonly<Record<string, Value>>), id: id + 1 }));
  });
});
