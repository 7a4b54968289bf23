import { openDatabase } from '../../src/db/database.ts';
import { sql } from '../../src/db/sql.ts';
import { adoptIn } from '../support/adopted.ts';
import { exactDump, rowsOf } from '../support/exact-dump.ts';
import { addOddValues } from '../support/odd-values.ts';
import { describeOnMysql, recordedCopy, type RecordingName } from '../support/recorded-copy.ts';
import { userWithMode } from '../support/server-mode.ts';

const strictest = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
const servers: readonly (readonly [name: RecordingName, mode: string])[] = [
  ['openstad-api-database', strictest],
  ['openstad-api-database-worn', ''],
  ['openstad-api-database-upgraded', `ANSI,${strictest},STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES`],
  ['openstad-api-database-fresh-started', strictest],
];

describeOnMysql('a database with zero dates, empty words and odd numbers', () => {
  it.each(servers)('is adopted whole, and its rows can be changed: %s under sql_mode "%s"', async (name, mode) => {
    const copy = await recordedCopy(name);
    await addOddValues(copy.url);
    const before = await exactDump(copy.url);
    const user = await userWithMode(mode);
    const database = openDatabase({ url: user.urlOf(copy.url) });
    try {
      const first = await adoptIn(database);
      const kept = rowsOf(await exactDump(copy.url, before));
      const second = await adoptIn(database);
      const changed = await database.change(
        sql`UPDATE users SET streetName = ${'Dam'} WHERE id IN (101, 102, 103, 104, 105)`,
      );

      expect(kept).toEqual(rowsOf(before));
      expect(first.steps.length).toBeGreaterThan(0);
      expect(second).toMatchObject({ steps: [], people: { linkedNow: 0 }, oddValues: first.oddValues });
      expect(first.oddValues.map(({ table, column, what }) => `${table}.${column} ${what}`)).toEqual(
        expect.arrayContaining([
          'sites.updatedAt is no date',
          'users.lastLogin is no date',
          'users.updatedAt is no date',
          'users.deletedAt is no date',
          'users.isNotifiedAboutAnonymization is no date',
          'users.listableByRole is empty',
          'users.gender is empty',
          'users.complete is neither 0 nor 1',
          'users.role is no role',
          'ideas.status is empty',
          'arguments.createdAt is no date',
          'votes.updatedAt is no date',
        ]),
      );
      expect(changed).toBe(5);
    } finally {
      await database.close();
      await user.remove();
      await copy.remove();
    }
  });
});
