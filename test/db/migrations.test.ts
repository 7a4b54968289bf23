import { up as countersInSlots } from '../../migrations/0017-counters-in-slots.ts';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';
import { schemaOf } from '../../src/db/schema.ts';
import { dateOf } from '../../src/db/rows/values.ts';
import { raw, sql } from '../../src/db/sql.ts';
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

  it('change the key of a table wherever they were interrupted before', () =>
    withDatabases(async (database) => {
      const whole = schemaOf(database);
      for (let most = 0, isWhole = false; !isWhole; most += 1) {
        for (const table of ['civitas_user_counts', 'civitas_user_counts_copy'])
          await whole.run(raw(`DROP TABLE IF EXISTS ${table}`));
        await whole.createTable('civitas_user_counts', {
          columns: { siteId: ['int', 'NOT NULL'], listableByRole: [{ exact: 32 }, 'NOT NULL'], n: ['int', 'NOT NULL'] },
          primaryKey: ['siteId', 'listableByRole'],
        });
        await whole.run(raw("INSERT INTO civitas_user_counts VALUES (1, 'all', 4), (1, 'none', 2)"));
        let sent = 0;
        const interrupted = schemaOf(database, async (statement) => {
          if (sent === most) throw new Error('interrupted');
          sent += 1;
          return database.change(statement);
        });
        isWhole = await countersInSlots(interrupted).then(
          () => true,
          () => false,
        );
        await countersInSlots(whole);

        await whole.run(
          raw("INSERT INTO civitas_user_counts (siteId, listableByRole, slot, n) VALUES (1, 'all', 3, 1)"),
        );
        const rows = await database.select(
          raw('SELECT listableByRole, slot, n FROM civitas_user_counts ORDER BY listableByRole, slot'),
        );
        expect([most, ...rows.map((row) => Object.values(row).map(String).join(' '))]).toEqual([
          ...[most, 'all 0 4', 'all 3 1', 'none 0 2'],
        ]);
      }
    }));

  it('give the audit of before the moment that its lists are sorted by', () =>
    withDatabases(async (database) => {
      await createMigrator(database).up();
      // As a database was before that step, with rows of then.
      const since = 'siteId_disposition_listedAt_userId_id';
      const indexes = ['at_id', 'siteId_listedAt_userId_id', since].map((columns) => `civitas_audit_${columns}`);
      for (const index of indexes)
        await database.change(
          raw(`DROP INDEX ${index}${database.dialect.name === 'mysql' ? ' ON civitas_audit' : ''}`),
        );
      await database.change(raw('ALTER TABLE civitas_audit DROP COLUMN listedAt'));
      await database.change(raw("DELETE FROM civitas_migrations WHERE name = '0007-audit-lists'"));
      for (const [operation, place] of [
        ['a', 1],
        ['b', null],
      ] as const)
        await database.change(
          sql`INSERT INTO civitas_audit (\`at\`, \`call\`, operation, place, mac) VALUES (${new Date('2026-03-04T05:06:07.890Z')}, 'delete', ${operation}, ${place}, '')`,
        );

      expect(await createMigrator(database).up()).toEqual(['0007-audit-lists']);

      const rows = await database.select(raw('SELECT listedAt FROM civitas_audit ORDER BY id'));
      expect(rows.map((row) => dateOf(row['listedAt']))).toEqual([new Date('2026-03-04T05:06:07.000Z'), null]);
    }));
});
