import { raw, sql } from '../../src/db/sql.ts';
import { adoptIn, withRecording } from '../support/adopted.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';

/** Lists name the index that they go by: one over the same columns under another name is none to them. */
const named: readonly (readonly [table: string, index: string, columns: string])[] = [
  ['users', 'users_siteId_deletedAt_id', 'siteId, deletedAt, id'],
];

describeOnMysql('a database in which somebody has made indexes of their own', () => {
  it.each(named)('has the index of %s that lists name, too: %s', async (table, index, columns) => {
    await withRecording('openstad-api-database', async (database) => {
      await database.change(raw(`CREATE INDEX somebodys_own ON ${table} (${columns})`));
      await adoptIn(database);
      const second = await adoptIn(database);

      const rows = await database.select(
        sql`SELECT id FROM ${raw(table)} FORCE INDEX (${raw(index)}) WHERE siteId = 1 AND deletedAt IS NULL ORDER BY id`,
      );
      expect(rows.length).toBeGreaterThan(0);
      expect(second.steps).toEqual([]);
    });
  });
});
