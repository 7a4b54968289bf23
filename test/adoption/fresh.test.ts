import { undeclaredIn } from '../../src/side-tables/unknown.ts';
import { readCatalog } from '../../src/db/catalog.ts';
import { openTestDatabase } from '../support/database.ts';
import { adoptIn } from '../support/adopted.ts';
import { closedAfter } from '../support/until.ts';

describe('a fresh database', () => {
  it('holds no table and no column that nobody declared (a new table of ours is named in side-tables/unknown.ts)', async () => {
    const test = await openTestDatabase();
    const catalog = await closedAfter(readCatalog(test.database), () => test.close());
    expect(undeclaredIn(catalog)).toEqual({ clearable: [], columns: [], tables: [], gaps: [] });
    expect(catalog.find(({ table, column }) => table === 'ideas' && column === 'userId')).toMatchObject({
      nullable: false,
      refersToUsers: true,
    });
  });

  it('has nothing to adopt', async () => {
    const test = await openTestDatabase();
    const report = await closedAfter(adoptIn(test.database), () => test.close());
    expect(report.people).toEqual({ linkedNow: 0, persons: 0, severalRows: [] });
    expect(Object.values(report.alone).every(({ count }) => count === 0)).toBe(true);
  });
});
