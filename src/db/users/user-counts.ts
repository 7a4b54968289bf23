import type { UserRow } from '../../domain/users/user.ts';
import { isLive } from '../../domain/users/user.ts';
import type { Database } from '../database.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { expressionOf, isLiveRow, numberOf, textOf } from '../rows/values.ts';
import { userMeanings } from '../rows/user-row.ts';
import { joined, raw, sql, type Sql } from '../sql.ts';

type Counted = Pick<UserRow, 'siteId' | 'listableByRole' | 'deletedAt'>;

/**
 * Keeps the counters of lists true, in the transaction of the rows themselves. Counters are locked last and in one order, so
 * that two units do not wait for each other.
 */
export const countChanges = async (
  database: Database,
  before: readonly Counted[],
  after: readonly Counted[],
): Promise<void> => {
  const changes = differences(before, after);
  if (changes.length === 0) return;
  await add(database, changes);
};

/**
 * Puts right the counters that rows written past us have made wrong, and answers how many: in a unit of its own, also beside a
 * running API. Those that seem wrong are locked, then compared anew; rows and counters are read by one statement, so that a unit
 * that writes both at the same time is seen wholly or not at all.
 */
export const putCountsRight = async (database: Database): Promise<number> => {
  const seemWrong = await wrongCounts(database);
  if (seemWrong.length === 0) return 0;
  await add(
    database,
    seemWrong.map((count) => ({ ...count, by: 0 })),
  );
  const wrong = await wrongCounts(database);
  const locked = wrong.filter(({ siteId, key }) => seemWrong.some((one) => one.siteId === siteId && one.key === key));
  if (locked.length > 0) await add(database, locked);
  return locked.length;
};

/** The counters that differ from their rows. */
export const wrongCounts = async ({ select, dialect }: Database): Promise<readonly Change[]> => {
  const rows = await select(
    sql`SELECT siteId, listed, SUM(n) AS missing FROM (
           SELECT u.siteId, ${listableBy('u', dialect)} AS listed, COUNT(*) AS n FROM users u
           WHERE u.siteId > 0 AND ${isLiveRow('u')} GROUP BY u.siteId, ${listableBy('u', dialect)}
           UNION ALL SELECT siteId, listableByRole, -n FROM civitas_user_counts) both_of_them
         GROUP BY siteId, listed HAVING SUM(n) <> 0 ORDER BY siteId, listed LIMIT 1000`,
  );
  return rows.map((row) => ({
    siteId: numberOf(row['siteId']) ?? 0,
    key: textOf(row['listed']) ?? 'none',
    by: numberOf(row['missing']) ?? 0,
  }));
};

const add = async (database: Database, changes: readonly Change[]): Promise<void> => {
  const { dialect } = database;
  const rows = changes.map(({ siteId, key, by }) => sql`(${siteId}, ${key}, ${by})`);
  await database.change(
    sql`INSERT INTO civitas_user_counts (siteId, listableByRole, n) VALUES ${joined(rows, ', ')}
        ${raw(dialect.onConflictUpdate(['siteId', 'listableByRole']))} n = civitas_user_counts.n + ${raw(dialect.brought('n'))}`,
  );
};

/** Under which counter a row is counted. */
export const listableBy = (table: string, dialect: Dialect): Sql =>
  raw(`COALESCE(${expressionOf(userMeanings.listableByRole, `${table}.listableByRole`, dialect)}, 'none')`);

interface Change {
  readonly siteId: number;
  /** `none` for null. */
  readonly key: string;
  readonly by: number;
}

const differences = (before: readonly Counted[], after: readonly Counted[]): readonly Change[] => {
  const changes = new Map<string, Change>();
  const count = (row: Counted, by: number): void => {
    if (!isLive(row) || row.siteId === null) return;
    const key = row.listableByRole ?? 'none';
    const name = `${row.siteId} ${key}`;
    changes.set(name, { siteId: row.siteId, key, by: (changes.get(name)?.by ?? 0) + by });
  };
  for (const row of before) count(row, -1);
  for (const row of after) count(row, 1);
  return [...changes.values()]
    .filter(({ by }) => by !== 0)
    .sort((one, other) => one.siteId - other.siteId || (one.key < other.key ? -1 : 1));
};
