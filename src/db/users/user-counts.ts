import type { UserRow } from '../../domain/user.ts';
import { isLive } from '../../domain/user.ts';
import type { Database } from '../database.ts';
import { joined, raw, sql } from '../sql.ts';

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
  const { dialect } = database;
  const rows = changes.map(({ siteId, key, by }) => sql`(${siteId}, ${key}, ${by})`);
  await database.change(
    sql`INSERT INTO user_counts (siteId, listableByRole, n) VALUES ${joined(rows, ', ')}
        ${raw(dialect.whenThere(['siteId', 'listableByRole']))} n = user_counts.n + ${raw(dialect.brought('n'))}`,
  );
};

interface Change {
  readonly siteId: number;
  /** `none` for null. */
  readonly key: string;
  readonly by: number;
}

const differences = (before: readonly Counted[], after: readonly Counted[]): readonly Change[] => {
  const changes = new Map<string, Change>();
  const add = (row: Counted, by: number): void => {
    if (!isLive(row) || row.siteId === null) return;
    const key = row.listableByRole ?? 'none';
    const name = `${row.siteId} ${key}`;
    changes.set(name, { siteId: row.siteId, key, by: (changes.get(name)?.by ?? 0) + by });
  };
  for (const row of before) add(row, -1);
  for (const row of after) add(row, 1);
  return [...changes.values()]
    .filter(({ by }) => by !== 0)
    .sort((one, other) => one.siteId - other.siteId || (one.key < other.key ? -1 : 1));
};
