import { raw, sql } from '../../src/db/sql.ts';
import type { LookEntry, OperationEntry } from '../../src/ports/audit.ts';
import { withMac } from '../../src/use-cases/audit/entries.ts';
import { cellText } from '../../src/http/presenters/audit.ts';
import { backOfficeOf, type BackOffice } from './sentences/support/back-office.ts';
import type { Somebody } from './sentences/support/people.ts';
import { startSentences, type SentenceWorld } from './sentences/support/world.ts';

/** people.md §1, `GET /api/audit`. Sites 8 and 9 are a back office's. */
let s: SentenceWorld;
let office: BackOffice;
let boss: Somebody;
beforeAll(async () => {
  s = await startSentences({ 8: {}, 9: { client: 8 } });
  office = await backOfficeOf(s, [8, 9]);
  boss = await s.person({ at: { 8: 'admin' } });
});
afterAll(() => s.close());

interface Entry {
  readonly at: string;
  readonly call: string;
  readonly siteId: number;
  readonly userId: number;
  readonly actor: { readonly kind: string; readonly id?: number };
  readonly disposition: string | null;
  readonly outcome: Readonly<Record<string, string | null>> | null;
  readonly operation?: string;
  readonly receipt?: string | null;
}
const here = (): number => boss.at[8] ?? 0;
const page = async (who: number | string, query = ''): Promise<{ records: readonly Entry[]; cursor?: string }> => {
  const { status, body, text } = await s.get(who, `/api/audit${query}`);
  if (status !== 200) throw new Error(`${status} ${text}`);
  return { records: body.records, cursor: body.metadata.cursor };
};
/** Every page of it, and how many there were. */
const walked = async (who: number | string, query: string) => {
  const records: Entry[] = [];
  for (let cursor: string | undefined, pages = 1; ; pages += 1) {
    const one = await page(who, `?${query}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    records.push(...one.records);
    cursor = one.cursor;
    if (cursor === undefined) return { records, pages };
  }
};
const somebody = () => s.person({ at: { 8: 'member', 9: 'member' } });
const deedOf = (userId: number, at: Date, more: Partial<OperationEntry> = {}): OperationEntry => ({
  ...{ at, operation: `deed of ${userId}`, actorId: 2, siteId: 8, userId, counts: {}, digest: null, reason: null },
  ...{ withheld: false, told: true, shown: true, rank: 1, rowCount: 1 },
  ...({ call: 'do-anonymize', actorKind: 'fixed-token', disposition: 'anonymized', oauth: 'nothing' } as const),
  ...more,
});
const append = async (entries: readonly (OperationEntry | LookEntry)[]) => {
  const { ports } = s.world.container;
  for (let from = 0; from < entries.length; from += 500)
    await ports.audit.append(withMac(ports.secrets, entries.slice(from, from + 500)));
};

describe('GET /api/audit', () => {
  it('tells platform admins all of it: who, when, whom, and what joins the rows of one person', async () => {
    const person = await somebody();
    const did = await s.put('admin', `/api/site/8/user/${person.at[8] ?? 0}/do-anonymizeall?reason=Zaak-1`);
    expect(did.status).toBe(200);

    const { records } = await page('admin');
    const two = records.slice(0, 2);
    expect(new Set(two.map(({ siteId }) => siteId))).toEqual(new Set([8, 9]));
    for (const entry of two)
      expect(entry).toMatchObject({
        ...{ call: 'do-anonymizeall', actor: { kind: 'fixed-token', id: 2 }, disposition: 'anonymized' },
        ...{ operation: two[0]?.operation, receipt: /<(.+)>; rel/.exec(did.headers.get('link') ?? '')?.[1] },
        ...{ reason: 'Zaak-1', outcome: { removal: expect.any(String), reason: null } },
      });
  });

  it('tells an admin the rows of their site, and a look at them to the day', async () => {
    const person = await somebody();
    await office.call('admin', 'GET', `/api/v1/users/${person.externalId}/export`);
    await s.put(here(), `/api/site/8/user/${person.at[8] ?? 0}/do-anonymize`);

    const { records } = await walked(here(), 'pageSize=100');
    expect(new Set(records.map(({ siteId }) => siteId))).toEqual(new Set([8]));
    const [done, seen] = ['do-anonymize', 'export'].map((call) =>
      records.find((one) => one.call === call && one.userId === person.at[8]),
    );
    expect(done).toMatchObject({ actor: { kind: 'staff', id: here() }, outcome: { removal: 'kept' } });
    expect(seen).toMatchObject({ actor: { kind: 'client' }, disposition: null, outcome: null });
    expect(Object.keys(seen?.actor ?? {})).toEqual(['kind']);
    // Why somebody was kept would say where else they are.
    expect(Object.keys(done?.outcome ?? {}).sort()).toEqual(['removal', 'values']);
    expect(seen?.at).toMatch(/T00:00:00\.000Z$/);
    expect(done?.at).toMatch(/\.000Z$/);
    for (const name of ['operation', 'receipt', 'reason', 'digest']) expect(done).not.toHaveProperty(name);
  });

  it('is asked by what it shows: site, call, actor, outcome, period', async () => {
    const all = (await walked('admin', 'pageSize=100')).records;
    const same = async (query: string, is: (entry: Entry) => boolean) => {
      const { records } = await walked('admin', `pageSize=3&${query}`);
      expect(records.length).toBeGreaterThan(0);
      // One site's rows come in the order of the moment that is told there.
      const names = (some: readonly Entry[]) =>
        some.map(({ operation, userId }) => `${operation ?? ''} ${userId}`).sort();
      expect(names(records)).toEqual(names(all.filter(is)));
    };
    await same('siteId=8', ({ siteId }) => siteId === 8);
    await same('call=export', ({ call }) => call === 'export');
    await same('actorKind=client', ({ actor }) => actor.kind === 'client');
    await same(`actorId=${here()}`, ({ actor }) => actor.id === here());
    await same('outcome=kept', ({ outcome }) => outcome?.['removal'] === 'kept');
    const moment = all[1]?.at ?? '';
    await same(`from=${moment}`, ({ at }) => at >= moment);
    await same(`before=${moment}&siteId=8`, ({ at, siteId }) => at < moment && siteId === 8);
    // The id of a back office is not told at a site, and nothing is found by it.
    expect((await walked(here(), `actorId=${office.id}&actorKind=client`)).records).toEqual([]);
  });

  it('names an operator at the command line to platform admins alone', async () => {
    await append([
      deedOf(600_000, new Date(), { actorId: null, actorKind: 'cli', actorName: 'cli:jan' }),
      deedOf(600_001, new Date(), { actorId: null, actorKind: 'cli', actorName: 'cli:piet' }),
    ]);
    const told = async (who: number | string) =>
      (await walked(who, 'actorKind=cli&pageSize=100')).records.map(({ userId, actor }) => [userId, actor]);
    expect((await told('admin')).sort()).toEqual([
      [600_000, { kind: 'cli', name: 'cli:jan' }],
      [600_001, { kind: 'cli', name: 'cli:piet' }],
    ]);
    expect((await told(here())).sort()).toEqual([
      [600_000, { kind: 'cli' }],
      [600_001, { kind: 'cli' }],
    ]);
    const table = await s.get('admin', '/api/audit?actorKind=cli', { accept: 'text/csv' });
    expect(table.text).toContain(',cli:jan,');
    await s.world.container.database.change(raw('DELETE FROM civitas_audit WHERE userId IN (600000, 600001)'));
  });

  it('is walked page by page where one in three thousand is asked for, and by no page is anything lost or told twice', async () => {
    const begin = Date.UTC(2026, 0, 1);
    const long = Array.from({ length: 3000 }, (_none, index) =>
      deedOf(
        500_000 + index,
        new Date(begin + Math.floor(index / 7) * 1000),
        index === 40 ? { call: 'delete', disposition: 'deleted' } : {},
      ),
    );
    await append(long);
    for (const who of ['admin', here()]) {
      const range = 'from=2026-01-01T00:00:00Z&before=2026-01-02T00:00:00Z';
      const { records, pages } = await walked(who, `${range}&call=delete`);
      expect(records.map(({ userId }) => userId)).toEqual([500_040]);
      expect(pages).toBeLessThanOrEqual(4);
      const every = (await walked(who, `${range}&pageSize=100`)).records.map(({ userId }) => userId);
      expect(every).toEqual([...long].reverse().map(({ userId }) => userId));
    }
  });

  it('leaves out, and logs, what is not as it was written', async () => {
    await append([deedOf(600_001, new Date()), deedOf(600_002, new Date())]);
    const { change } = s.world.container.database;
    await change(raw('UPDATE civitas_audit SET actorId = 77 WHERE userId = 600001'));
    await change(sql`UPDATE civitas_audit SET listedAt = ${new Date('2026-01-01')} WHERE userId = 600002`);
    for (const who of ['admin', here()]) {
      const ids = (await walked(who, 'pageSize=100')).records.map(({ userId }) => userId);
      expect(ids).not.toContain(600_001);
      expect(ids).not.toContain(600_002);
    }
    expect(s.world.log()).toMatch(/"level":"error"[^\n]*are left out of a list/);
    await change(raw('DELETE FROM civitas_audit WHERE userId IN (600001, 600002)'));
  });

  it('is a table for who asks for CSV', async () => {
    const { headers, text, status } = await s.get(here(), '/api/audit?pageSize=2', { accept: 'text/csv' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('link')).toMatch(/^<\/api\/audit\?pageSize=2&cursor=[^>]+>; rel="next"$/);
    const lines = text.split('\r\n');
    expect(lines[0]).toMatch(/^at,call,siteId,userId,actorKind,actorId,disposition,ideas\.keep,/);
    expect([lines.length, lines.at(-1)]).toEqual([4, '']);
    expect(text).not.toContain('operation');
  });

  it('has the same columns on each page of a walk, an empty one too', async () => {
    for (const [who, isWhole] of [
      ['admin', true],
      [here(), false],
    ] as const) {
      const headOf = async (query: string) =>
        (await s.get(who, `/api/audit?${query}`, { accept: 'text/csv' })).text.split('\r\n')[0];
      const head = await headOf('pageSize=2');
      expect(head?.endsWith(',operation,receipt,reason,digest')).toBe(isWhole);
      expect(await headOf('before=2001-01-01')).toBe(head);
    }
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+31', "'+31"],
    ['-', "'-"],
    ['@x', "'@x"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['a,"b"', '"a,""b"""'],
    ['a', 'a'],
    [-1, '-1'],
    [null, ''],
  ])('writes the cell %j so that no spreadsheet computes it', (cell, written) => {
    expect(cellText(cell)).toBe(written);
  });

  test.each(['page=0', 'actor=2', 'pageSize=101', 'from=yesterday', 'call=peek', 'cursor=x'])(
    'refuses %s with 400',
    async (query) => {
      expect((await s.get('admin', `/api/audit?${query}`)).status).toBe(400);
    },
  );

  it('refuses a cursor of another list, and a site where the actor is no admin', async () => {
    const { cursor = '' } = await page('admin', '?pageSize=1');
    expect((await s.get(here(), `/api/audit?cursor=${encodeURIComponent(cursor)}`)).status).toBe(400);
    expect((await s.get('admin', `/api/audit?call=delete&cursor=${encodeURIComponent(cursor)}`)).status).toBe(400);
    expect((await s.get(here(), '/api/audit?siteId=9')).status).toBe(403);
  });

  it('tells at once what was done before thousands of looks, where it is asked for', async () => {
    const person = await somebody();
    expect((await s.put(here(), `/api/site/8/user/${person.at[8] ?? 0}/do-anonymize`)).status).toBe(200);
    const [done] = (await page(here())).records;
    const now = new Date();
    const looks: LookEntry[] = Array.from({ length: 1200 }, (_none, index) => ({
      ...deedOf(2_000_000 + index, now, { operation: `look ${index}`, actorKind: 'staff' }),
      ...({ call: 'export', disposition: null, listedAt: new Date(Math.floor(now.getTime() / 1000) * 1000) } as const),
    }));
    await append(looks);
    for (const who of ['admin', here()])
      for (const query of [
        '?call=do-anonymize',
        '?call=do-anonymize&siteId=8',
        '?outcome=none&siteId=8',
        '?outcome=none',
      ]) {
        const { records } = await page(who, query);
        expect(records.every(({ disposition }) => disposition !== null)).toBe(true);
        if (!query.includes('outcome'))
          expect(records[0]).toMatchObject({ userId: done?.userId, call: 'do-anonymize' });
        else expect(records.length).toBeGreaterThan(0);
      }
    const { ports } = s.world.container;
    await ports.inOneTransaction(() =>
      s.world.container.database.change(raw("DELETE FROM civitas_audit WHERE operation LIKE 'look %'")),
    );
  });

  it('takes four statements', async () => {
    const before = s.world.statements();
    await page('admin', '?pageSize=100');
    expect(s.world.statements() - before).toBeLessThanOrEqual(4);
  });
});
