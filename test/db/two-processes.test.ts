import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { numberOf } from '../../src/db/rows/values.ts';
import { raw } from '../../src/db/sql.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const run = promisify(execFile);
const support = join(import.meta.dirname, '..', 'support');
const countUp = (url: string, times: number) =>
  run(process.execPath, [
    '--import',
    join(support, 'typescript-hooks.mjs'),
    join(support, 'count-up.ts'),
    url,
    String(times),
  ]);

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
  await test.database.change(raw("INSERT INTO civitas_user_counts (siteId, listableByRole, n) VALUES (1, 'none', 0)"));
});
afterEach(() => test.close());

describe('two processes on one database', () => {
  it('lose none of each other’s read-modify-writes', async () => {
    await Promise.all([countUp(test.url, 40), countUp(test.url, 40)]);
    const [row] = await test.database.select(raw('SELECT n FROM civitas_user_counts WHERE siteId = 1'));
    expect(numberOf(row?.['n'])).toBe(80);
  });
});
