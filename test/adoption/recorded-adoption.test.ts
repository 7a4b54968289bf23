import { rehearse } from '../../src/db/adoption/adopt.ts';
import type { AdoptionReport } from '../../src/db/adoption/report.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';
import { raw } from '../../src/db/sql.ts';
import { adoptIn, withRecording } from '../support/adopted.ts';
import { exactDump, rowsOf } from '../support/exact-dump.ts';
import { describeOnMysql, recordingNames } from '../support/recorded-copy.ts';
import { closedAfter } from '../support/until.ts';

const nobody = { count: 0, ids: [] };
const usual: Partial<AdoptionReport> = {
  oddValues: [],
  declarations: [],
  undeclared: { clearable: [], columns: [], tables: [], gaps: [] },
  alone: {
    withoutSite: nobody,
    withoutIssuer: nobody,
    withoutExternalId: { count: 5, ids: [2, 3, 4, 5, 6] },
    leftOver: nobody,
  },
};
const worn: Partial<AdoptionReport> = {
  oddValues: [],
  alone: {
    withoutSite: { count: 2, ids: [90311, 90312] },
    withoutIssuer: nobody,
    withoutExternalId: { count: 7, ids: [2, 3, 4, 5, 6, 90314, 90315] },
    leftOver: nobody,
  },
  undeclared: {
    clearable: ['passwordHash', 'wijk'],
    columns: ['users.passwordHash', 'users.wijk', 'users.klantnummer'],
    tables: [],
    gaps: ['users.klantnummer'],
  },
};
const sixRows = [90302, 90303, 90304, 90305, 90306, 90307].map((userId, slot) => ({
  userId,
  slot,
  deleted: userId === 90307,
}));

/** As another process would: with a connection by which the database refuses every change. */
const rehearseAt = (url: string): Promise<AdoptionReport> => {
  const database = openDatabase({ url, readOnly: true });
  const rehearsed = rehearse({ database, migrator: createMigrator(database), globalIssuer: null });
  return closedAfter(rehearsed, () => database.close());
};

/** Leases are taken and given back. */
const withoutLeases = (rows: Readonly<Record<string, readonly string[]>>) => ({ ...rows, civitas_leases: [] });
const inOrder = (names: readonly string[]): readonly string[] => [...names].sort();

describeOnMysql('adopting a recorded OpenStad database', () => {
  it.each(recordingNames)(
    'loses nothing, and twice is once; a dry run says so beforehand and changes nothing: %s',
    (name) =>
      withRecording(name, async (database, url) => {
        const recorded = await exactDump(url);
        const beforehand = await rehearseAt(url);
        const untouched = await exactDump(url);
        const first = await adoptIn(database);
        const kept = rowsOf(await exactDump(url, recorded));
        const adopted = rowsOf(await exactDump(url));
        const second = await adoptIn(database);
        const again = await rehearseAt(url);

        expect(untouched).toEqual(recorded);
        expect(kept).toEqual(rowsOf(recorded));
        expect(withoutLeases(rowsOf(await exactDump(url)))).toEqual(withoutLeases(adopted));
        const nothingNew = {
          ...first,
          steps: [],
          tablesAdded: [],
          columnsAdded: [],
          people: { ...first.people, linkedNow: 0 },
        };
        expect(second).toEqual(nothingNew);
        expect(again).toEqual({ ...nothingNew, dryRun: true });
        expect(beforehand.alters.some((statement) => statement.startsWith('ALTER TABLE `users`'))).toBe(true);
        expect({
          ...beforehand,
          tablesAdded: inOrder(beforehand.tablesAdded),
          columnsAdded: inOrder(beforehand.columnsAdded),
        }).toEqual({
          ...first,
          dryRun: true,
          // The two tables that migrating itself needs are made before its first step.
          tablesAdded: inOrder(first.tablesAdded).filter((table) => !/_(leases|migrations)$/.test(table)),
          columnsAdded: inOrder(first.columnsAdded),
          alters: beforehand.alters,
          people: {
            ...first.people,
            persons: 0,
            severalRows: first.people.severalRows.map((one) => ({ ...one, personId: null })),
          },
        });

        const isWorn = name === 'openstad-api-database-worn';
        expect(first).toMatchObject(isWorn ? worn : usual);
        expect(first.people).toMatchObject(
          isWorn
            ? { linkedNow: 71, persons: 31, severalRows: [{ siteId: 1, rows: sixRows }] }
            : { linkedNow: 62, persons: 28, severalRows: [] },
        );
        expect(first.columnsAdded).toContain('users.personId');
        expect(first.tablesAdded).toContain('civitas_persons');
        // Nobody is counted at site 0, and every column by which users are looked for has an index.
        expect(await database.select(raw('SELECT * FROM civitas_user_counts WHERE siteId = 0'))).toEqual([]);
        const [plan] = await database.select(raw("EXPLAIN SELECT id FROM newslettersignups WHERE email IN ('a@b.nl')"));
        expect(plan?.['possible_keys']).toBe('newslettersignups_email');
        const [ideas] = await database.select(raw('EXPLAIN SELECT id FROM ideas WHERE modBreakUserId IN (3)'));
        expect(ideas?.['possible_keys']).toBe('ideas_modBreakUserId');
      }),
  );

  it('names tables and columns that look personal with the line that declares them, and values that do not fit', () =>
    withRecording('openstad-api-database', async (database) => {
      await database.change(raw('CREATE TABLE surveys (id INT PRIMARY KEY, answeredBy INT, telefoon VARCHAR(20))'));
      await database.change(raw('CREATE TABLE colours (id INT PRIMARY KEY, label VARCHAR(20))'));
      await database.change(
        raw('CREATE TABLE helpers (id INT PRIMARY KEY, who INT, FOREIGN KEY (who) REFERENCES users (id))'),
      );
      await database.change(raw('ALTER TABLE votes ADD COLUMN ipAddress VARCHAR(64) NULL'));
      await database.change(raw('ALTER TABLE submissions ADD COLUMN telefoon VARCHAR(64) NOT NULL'));
      await database.change(raw("UPDATE users SET role = 'koning', externalUserId = 0 WHERE id = 103"));
      const { undeclared, declarations, oddValues } = await adoptIn(database);

      expect(undeclared.tables).toEqual(['helpers', 'surveys']);
      expect(undeclared.gaps).toEqual([
        'helpers.who',
        'submissions.telefoon',
        'surveys.answeredBy',
        'surveys.telefoon',
        'votes.ipAddress',
      ]);
      expect(declarations).toEqual([
        {
          columns: ['helpers.who'],
          where: 'Declare it in src/side-tables/index.ts, workings',
          line: "{ table: 'helpers', key: 'id', names: [{ column: 'who', holds: 'user-id' }], columns: { id: kept, who: kept, }, whenAnonymized: () => 'anonymize', whenHidden: 'anonymize', whenDeleted: 'clear' },",
        },
        {
          columns: ['submissions.telefoon'],
          where: 'Declare it in src/side-tables/index.ts, columns of submissions',
          line: "telefoon: personal(''),",
        },
        {
          columns: ['surveys.answeredBy', 'surveys.telefoon'],
          where: 'Declare it in src/side-tables/index.ts, workings',
          line: "{ table: 'surveys', key: 'id', names: [{ column: 'answeredBy', holds: 'user-id' }], columns: { id: kept, answeredBy: kept, telefoon: personal(), }, whenAnonymized: () => 'anonymize', whenHidden: 'anonymize', whenDeleted: 'clear' },",
        },
        {
          columns: ['votes.ipAddress'],
          where: 'Declare it in src/activity-types/vote.ts, columns',
          line: "ipAddress: personal('text'),",
        },
      ]);
      expect(oddValues).toMatchObject([
        {
          table: 'users',
          column: 'externalUserId',
          what: 'is not positive',
          count: 1,
          ids: [103],
          remedy: expect.stringContaining('UPDATE users SET externalUserId = NULL WHERE id IN (103);') as string,
        },
        {
          table: 'users',
          column: 'role',
          what: 'is no role',
          count: 1,
          ids: [103],
          remedy: expect.stringContaining("UPDATE users SET role = 'anonymous' WHERE id IN (103);") as string,
        },
      ]);
    }));

  it('keeps two addresses that only another order takes for one', () =>
    withRecording('openstad-api-database-upgraded', async (database) => {
      const [first, second] = await database.select(raw('SELECT id FROM users WHERE siteId = 1 ORDER BY id LIMIT 2'));
      const rename = (row: typeof first, email: string) =>
        database.change(raw(`UPDATE users SET email = '${email}' WHERE id = ${Number(row?.['id'])}`));
      await rename(first, 'strasse@example.org');
      await rename(second, 'straße@example.org');
      await adoptIn(database);
      const [found] = await database.select(raw("SELECT COUNT(*) AS n FROM users WHERE email LIKE 'stra%'"));
      expect(Number(found?.['n'])).toBe(2);
    }));

  it('refuses an older OpenStad’s before anything is changed, and names what is missing', () =>
    withRecording('openstad-api-database', async (database, url) => {
      await database.change(raw('ALTER TABLE users DROP COLUMN isNotifiedAboutAnonymization'));
      const before = await exactDump(url);
      await expect(adoptIn(database)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('users.isNotifiedAboutAnonymization is missing') as string,
      });
      expect(await exactDump(url)).toEqual(before);
    }));
});
