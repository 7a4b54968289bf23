import { openDatabase, type Database } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';
import { schemaOf } from '../../src/db/schema.ts';
import { raw } from '../../src/db/sql.ts';
import { scratchDatabase } from '../support/database.ts';

const withDatabases = async (work: (one: Database, other: Database) => Promise<void>): Promise<void> => {
  const scratch = await scratchDatabase();
  const [one, other] = [openDatabase({ url: scratch.url }), openDatabase({ url: scratch.url })];
  try {
    await work(one, other);
  } finally {
    await Promise.all([one.close(), other.close()]);
    await scratch.remove();
  }
};

describe('migrations', () => {
  it('are all pending in an empty database, and looking changes nothing', () =>
    withDatabases(async (database) => {
      const pending = await createMigrator(database).pending();
      expect(pending[0]).toBe('0001-openstad-tables');
      expect(await schemaOf(database).hasTable('civitas_migrations')).toBe(false);
    }));

  it('run once, whoever asks how often', () =>
    withDatabases(async (one, other) => {
      const done = await Promise.all([createMigrator(one).up(), createMigrator(other).up()]);
      const pending = await createMigrator(one).pending();
      const again = await createMigrator(one).up();
      expect(done.flat().sort()).toEqual([...new Set(done.flat())].sort());
      expect(done.flat().length).toBeGreaterThan(5);
      expect(pending).toEqual([]);
      expect(again).toEqual([]);
    }));

  it('can be run again after an interruption that forgot to note them', () =>
    withDatabases(async (database) => {
      const done = await createMigrator(database).up();
      await database.change(raw('DELETE FROM civitas_migrations WHERE 1 = 1'));
      expect(await createMigrator(database).up()).toEqual(done);
    }));
});
