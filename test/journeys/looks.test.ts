import { visitor, type Actor } from '../../src/domain/actor.ts';
import { raw, sql } from '../../src/db/sql.ts';
import type { OperationEntry } from '../../src/ports/audit.ts';
import { withMac } from '../../src/use-cases/audit/entries.ts';
import { recordLook } from '../../src/use-cases/audit/record-look.ts';
import { sealAudit } from '../../src/use-cases/audit/seal.ts';
import { verifyAudit } from '../../src/use-cases/audit/verify-audit.ts';
import { backOfficeOf, type BackOffice } from './sentences/support/back-office.ts';
import { startSentences, type SentenceWorld } from './sentences/support/world.ts';
import { closedAfter } from '../support/until.ts';

/** people.md §1: whoever reads a person across sites, or exports one, is written down. Sites 8 and 9 are a back office's. */
let s: SentenceWorld;
let office: BackOffice;
beforeAll(async () => {
  s = await startSentences({ 8: {}, 9: { client: 8 } });
  office = await backOfficeOf(s, [8, 9]);
});
afterAll(() => s.close());

const change = (text: string) => s.world.container.database.change(raw(text));
const select = (text: string) => s.world.container.database.select(raw(text));
const ports = () => s.world.container.ports;
const seal = () => sealAudit(ports())(() => false);
const kindsFound = async () => (await verifyAudit(ports())()).findings.map(({ kind }) => kind);
const looksAt = (userId: number | undefined) =>
  select(`SELECT * FROM civitas_audit WHERE userId = ${userId ?? 0} AND disposition IS NULL ORDER BY id`);
const exported = (person: { readonly externalId: number }) =>
  office.call('admin', 'GET', `/api/v1/users/${person.externalId}/export`);

/** A person at both sites, and at one where the office is not. */
const somebody = () => s.person({ at: { 1: 'member', 8: 'member', 9: 'member' } });
/** Somebody else's anonymization. */
const aDeed = (at: Date): OperationEntry => ({
  ...{ at, operation: 'e'.repeat(43), actorId: 2, siteId: 1, userId: 99_999, counts: {}, digest: null, reason: null },
  ...{ withheld: false, told: true, shown: true, rank: 1, rowCount: 1 },
  ...({ call: 'do-anonymize', actorKind: 'staff', disposition: 'anonymized', oauth: 'nothing' } as const),
});
/** A look at three rows, as a fixed token's. */
const lookAtThree = async (reach: Actor['reach'] = { kind: 'everywhere', role: 'admin' }) => {
  const person = await somebody();
  const held = await ports().users.personOf(8, person.at[8] ?? 0, 'plain');
  await recordLook(ports(), 'read-person', { ...visitor, userId: 2, reach }, held?.rows ?? []);
  return person;
};

describe('an export', () => {
  it('is written down before its first byte: who, when, whom, and of which of their rows', async () => {
    const person = await somebody();
    expect((await exported(person)).status).toBe(200);

    const rows = [...(await looksAt(person.at[8])), ...(await looksAt(person.at[9]))];
    expect(rows).toHaveLength(2);
    for (const [index, row] of rows.entries())
      expect(row).toMatchObject({
        ...{ call: 'export', actorKind: 'client', actorId: office.id, siteId: 8 + index, counts: '{}' },
        ...{ oauth: 'nothing', digest: null, reason: null, place: index + 1, places: 2 },
        operation: rows[0]?.['operation'],
      });
    expect(await looksAt(person.at[1])).toEqual([]);
    expect(s.world.log()).toContain('written into the audit');
  });

  it('of nobody leaves nothing', async () => {
    const before = await select('SELECT COUNT(*) AS n FROM civitas_audit');
    expect((await exported({ externalId: 999_999 })).status).toBe(404);
    expect(await select('SELECT COUNT(*) AS n FROM civitas_audit')).toEqual(before);
  });

  it('that cannot be written down tells nothing', async () => {
    const person = await somebody();
    const token = await office.token('admin');
    await change('ALTER TABLE civitas_audit RENAME TO civitas_audit_away');
    const asked = fetch(`${s.world.url}/api/v1/users/${person.externalId}/export`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const answer = await closedAfter(asked, () => change('ALTER TABLE civitas_audit_away RENAME TO civitas_audit'));
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toContain(String(person.externalId));
    expect(text).not.toContain('users');
  });
});

describe('an export again', () => {
  const at8 = ({ at }: Awaited<ReturnType<typeof somebody>>) => `/api/site/8/user/${at[8] ?? 0}/export`;

  it('within the hour is written down already, for each who looks', async () => {
    const person = await somebody();
    for (let count = 0; count < 3; count += 1) expect((await s.get(person.at[8] ?? 0, at8(person))).status).toBe(200);
    expect(await looksAt(person.at[8])).toHaveLength(1);
    expect((await s.get('admin', at8(person))).status).toBe(200);
    await exported(person);
    await exported(person);
    const kinds = (await looksAt(person.at[8])).map(({ actorKind }) => actorKind);
    expect(kinds).toEqual(['owner', 'fixed-token', 'client']);
    expect(await kindsFound()).toEqual([]);
  });

  it('is written down where the look was longer ago, of another call, or not written by us', async () => {
    const person = await somebody();
    const looks = (where: string) => `userId = ${person.at[8] ?? 0} AND disposition IS NULL AND ${where}`;
    const own = () => s.get(person.at[8] ?? 0, at8(person));
    const before = await select('SELECT MAX(id) AS id FROM civitas_audit');
    const isNew = looks(`id > ${Number(before[0]?.['id'] ?? 0)}`);
    await own();
    // Whoever could change the moment of a look of long ago would keep new ones from being written.
    await change(`UPDATE civitas_audit SET actorId = actorId + 1 WHERE ${isNew}`);
    await own();
    expect(await looksAt(person.at[8])).toHaveLength(2);
    await change(`DELETE FROM civitas_audit WHERE ${isNew}`);

    const held = await ports().users.personOf(8, person.at[8] ?? 0, 'plain');
    const actor: Actor = { ...visitor, userId: person.at[8] ?? 0, rowIds: [person.at[8] ?? 0] };
    const rows = held?.rows.filter(({ siteId }) => siteId === 8) ?? [];
    const clockAt = (msAgo: number) => ({ ...ports().clock, now: () => new Date(Date.now() - msAgo) });
    const look = (call: 'export' | 'read-person', msAgo: number) =>
      recordLook({ ...ports(), clock: clockAt(msAgo) }, call, actor, rows);
    await look('export', 3_700_000);
    await look('read-person', 0);
    await look('export', 0);
    await look('export', 0);
    expect((await looksAt(person.at[8])).map(({ call }) => call)).toEqual(['export', 'read-person', 'export']);
    await change(`DELETE FROM civitas_audit WHERE ${isNew}`);
    expect(await kindsFound()).toEqual([]);
  });

  it('is written down where the look was by a clock that is ahead', async () => {
    const person = await somebody();
    const { clock } = ports();
    const held = await ports().users.personOf(8, person.at[8] ?? 0, 'plain');
    const actor: Actor = { ...visitor, userId: person.at[8] ?? 0, rowIds: [person.at[8] ?? 0] };
    const tomorrow = { now: () => new Date(clock.now().getTime() + 86_400_000) };
    await recordLook({ ...ports(), clock: { ...clock, ...tomorrow } }, 'export', actor, held?.rows ?? []);
    await recordLook(ports(), 'export', actor, held?.rows ?? []);
    const looks = (await looksAt(person.at[8])).filter(({ userId }) => userId === person.at[8]);
    expect(looks).toHaveLength(2);
  });

  it('by HEAD tells nothing, and leaves nothing', async () => {
    const person = await somebody();
    const token = await s.world.token(person.at[8] ?? 0);
    const head = async (path: string) =>
      (await fetch(s.world.url + path, { method: 'HEAD', headers: { 'x-authorization': `Bearer ${token}` } })).status;
    expect(await head(at8(person))).toBe(200);
    expect(await head(`/api/site/8/user/${person.at[9] ?? 0}/export`)).toBe(404);
    const url = `${s.world.url}/api/v1/users/${person.externalId}/export`;
    const client = await fetch(url, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${await office.token('admin')}` },
    });
    expect(client.status).toBe(200);
    expect(await looksAt(person.at[8])).toEqual([]);
  });
});

describe('looks', () => {
  it('leave the audit whole, sealed or not', async () => {
    await lookAtThree();
    expect(await kindsFound()).toEqual([]);
    await seal();
    expect(await kindsFound()).toEqual([]);
  });

  test.each([
    ['is removed', 'missing', (id: number) => `DELETE FROM civitas_audit WHERE id = ${id}`],
    ['is changed', 'forged', (id: number) => `UPDATE civitas_audit SET actorId = 77 WHERE id = ${id}`],
    [
      'is said to have been at another moment',
      'changed',
      (id: number) => `UPDATE civitas_audit SET listedAt = \`at\` WHERE id = ${id}`,
    ],
  ])('one of which %s are found', async (_what, kind, statement) => {
    const person = await lookAtThree();
    const [row] = await looksAt(person.at[8]);
    const before = await select('SELECT * FROM civitas_audit');
    await change(statement(Number(row?.['id'])));
    expect(await select('SELECT * FROM civitas_audit')).not.toEqual(before);
    expect(await kindsFound()).toContain(kind);
    await change(`DELETE FROM civitas_audit WHERE operation = '${String(row?.['operation'])}'`);
    expect(await kindsFound()).toEqual([]);
  });

  it('that are there twice are found', async () => {
    const person = await lookAtThree();
    const [row] = await looksAt(person.at[8]);
    const names = Object.keys(row ?? {}).filter((name) => name !== 'id');
    const listed = names.map((name) => `\`${name}\``).join(', ');
    const [last] = await select('SELECT MAX(id) AS id FROM civitas_audit');
    await change(
      `INSERT INTO civitas_audit (${listed}) SELECT ${listed} FROM civitas_audit WHERE id = ${String(row?.['id'])}`,
    );
    expect(await kindsFound()).toEqual(['copied']);
    await change(`DELETE FROM civitas_audit WHERE id > ${String(last?.['id'])}`);
  });

  it('do not stand for an anonymization whose row was removed', async () => {
    const person = await somebody();
    await exported(person);
    const at8 = `/api/site/8/user/${person.at[8] ?? 0}`;
    expect((await s.put('admin', `${at8}/do-anonymize`)).status).toBe(200);
    expect((await s.get('admin', `${at8}/anonymization`)).status).toBe(200);
    // An hour ago, behind a row that is older still: younger ones may be on their way into the audit.
    const [older, ago] = [2, 1].map((hours) => new Date(Date.now() - hours * 3_600_000));
    await s.world.container.database.change(
      sql`UPDATE users SET anonymizedAt = ${ago ?? null} WHERE id = ${person.at[8] ?? 0}`,
    );
    await ports().audit.append(withMac(ports().secrets, [aDeed(older ?? new Date())]));
    await seal();
    expect(await kindsFound()).toEqual([]);
    await change(`DELETE FROM civitas_audit WHERE userId = ${person.at[8] ?? 0} AND disposition IS NOT NULL`);
    const { findings } = await verifyAudit(ports())();
    expect(findings.map(({ what }) => what)).toContain(
      `user ${person.at[8] ?? 0} of site 8 was anonymized, and no row tells of it`,
    );
  });

  it('are no operation and no receipt, and no status of who was only looked at', async () => {
    const person = await lookAtThree();
    const [row] = await looksAt(person.at[8]);
    expect((await s.get('admin', `/api/operation/${String(row?.['operation'])}`)).status).toBe(404);
    expect((await s.get('admin', `/api/site/8/user/${person.at[8] ?? 0}/anonymization`)).status).toBe(404);
  });

  it('are dated to the day for a site, where who looked has powers beyond it; else to the second', async () => {
    const wide = await lookAtThree();
    const narrow = await lookAtThree({ kind: 'one-site', siteId: 8 });
    const rows = await lookAtThree({ kind: 'rows', platformSiteId: null, siteIds: null });
    const listed = async ({ at }: typeof wide) => {
      const [row] = await looksAt(at[8]);
      return [String(row?.['at']), String(row?.['listedAt'])] as const;
    };
    for (const person of [wide, rows]) {
      const [at, told] = await listed(person);
      expect(told.slice(0, 23)).toBe(`${at.slice(0, 10)} 00:00:00.000`);
    }
    const [at, told] = await listed(narrow);
    expect(told.slice(0, 23)).toBe(`${at.slice(0, 19)}.000`);
    expect(await kindsFound()).not.toContain('changed');
  });
});
