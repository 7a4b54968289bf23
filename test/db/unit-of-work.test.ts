import { isFault } from '../../src/domain/fault.ts';
import { RunAgain } from '../../src/ports/unit-of-work.ts';
import { openDatabase } from '../../src/db/database.ts';
import { numberOf } from '../../src/db/rows/values.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { openTestDatabase, quiet, type TestDatabase } from '../support/database.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
  await test.database.change(
    raw("INSERT INTO civitas_user_counts (siteId, listableByRole, n) VALUES (1, 'none', 0), (2, 'none', 0)"),
  );
});
afterEach(() => test.close());

const countAt = async (siteId: number, lock = ''): Promise<number> => {
  const [row] = await test.database.select(sql`SELECT n FROM civitas_user_counts WHERE siteId = ${siteId}${raw(lock)}`);
  return numberOf(row?.['n']) ?? -1;
};
const setCount = (siteId: number, n: number): Promise<number> =>
  test.database.change(sql`UPDATE civitas_user_counts SET n = ${n} WHERE siteId = ${siteId}`);

describe('a unit of work', () => {
  it('keeps fifty concurrent read-modify-writes apart', async () => {
    const { inOneTransaction } = unitOfWork(test.database, quiet);
    const addOne = (): Promise<number> =>
      inOneTransaction(async () => setCount(1, (await countAt(1, test.database.dialect.forUpdate)) + 1));
    await Promise.all(Array.from({ length: 50 }, addOne));
    expect(await countAt(1)).toBe(50);
  });

  it('leaves nothing behind when it fails, also of a unit that it joined in', async () => {
    const { inOneTransaction } = unitOfWork(test.database, quiet);
    const failing = inOneTransaction(async () => {
      await inOneTransaction(() => setCount(1, 7));
      throw new Error('after the inner unit');
    });
    await expect(failing).rejects.toThrow('after the inner unit');
    expect(await countAt(1)).toBe(0);
  });

  it('holds what Sequelize’s models write, too', async () => {
    const { inOneTransaction } = unitOfWork(test.database, quiet);
    const failing = inOneTransaction(async () => {
      await test.database.rows.userCounts.create({ siteId: 3, listableByRole: 'none', n: 1 });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await countAt(3)).toBe(-1);
  });

  it('runs again whole when its plan no longer fits, and keeps only the last run', async () => {
    const { inOneTransaction } = unitOfWork(test.database, quiet);
    let runs = 0;
    await inOneTransaction(async () => {
      runs += 1;
      await setCount(1, (await countAt(1)) + 10);
      if (runs < 3) throw new RunAgain('not yet');
    });
    expect(await countAt(1)).toBe(10);
  });

  it('survives a deadlock: both units are done in the end', async () => {
    const { inOneTransaction } = unitOfWork(test.database, quiet);
    const move = (from: number, to: number): Promise<void> =>
      inOneTransaction(async () => {
        await setCount(from, (await countAt(from)) + 1);
        await new Promise((resolve) => setTimeout(resolve, 60));
        await setCount(to, (await countAt(to)) + 1);
      });
    await Promise.all([move(1, 2), move(2, 1)]);
    expect([await countAt(1), await countAt(2)]).toEqual([2, 2]);
  });

  it('does not go on outside its transaction when a conflict was caught on the way', async () => {
    const { inOneTransaction } = unitOfWork(test.database, quiet);
    const careless = (first: number, second: number): Promise<void> =>
      inOneTransaction(async () => {
        await setCount(first, (await countAt(first)) + 1);
        await new Promise((resolve) => setTimeout(resolve, 60));
        await setCount(second, (await countAt(second)) + 1).catch(() => undefined);
      });
    await Promise.all([careless(1, 2), careless(2, 1)]);
    expect([await countAt(1), await countAt(2)]).toEqual([2, 2]);
  });

  it('is not joined by work that went on after its end', async () => {
    const { inOneTransaction } = unitOfWork(test.database, quiet);
    let late: Promise<unknown> = Promise.resolve();
    await inOneTransaction(async () => {
      late = new Promise((resolve) => setTimeout(resolve, 30)).then(() => inOneTransaction(() => setCount(1, 5)));
      await setCount(2, 1);
    });
    await late;
    expect(await countAt(1)).toBe(5);
  });

  it('refuses to begin inside a snapshot', async () => {
    const { inOneTransaction, inOneSnapshot } = unitOfWork(test.database, quiet);
    await expect(inOneSnapshot(() => inOneTransaction(() => setCount(1, 1)))).rejects.toThrow('a snapshot only reads');
  });
});

describe('a database that is not there', () => {
  it('is a Fault not-ready, for a statement and for a unit', async () => {
    const database = openDatabase({ url: 'mysql://root@127.0.0.1:9/nothing' });
    const { inOneTransaction } = unitOfWork(database, quiet);
    const errors = await Promise.all([
      database.select(raw('SELECT 1 AS one')).catch((error: unknown) => error),
      inOneTransaction(() => database.select(raw('SELECT 1 AS one'))).catch((error: unknown) => error),
    ]);
    await database.close();
    expect(errors.map((error) => isFault(error, 'not-ready'))).toEqual([true, true]);
  });
});

describe('a statement that the database refuses', () => {
  it('says the statement and never a value', async () => {
    const secret = 'maria@example.org';
    const error: unknown = await test.database
      .change(sql`UPDATE civitas_user_counts SET nothing = ${secret} WHERE siteId = ${1}`)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify([String(error), error])).not.toContain(secret);
    expect(String(error)).toContain('UPDATE civitas_user_counts');
  });
});
