import { setTimeout as pause } from 'node:timers/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { isFault } from '../../src/domain/fault.ts';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { openDriver } from '../../src/db/dialects/embedded-file.ts';
import { leases } from '../../src/db/leases.ts';
import { numberOf } from '../../src/db/rows/values.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { openTestDatabase, quiet, type TestDatabase } from '../support/database.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { until } from '../support/until.ts';

/** Real locks of a real second connection: nothing here is told to fail. */
let test: TestDatabase;
let database: Database;
let lines: string[];
const log = { ...quiet, info: (_facts: object, line: string) => void lines.push(line) };
beforeAll(async () => {
  test = await openTestDatabase();
});
beforeEach(async () => {
  await test.database.change(raw('DELETE FROM civitas_user_counts'));
  await test.database.change(
    raw("INSERT INTO civitas_user_counts (siteId, listableByRole, n) VALUES (1, 'none', 0), (2, 'none', 0)"),
  );
  lines = [];
  database = openDatabase({ url: test.url, log });
});
afterEach(() => database.close());
afterAll(() => test.close());
const countAt = async (siteId: number): Promise<number> => {
  const [row] = await test.database.select(sql`SELECT n FROM civitas_user_counts WHERE siteId = ${siteId}`);
  return numberOf(row?.['n']) ?? -1;
};
const addTo = (...siteIds: readonly number[]): Promise<number> =>
  database.change(
    raw(`UPDATE civitas_user_counts SET n = n + 1 WHERE siteId IN (${siteIds.join(', ')}) ORDER BY siteId`),
  );

const isMysql = process.env['TEST_DATABASE_URL']?.startsWith('mysql:') === true;
const describeIfMysql = (name: string, tests: () => void): void => {
  if (isMysql) describe(name, tests);
  else describe.skip(`${name} (needs MySQL or MariaDB: TEST_DATABASE_URL)`, tests);
};
const describeIfEmbedded = (name: string, tests: () => void): void => {
  if (isMysql) describe.skip(`${name} (needs the embedded database)`, tests);
  else describe(name, tests);
};

describeIfMysql('a statement outside a unit of work', () => {
  let other: Connection;
  beforeEach(async () => {
    other = await createConnection(test.url);
    await other.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
  afterEach(() => other.end());
  /** Begins a transaction that has written so much that the database rather gives up anybody else's. */
  const beginHeavy = async (): Promise<void> => {
    const rows = Array.from({ length: 200 }, (_none, index) => `(${1000 + index}, 'none', 0)`);
    await other.query('BEGIN');
    await other.query(`INSERT INTO civitas_user_counts (siteId, listableByRole, n) VALUES ${rows.join(', ')}`);
  };
  const waits = async (text: string): Promise<number | null> => {
    const [rows] = await other.query<RowDataPacket[]>(
      'SELECT p.id FROM information_schema.processlist p WHERE p.db = DATABASE() AND p.info LIKE ? AND p.id <> CONNECTION_ID()',
      [`${text}%`],
    );
    return numberOf(rows[0]?.['id']);
  };

  it('that a deadlock undid was a 500; it is run again, and counts once', async () => {
    await beginHeavy();
    await other.query('UPDATE civitas_user_counts SET n = n + 10 WHERE siteId = 2');
    const adding = addTo(1, 2);
    await until('our statement holds one row and waits for the other', async () => (await waits('UPDATE')) !== null);
    await pause(100);
    await other.query('UPDATE civitas_user_counts SET n = n + 10 WHERE siteId = 1');
    await other.query('COMMIT');

    expect(await adding).toBe(2);
    expect([await countAt(1), await countAt(2)]).toEqual([11, 11]);
    expect(lines).toContain('a statement is run again');
  });

  it('that waited too long for a lock was a 500; it is run again, and counts once', async () => {
    await other.query('BEGIN');
    await other.query('UPDATE civitas_user_counts SET n = n + 10 WHERE siteId = 1');
    const adding = addTo(1);
    await until('the first run has been given up', () => lines.length > 0);
    await other.query('COMMIT');

    expect(await adding).toBe(1);
    expect(await countAt(1)).toBe(11);
  });

  it('whose connection was lost is not run again: nobody knows what became of it', async () => {
    await other.query('BEGIN');
    await other.query('UPDATE civitas_user_counts SET n = n + 10 WHERE siteId = 1');
    const adding = addTo(1).catch((error: unknown) => error);
    await until('our statement waits', async () => (await waits('UPDATE')) !== null);
    await other.query(`KILL CONNECTION ${(await waits('UPDATE')) ?? 0}`);
    const error = await adding;
    await other.query('COMMIT');
    await pause(300);

    expect(isFault(error, 'not-ready')).toBe(true);
    expect(await countAt(1)).toBe(10);
  });

  it('inside a unit stays the unit’s: the whole unit is run again', async () => {
    const { inOneTransaction } = unitOfWork(database, log);
    let runs = 0;
    await beginHeavy();
    await other.query('UPDATE civitas_user_counts SET n = n + 10 WHERE siteId = 2');
    const adding = inOneTransaction(async () => {
      runs += 1;
      return addTo(1, 2);
    });
    await until('the unit holds one row and waits for the other', async () => (await waits('UPDATE')) !== null);
    await pause(100);
    await other.query('UPDATE civitas_user_counts SET n = n + 10 WHERE siteId = 1');
    await other.query('COMMIT');

    expect(await adding).toBe(2);
    expect([runs, await countAt(1), await countAt(2)]).toEqual([2, 11, 11]);
    expect(lines).toEqual(['a unit of work is run again']);
  });

  it('in a unit that reads one moment goes on when an OpenStad API changed the table meanwhile', async () => {
    const { inOneSnapshot } = unitOfWork(database, log);
    let runs = 0;
    const found = await inOneSnapshot(async () => {
      runs += 1;
      await database.select(raw('SELECT COUNT(*) AS n FROM sites'));
      if (runs === 1) await other.query('ALTER TABLE civitas_user_counts ADD COLUMN theirs INT NULL, ALGORITHM=COPY');
      return database.select(sql`SELECT n FROM civitas_user_counts WHERE siteId = ${1}`);
    });

    expect([runs, found.length]).toEqual([2, 1]);
  });

  it('is a lease that is taken in the end, however long another holds the row', async () => {
    const withLease = leases(database, { clock: fakeClock(), log: quiet, oauthTimeLimitMs: 3000 });
    await other.query('BEGIN');
    await other.query("INSERT INTO civitas_leases (`name`, `token`, `expiresAt`) VALUES ('person', 'x', '2000-01-01')");
    const working = withLease('person', async () => 'done');
    await pause(6000);
    await other.query('ROLLBACK');

    expect(await working).toBe('done');
  });
});

describeIfEmbedded('a statement on the embedded database that another process writes', () => {
  const file = (): string => test.url.slice('sqlite:'.length);

  it('waits for its end', async () => {
    const other = openDriver(file());
    other.exec('BEGIN IMMEDIATE');
    const adding = database.change(raw('UPDATE civitas_user_counts SET n = n + 1 WHERE siteId = 1'));
    await pause(300);
    other.exec('COMMIT');
    other.close();

    expect(await adding).toBe(1);
    expect(await countAt(1)).toBe(1);
  });

  it('for longer than anybody should wait was a 500, and is `busy`', async () => {
    const other = openDriver(file());
    other.exec('BEGIN IMMEDIATE');
    const begun = performance.now();
    const error: unknown = await database
      .change(raw('UPDATE civitas_user_counts SET n = n + 1 WHERE siteId = 1'))
      .catch((thrown: unknown) => thrown);
    const tookMs = performance.now() - begun;
    other.exec('ROLLBACK');
    other.close();

    expect(isFault(error, 'busy')).toBe(true);
    expect(tookMs).toBeLessThan(60_000);
    expect(await countAt(1)).toBe(0);
  });
});
