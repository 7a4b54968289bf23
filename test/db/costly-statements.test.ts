import { sql } from '../../src/db/sql.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';

let scratch: TestDatabase;
beforeAll(async () => {
  scratch = await openTestDatabase();
});
afterAll(() => scratch.close());

describeOnMysql('a statement that takes longer than it may', () => {
  it('is ended by the server, and its connection goes on', async () => {
    const { select } = scratch.database;
    await expect(select(sql`SELECT SLEEP(${60}) AS n`, { maxSeconds: 0.1 })).rejects.toMatchObject({ code: 'busy' });
    expect(await select(sql`SELECT ${1} + 1 AS n`, { maxSeconds: 0.1 })).toEqual([{ n: 2 }]);
    expect(await select(sql`SELECT SLEEP(${0.3}) AS n`)).toEqual([{ n: 0 }]);
  });
});

describe('a statement that may be long', () => {
  it('lets everybody else go on before it is answered, also where it runs in this process', async () => {
    const { select } = scratch.database;
    const counted = sql`SELECT COUNT(*) AS n FROM (WITH RECURSIVE up (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < ${900}) SELECT a.i FROM up a CROSS JOIN up b) every`;
    let turns = 0;
    let ended = false;
    const turn = (): void => {
      turns += 1;
      if (!ended) setImmediate(turn);
    };
    const answer = select(counted, { maxSeconds: 15 });
    setImmediate(turn);
    expect(await answer).toEqual([{ n: 810_000 }]);
    ended = true;
    expect(turns).toBeGreaterThan(0);
  });
});
