import { raw } from '../../src/db/sql.ts';
import { adoptIn, withRecording } from '../support/adopted.ts';
import { changesBetween, dumped, type Dump } from '../support/dump.ts';
import { describeOnMysql, recordingNames } from '../support/recorded-copy.ts';

/** A dump without the tables and columns that it did not have before. */
const asBefore = (before: Dump, after: Dump): Dump =>
  new Map(
    [...before].map(([table, rows]) => {
      const columns = new Set(Object.keys([...rows.values()][0] ?? {}));
      const kept = [...(after.get(table) ?? [])].map(
        ([key, row]) => [key, Object.fromEntries(Object.entries(row).filter(([name]) => columns.has(name)))] as const,
      );
      return [table, new Map(kept)];
    }),
  );

describeOnMysql('adopting a recorded OpenStad database', () => {
  it.each(recordingNames)('loses nothing: %s', (name) =>
    withRecording(name, async (database) => {
      const before = await dumped(database);
      await adoptIn(database);
      expect(changesBetween(before, asBefore(before, await dumped(database)))).toEqual([]);
    }),
  );

  it.each(recordingNames)('twice is once: %s', (name) =>
    withRecording(name, async (database) => {
      const first = await adoptIn(database);
      const before = await dumped(database);
      const second = await adoptIn(database);
      const changes = changesBetween(before, await dumped(database)).filter(({ table }) => table !== 'civitas_leases');
      expect(changes).toEqual([]);
      expect(second).toEqual({
        ...first,
        steps: [],
        tablesAdded: [],
        columnsAdded: [],
        people: { ...first.people, linkedNow: 0 },
      });
    }),
  );

  it('reports what the worn one has been through', () =>
    withRecording('openstad-api-database-worn', async (database) => {
      const report = await adoptIn(database);
      expect(report.people).toMatchObject({ linkedNow: 71, persons: 31 });
      expect(report.people.severalRows).toMatchObject([
        {
          siteId: 1,
          rows: [
            { userId: 90302, slot: 0, deleted: false },
            { userId: 90303, slot: 1, deleted: false },
            { userId: 90304, slot: 2, deleted: false },
            { userId: 90305, slot: 3, deleted: false },
            { userId: 90306, slot: 4, deleted: false },
            { userId: 90307, slot: 5, deleted: true },
          ],
        },
      ]);
      expect(report.alone).toEqual({
        withoutSite: { count: 2, ids: [90311, 90312] },
        withoutIssuer: { count: 0, ids: [] },
        withoutExternalId: { count: 7, ids: [2, 3, 4, 5, 6, 90314, 90315] },
        leftOver: { count: 0, ids: [] },
      });
      expect(report.undeclared).toEqual({
        clearable: ['passwordHash', 'wijk'],
        columns: ['users.passwordHash', 'users.wijk', 'users.klantnummer'],
        tables: [],
        gaps: ['users.klantnummer'],
      });
      expect(report.columnsAdded).toContain('users.personId');
      expect(report.tablesAdded).toContain('civitas_persons');
    }));

  it('finds nothing odd in the one that is as OpenStad made it', () =>
    withRecording('openstad-api-database', async (database) => {
      const report = await adoptIn(database);
      expect(report.undeclared).toEqual({ clearable: [], columns: [], tables: [], gaps: [] });
      expect(report.misfits).toEqual({});
    }));

  it('names tables and columns that look personal, and values that do not fit', () =>
    withRecording('openstad-api-database', async (database) => {
      await database.change(raw('CREATE TABLE surveys (id INT PRIMARY KEY, answeredBy INT, telefoon VARCHAR(20))'));
      await database.change(raw('CREATE TABLE colours (id INT PRIMARY KEY, label VARCHAR(20))'));
      await database.change(
        raw('CREATE TABLE helpers (id INT PRIMARY KEY, who INT, FOREIGN KEY (who) REFERENCES users (id))'),
      );
      await database.change(raw('ALTER TABLE votes ADD COLUMN ipAddress VARCHAR(64) NULL'));
      await database.change(raw("UPDATE users SET role = 'koning', externalUserId = 0 WHERE id = 103"));
      const { undeclared, misfits } = await adoptIn(database);
      expect(undeclared.tables).toEqual(['helpers', 'surveys']);
      expect(undeclared.gaps).toEqual(['helpers.who', 'surveys.answeredBy', 'surveys.telefoon', 'votes.ipAddress']);
      expect(misfits).toEqual({
        'role is none we know': { count: 1, ids: [103] },
        'externalUserId is not positive': { count: 1, ids: [103] },
      });
    }));

  it('has an index for every column by which it looks for users', () =>
    withRecording('openstad-api-database', async (database) => {
      await adoptIn(database);
      const [plan] = await database.select(raw("EXPLAIN SELECT id FROM newslettersignups WHERE email IN ('a@b.nl')"));
      expect(plan?.['possible_keys']).toBe('newslettersignups_email');
      const [ideas] = await database.select(raw('EXPLAIN SELECT id FROM ideas WHERE modBreakUserId IN (3)'));
      expect(ideas?.['possible_keys']).toBe('ideas_modBreakUserId');
    }));

  it('does not count rows without a site', () =>
    withRecording('openstad-api-database-worn', async (database) => {
      await adoptIn(database);
      expect(await database.select(raw('SELECT * FROM civitas_user_counts WHERE siteId = 0'))).toEqual([]);
    }));
});
