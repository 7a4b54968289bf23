import type { Database } from '../../../src/db/database.ts';
import { numberOf, textOf } from '../../../src/db/rows/values.ts';
import { raw, sql } from '../../../src/db/sql.ts';
import { unitOfWork } from '../../../src/db/unit-of-work.ts';
import { quiet } from '../../support/database.ts';
import type { Progress } from '../progress.ts';
import { batchSize, insertOf } from './bulk.ts';
import { makeDerived } from './derived.ts';
import { rowsOf } from './rows.ts';
import type { Shape } from './shape.ts';

/**
 * Builds a city, table by table. How far it came is kept in the database in the same transactions: an interrupted run goes on,
 * and a finished city is left as it is.
 */
export const fillCity = async (database: Database, shape: Shape, progress: Progress): Promise<void> => {
  const { inOneTransaction } = unitOfWork(database, quiet);
  const done = await bookOf(database);
  if (done.get('whole') === 1) return;
  const tables = rowsOf(shape, new Date());
  const total = tables.reduce((sum, { count }) => sum + count, 0);
  let made = [...done.values()].reduce((sum, n) => sum + n, 0);
  await unchecked(database);
  for (const { table, count, row } of tables) {
    for (let from = done.get(table) ?? 0; from < count; from += batchSize) {
      const size = Math.min(batchSize, count - from);
      const rows = Array.from({ length: size }, (_none, index) => row(from + index + 1));
      await inOneTransaction(async () => {
        await database.change(insertOf(table, rows, database.dialect));
        await note(database, table, from + size);
      });
      made += size;
      progress.share(`filling ${table}`, made, total);
    }
  }
  progress.say('counting and analysing');
  await makeDerived(database);
  await note(database, 'whole', 1);
};

const bookOf = async ({ change, select }: Database): Promise<ReadonlyMap<string, number>> => {
  await change(raw('CREATE TABLE IF NOT EXISTS bench_fill (step VARCHAR(64) NOT NULL PRIMARY KEY, n INT NOT NULL)'));
  const rows = await select(raw('SELECT step, n FROM bench_fill LIMIT 100'));
  return new Map(rows.map((row) => [textOf(row['step']) ?? '', numberOf(row['n']) ?? 0]));
};

const note = async ({ change, dialect }: Database, step: string, n: number): Promise<void> => {
  await change(
    sql`INSERT INTO bench_fill (step, n) VALUES (${step}, ${n}) ${raw(dialect.onConflictUpdate(['step']))} n = ${raw(dialect.brought('n'))}`,
  );
};

/** The rows are right by construction: their references need not be looked up one by one. */
const unchecked = async ({ change, dialect }: Database): Promise<void> => {
  if (dialect.name === 'mysql') await change(raw('SET SESSION foreign_key_checks = 0, SESSION unique_checks = 0'));
};
