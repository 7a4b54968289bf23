import { rehearse } from '../../src/db/adoption/adopt.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';
import { raw } from '../../src/db/sql.ts';
import { openTestDatabase, scratchDatabase } from '../support/database.ts';

describe('a dry run', () => {
  it('finds nothing to do in a database that is up to date, and the database would refuse to be changed', async () => {
    const test = await openTestDatabase();
    const database = openDatabase({ url: test.url, readOnly: true });
    try {
      const report = await rehearse({ database, migrator: createMigrator(database), globalIssuer: null });
      expect(report).toMatchObject({ dryRun: true, steps: [], tablesAdded: [], alters: [], oddValues: [] });
      await expect(database.change(raw("UPDATE users SET city = 'x' WHERE id = 1"))).rejects.toThrow(/refused/);
      await expect(database.change(raw('CREATE TABLE extra (id INTEGER PRIMARY KEY)'))).rejects.toThrow(/refused/);
      await test.database.change(raw('CREATE TABLE extra (id INTEGER PRIMARY KEY)'));
    } finally {
      await database.close();
      await test.close();
    }
  });

  it('of an empty database says that everything is to be made, and makes nothing', async () => {
    const scratch = await scratchDatabase();
    const owner = openDatabase({ url: scratch.url });
    const database = openDatabase({ url: scratch.url, readOnly: true });
    try {
      const count = raw(
        scratch.url.startsWith('mysql:')
          ? 'SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()'
          : 'SELECT COUNT(*) AS n FROM sqlite_master',
      );
      await owner.select(count);
      const report = await rehearse({ database, migrator: createMigrator(database), globalIssuer: null });
      expect(report.tablesAdded).toEqual(expect.arrayContaining(['sites', 'users', 'civitas_persons']));
      expect(report.alters).toEqual([]);
      expect(Number((await owner.select(count))[0]?.['n'])).toBe(0);
    } finally {
      await database.close();
      await owner.close();
      await scratch.remove();
    }
  });
});
