import { readIssuers, linkPeople } from '../../src/db/adoption/link-people.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { openTestDatabase, quiet, type TestDatabase } from '../support/database.ts';
import { fakeSecrets } from '../support/fakes/secrets.ts';
import { copyTables } from '../support/fill-tables.ts';
import { recordedRows } from '../support/recorded-database.ts';
import { recordingNames } from '../support/recorded-copy.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

const link = async (globalIssuer: string | null = null): Promise<number> =>
  linkPeople(test.database, unitOfWork(test.database, quiet).inOneTransaction, {
    issuers: await readIssuers(test.database, globalIssuer),
    secrets: fakeSecrets(),
    now: new Date(0),
  });

const fill = async (name: (typeof recordingNames)[number]): Promise<void> => {
  const rows = new Map(await recordedRows(name));
  // A row at site 0 cannot be inserted anew: there is no such site to refer to.
  rows.set(
    'users',
    (rows.get('users') ?? []).filter(({ siteId }) => siteId !== 0),
  );
  await copyTables(test.database, rows);
};

const people = async (): Promise<readonly Record<string, unknown>[]> =>
  test.database.select(
    raw(`SELECT u.id, u.siteId, u.slot, p.issuer, p.externalId, p.createdByUs FROM users u JOIN civitas_persons p ON p.id = u.personId
         ORDER BY u.id`),
  );

describe('linking people', () => {
  it.each(recordingNames)('links every row with a site and an external id: %s', async (name) => {
    await fill(name);
    const [wanted] = await test.database.select(
      raw('SELECT COUNT(*) AS n FROM users WHERE siteId > 0 AND externalUserId > 0'),
    );
    expect(await link()).toBe(wanted?.['n']);
    const linked = await people();
    expect(linked).toHaveLength(Number(wanted?.['n']));
    expect(new Set(linked.map(({ issuer }) => issuer))).toEqual(new Set(['http://127.0.0.1:4440']));
    expect(linked.every(({ createdByUs }) => Number(createdByUs) === 1)).toBe(true);
  });

  it('does it once, however often it is asked', async () => {
    await fill('openstad-api-database-worn');
    await link();
    const before = await people();
    expect(await link()).toBe(0);
    expect(await people()).toEqual(before);
  });

  it('finds rows that were missed, and gives them the next free slot', async () => {
    await fill('openstad-api-database-worn');
    await link();
    await test.database.change(sql`UPDATE users SET personId = NULL, slot = 0 WHERE id IN (90303, 90304)`);
    expect(await link()).toBe(2);
    const slots = (await people()).filter(({ externalId, siteId }) => externalId === '7700' && siteId === 1);
    expect(slots.map(({ id, slot }) => [id, slot])).toEqual([
      [90302, 0],
      [90303, 1],
      [90304, 2],
      [90305, 3],
      [90306, 4],
      [90307, 5],
    ]);
  });

  it('leaves somebody alone who is just being removed', async () => {
    await fill('openstad-api-database-worn');
    await link();
    await test.database.change(sql`UPDATE users SET personId = NULL, slot = 0 WHERE externalUserId = 7702`);
    await test.database.change(sql`UPDATE civitas_persons SET state = 'removing' WHERE externalId = '7702'`);
    expect(await link()).toBe(0);
  });

  it('takes the global OAuth server for a site that names none, and nobody where there is none', async () => {
    await fill('openstad-api-database');
    await test.database.rows.sites.update({ config: {} }, { where: { id: 3 } });
    await link();
    expect((await people()).some(({ siteId }) => siteId === 3)).toBe(false);
    await link('https://login.example.org');
    const there = (await people()).filter(({ siteId }) => siteId === 3);
    expect(there.length).toBeGreaterThan(0);
    expect(new Set(there.map(({ issuer }) => issuer))).toEqual(new Set(['https://login.example.org']));
  });
});
