import { joined, raw, sql, type Value } from '../../src/db/sql.ts';
import { withMac } from '../../src/use-cases/audit/entries.ts';
import { sealAudit } from '../../src/use-cases/audit/seal.ts';
import { verifyAudit } from '../../src/use-cases/audit/verify-audit.ts';
import { dumped } from '../support/dump.ts';
import { markPerson } from '../support/marked-person.ts';
import { runCommand } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { tracesOf } from '../support/residue.ts';
import { until } from '../support/until.ts';

let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld();
});
afterAll(() => world.close());

const { change, select } = {
  change: (text: string) => world.container.database.change(raw(text)),
  select: (text: string) => world.container.database.select(raw(text)),
};
const rowsOf = (userId: number) => select(`SELECT * FROM civitas_audit WHERE userId = ${userId} ORDER BY id`);
const countRows = async () => (await select('SELECT id FROM civitas_audit')).length;
const verify = (knownHead?: string) => verifyAudit(world.container.ports)(knownHead);
const kindsFound = async (knownHead?: string) => (await verify(knownHead)).findings.map(({ kind }) => kind);
/** As the job does; in this world the job itself has its turn only at the start. */
const seal = () => sealAudit(world.container.ports)(() => false);

/** A call of so many rows, as it is written. */
const deedOf = (operation: string, rowCount: number, at = new Date()) =>
  withMac(
    world.container.ports.secrets,
    Array.from({ length: rowCount }, (_, index) => ({
      ...({ at, call: 'do-anonymizeall', operation, actorId: 2, actorKind: 'fixed-token', siteId: 1 } as const),
      ...({
        disposition: 'anonymized',
        counts: {},
        digest: null,
        oauth: 'nothing',
        reason: null,
        withheld: false,
        told: true,
        shown: true,
      } as const),
      ...{ userId: 10_000 + index, rank: index + 1, rowCount },
    })),
  );

interface Summary {
  readonly digest: string;
  readonly sites: readonly { readonly id: number; readonly votesRemoved: number; readonly votesKept: number }[];
}

describe('an anonymization', () => {
  it('leaves a row per user row: who, when, which call, user, site, counts, digest', async () => {
    const preview = await world.call('admin', 'GET', '/api/site/1/user/111/will-anonymizeall?view=summary');
    const before = new Date();

    await world.call('admin', 'PUT', '/api/site/1/user/111/do-anonymizeall');

    const rows = (await Promise.all([111, 112, 113].map(rowsOf))).flat();
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(({ operation }) => operation)).size).toBe(1);
    for (const [index, row] of rows.entries()) {
      const { sites, digest } = preview.body as Summary;
      const site = sites.find(({ id }) => id === row['siteId']);
      expect(row).toMatchObject({
        call: 'do-anonymizeall',
        actorId: 2,
        actorKind: 'fixed-token',
        digest,
        oauth: 'remove',
      });
      expect(row).toMatchObject({ siteId: index + 1, userId: 111 + index, disposition: 'anonymized' });
      const { votes } = JSON.parse(String(row['counts'])) as { votes: Record<'keep' | 'anonymize' | 'remove', number> };
      expect(votes.remove).toBeGreaterThanOrEqual(site!.votesRemoved);
      expect(votes.keep + votes.anonymize).toBe(site!.votesKept);
    }
    const [first] = await world.container.ports.audit.ofUser(1, 111);
    expect(first!.at.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1);
  });

  it('leaves what came of it at the OAuth server, in the same words as the answer', async () => {
    const did = await world.call('admin', 'PUT', '/api/site/1/user/114/do-anonymizeall');

    const [row] = await rowsOf(114);
    const [, outcome] = await world.container.ports.audit.ofOperation(String(row?.['operation']));
    expect(outcome).toMatchObject({ call: 'oauth-removal', oauth: did.headers.get('x-oauth-removal') });
  });

  it('leaves nothing when it is refused, when there is nothing to do, or when it is a repeat', async () => {
    await world.call('admin', 'PUT', '/api/site/1/user/104/do-anonymize', undefined, { 'idempotency-key': 'k1' });
    const before = await countRows();

    await world.call('member', 'PUT', '/api/site/1/user/106/do-anonymize');
    await world.call('admin', 'PUT', '/api/site/1/user/106/do-anonymize', undefined, { 'if-match': '"other"' });
    await world.call('admin', 'PUT', '/api/site/1/user/104/do-anonymize');
    await world.call('admin', 'PUT', '/api/site/1/user/104/do-anonymize', undefined, { 'idempotency-key': 'k1' });

    expect(await countRows()).toBe(before);
  });
});

describe('a delete', () => {
  it('leaves a row that outlives the user', async () => {
    const did = await world.call('admin', 'DELETE', '/api/site/1/user/118');

    expect(did.status).toBe(200);
    const [row] = await rowsOf(118);
    expect(row).toMatchObject({
      call: 'delete',
      disposition: 'deleted',
      siteId: 1,
      actorKind: 'fixed-token',
      digest: null,
    });
    const counts = Object.values(
      JSON.parse(String(row?.['counts'])) as Record<string, { keep: number; anonymize: number }>,
    );
    expect(counts.every(({ keep, anonymize }) => keep + anonymize === 0)).toBe(true);
  });
});

describe('the audit', () => {
  it('holds no personal value of whom it tells of', async () => {
    const rows = [
      { id: 102, siteId: 1 },
      { id: 103, siteId: 2 },
    ];
    const { marks } = await markPerson(world, rows);

    await world.call('admin', 'PUT', '/api/site/1/user/102/do-anonymizeall');

    const dump = await dumped(world.container.database);
    const text = ['civitas_audit', 'civitas_audit_seals', 'civitas_outbox']
      .map((table) => JSON.stringify([...(dump.get(table) ?? [])]))
      .join();
    expect(text).toContain('do-anonymizeall');
    expect(tracesOf(marks, text)).toEqual([]);
  });

  it('is sealed by itself, and is whole', async () => {
    await world.restart();
    await until(
      'the seals',
      async () => (await world.container.ports.auditSeals.unsealed('all', null, 1)).length === 0,
    );

    const { findings, sealed, head } = await verify();
    expect([findings, sealed]).toEqual([[], await countRows()]);
    expect(sealed).toBeGreaterThan(6);
    await until('its head in the log', () => world.log().includes(head!.hash));
  });

  it('is whole again after more was written and sealed, and still knows its older heads', async () => {
    const before = (await verify()).head!;
    await world.call('admin', 'PUT', '/api/site/1/user/124/do-anonymize');
    expect(await seal()).toBeGreaterThan(0);
    expect(await seal()).toBe(0);
    expect(await kindsFound(before.hash)).toEqual([]);
  });
});

describe('a delete that leaves nobody', () => {
  it('leaves a row for the soft-deleted row elsewhere, too, that was anonymized along', async () => {
    await world.container.database.rows.users.update({ deletedAt: new Date() }, { where: { id: 131 } });

    const did = await world.call('admin', 'DELETE', '/api/site/1/user/130');

    expect([did.status, did.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
    const [[gone], [along]] = [await rowsOf(130), await rowsOf(131)];
    expect(gone).toMatchObject({ call: 'delete', disposition: 'deleted', oauth: 'remove' });
    expect(along).toMatchObject({ call: 'delete', disposition: 'anonymized', operation: gone?.['operation'] });
  });
});

describe('spoiling the audit by hand', () => {
  const tables = ['civitas_audit', 'civitas_audit_seals'];
  const kept = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
  beforeAll(async () => {
    await seal();
    for (const table of tables) kept.set(table, await select(`SELECT * FROM ${table}`));
  });
  afterEach(async () => {
    for (const table of tables) {
      const rows = kept.get(table) ?? [];
      const columns = Object.keys(rows[0]!).map((name) => `\`${name}\``);
      await change(`DELETE FROM ${table}`);
      const values = rows.map((row) => sql`(${joined(Object.values(row) as Value[], ', ')})`);
      await world.container.database.change(
        sql`INSERT INTO ${raw(table)} (${raw(columns.join(', '))}) VALUES ${joined(values, ', ')}`,
      );
    }
    expect(await kindsFound()).toEqual([]);
  });
  const sealedRow = async (seq: number) => (await world.container.ports.auditSeals.at(seq))!;

  it.each([
    "`at` = '2020-01-01 00:00:00.000'",
    "`call` = 'do-anonymize'",
    "operation = 'another'",
    'actorId = 77',
    "actorKind = 'owner'",
    "actorName = 'cli:root'",
    'siteId = 77',
    'userId = 77',
    "disposition = 'deleted'",
    "counts = '{}'",
    "digest = 'another'",
    "oauth = 'withdraw'",
    "reason = 'Zaak-1'",
    'withheld = 1',
    'withheld = NULL',
    'told = 0',
    'told = NULL',
    'place = 2',
    'places = 1',
    "mac = 'v1.x.y'",
  ])('shows that a row was changed: %s', async (assignment) => {
    const [row] = await rowsOf(111);
    await change(`UPDATE civitas_audit SET ${assignment} WHERE id = ${String(row?.['id'])}`);

    const { findings } = await verify();

    expect(findings.filter(({ kind }) => kind !== 'missing')).toEqual([
      { kind: 'changed', what: expect.stringContaining(`row ${String(row?.['id'])} `) },
    ]);
  });

  it('shows that a row was changed although it was given a hash that no key made', async () => {
    const { auditId } = await sealedRow(2);
    await change(`UPDATE civitas_audit SET siteId = 77 WHERE id = ${auditId}`);
    await change(`UPDATE civitas_audit_seals SET rowHash = '${'0'.repeat(64)}' WHERE seq = 2`);
    expect(await kindsFound()).toEqual(['reordered', 'changed', 'missing']);
  });

  it('shows that a row was removed', async () => {
    const { auditId } = await sealedRow(3);
    await change(`DELETE FROM civitas_audit WHERE id = ${auditId}`);
    expect((await verify()).findings).toContainEqual({
      kind: 'removed',
      what: `row ${auditId}, sealed at place 3, is gone`,
    });
  });

  it('shows that a row was removed with its seal', async () => {
    const { auditId } = await sealedRow(1);
    await change(`DELETE FROM civitas_audit WHERE id = ${auditId}`);
    await change('DELETE FROM civitas_audit_seals WHERE seq = 1');
    expect(await kindsFound()).toEqual(['removed', 'missing']);
  });

  it('shows that a row was removed with its seal, and the gap closed', async () => {
    const { auditId } = await sealedRow(2);
    await change(`DELETE FROM civitas_audit WHERE id = ${auditId}`);
    await change('DELETE FROM civitas_audit_seals WHERE seq = 2');
    for (const { seq } of await world.container.ports.auditSeals.after(2, 1000))
      await change(`UPDATE civitas_audit_seals SET seq = ${seq - 1} WHERE seq = ${seq}`);
    expect(new Set(await kindsFound())).toEqual(new Set(['reordered', 'missing']));
  });

  it('shows that two rows changed places', async () => {
    await change('UPDATE civitas_audit_seals SET seq = 0 WHERE seq = 2');
    await change('UPDATE civitas_audit_seals SET seq = 2 WHERE seq = 3');
    await change('UPDATE civitas_audit_seals SET seq = 3 WHERE seq = 0');
    expect(await kindsFound()).toEqual(['reordered', 'reordered', 'reordered']);
  });

  it('shows a row that was put in and that nobody sealed', async () => {
    await change(
      "INSERT INTO civitas_audit (`at`, `call`, operation, mac) VALUES ('2024-01-01 00:00:00.000', 'delete', 'made up', '')",
    );
    expect(await kindsFound()).toEqual(['forged']);
  });

  it('shows what nobody has sealed for over a minute, and not what is younger', async () => {
    const [long, just] = [90_000, 10_000].map((age) => new Date(Date.now() - age));
    await world.container.ports.audit.append([...deedOf('a', 1, long), ...deedOf('b', 1, just)]);
    expect((await verify()).findings).toEqual([
      { kind: 'unsealed', what: expect.stringMatching(/^1 row\(s\) older than a minute have no seal: \d+$/) },
    ]);
  });

  it('shows that the end was cut off, to whom knows a later head', async () => {
    const { seq, hash, auditId } = (await world.container.ports.auditSeals.head())!;
    await change(`DELETE FROM civitas_audit_seals WHERE seq = ${seq}`);
    await change(`DELETE FROM civitas_audit WHERE id = ${auditId}`);
    expect(await kindsFound()).not.toContain('cut-off');
    expect(await kindsFound(hash)).toContain('cut-off');
  });

  it('calls somebody when the end is cut off while the program runs', async () => {
    const turn = sealAudit(world.container.ports);
    await turn(() => false);
    await change(`DELETE FROM civitas_audit_seals WHERE seq = ${(await verify()).head!.seq}`);
    await turn(() => false);
    expect(world.log()).toMatch(/"level":"error"[^\n]*the audit has lost a seal/);
  });
});

describe('several that seal at once', () => {
  it('make one chain over everything, whoever comes first', async () => {
    await seal();
    for (let call = 0; call < 3; call += 1) await world.container.ports.audit.append(deedOf(`deed ${call}`, 100));

    const counts = await Promise.all(Array.from({ length: 4 }, seal));

    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
    expect((await verify()).findings).toEqual([]);
    expect((await verify()).sealed).toBe(await countRows());
  });
});

describe('npm run audit:verify', () => {
  it('prints the head and ends well; names what was spoiled and ends with 1', async () => {
    const { hash } = (await verify()).head!;
    const args = { env: world.env };
    const well = await runCommand('audit verify', { ...args, args: ['--head', hash] });
    expect([well.code, well.output]).toEqual([0, expect.stringContaining(`head: ${hash}`)]);

    await change('UPDATE civitas_audit SET actorId = 77 WHERE userId = 112');
    const spoiled = await runCommand('audit verify', args);
    expect([spoiled.code, spoiled.output]).toEqual([1, expect.stringMatching(/^changed: row \d+ /m)]);

    const cut = await runCommand('audit verify', { ...args, args: ['--head', 'f'.repeat(64)] });
    expect([cut.code, cut.output]).toEqual([1, expect.stringContaining('cut-off: ')]);
  });
});
