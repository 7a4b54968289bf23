import { personalColumns, type ActivityType } from '../activity-types/definition.ts';
import { nextTurn } from '../platform/clock.ts';
import type { ActivityStore, ContributionRef } from '../ports/activity-store.ts';
import type { Database, RawRow } from './database.ts';
import { isId } from './sql.ts';
import { isDeletedRow, numberOf, textOf } from './rows/values.ts';
import { anyOf, listOf, raw, sql, type Sql } from './sql.ts';

/** A statement sorts what is left by id: few that read much cost less than many that read little. */
const rowsAtOnce = 100_000;
/** Ids of as many rows of the table at most come in one row of the answer: less than 50 kB (connections.ts allows 1 MB). */
const idsInABundle = 2048;

/**
 * Tens of thousands of rows, each an object from the driver, would hold the event loop: the database writes numbers into few
 * rows instead, of which each is read in a millisecond.
 */
export const walkReferences = ({
  select,
  dialect,
}: Pick<Database, 'select' | 'dialect'>): ActivityStore['references'] =>
  async function* (type, userIds, reading) {
    const ids = userIds.filter(isId);
    for (let after = 0; ids.length > 0;) {
      const bundles = await select(statement(type, ids, after, raw(reading === 'locked' ? dialect.forUpdate : '')));
      let found = 0;
      for (const bundle of bundles) {
        if (found > 0) await nextTurn();
        const batch = unbundled(bundle);
        yield batch;
        found += batch.length;
        after = batch.at(-1)?.id ?? after;
      }
      if (found < rowsAtOnce) return;
    }
  };

/** Whether a row holds a value that anonymizing would empty. */
export const hasPersonal = (type: ActivityType, prefix = ''): Sql =>
  anyOf(personalColumns(type).map((column) => raw(`${prefix}\`${column}\` IS NOT NULL`)));

/** Flags: 1 soft-deleted, 2 personal. Locks are taken where the rows are read. */
const statement = (type: ActivityType, userIds: readonly number[], after: number, lock: Sql): Sql =>
  sql`SELECT MIN(id) AS least, COUNT(*) AS n, GROUP_CONCAT(CONCAT(id, ',', userId, ',', flags)) AS numbers
      FROM (SELECT t.id AS id, t.userId AS userId, ${isDeletedRow('t')} + 2 * (${hasPersonal(type, 't.')}) AS flags
            FROM ${raw(`\`${type.table}\``)} t WHERE t.userId IN ${listOf(userIds)} AND t.id > ${after}
            ORDER BY t.id LIMIT ${String(rowsAtOnce)}${lock}) found
      GROUP BY id - id % ${raw(String(idsInABundle))} ORDER BY least`;

/** A text that was cut short must not pass for fewer contributions. */
const unbundled = (row: RawRow): readonly ContributionRef[] => {
  const numbers = JSON.parse(`[${textOf(row['numbers']) ?? ''}]`) as readonly number[];
  const count = numberOf(row['n']);
  if (numbers.length !== 3 * (count ?? 0)) throw new Error(`of ${count} footprints came ${numbers.length / 3}`);
  const batch: ContributionRef[] = [];
  for (let at = 0; at < numbers.length; at += 3) {
    const flags = numbers[at + 2] ?? 0;
    batch.push({
      id: numbers[at] ?? 0,
      userId: numbers[at + 1] ?? 0,
      isHidden: flags % 2 === 1,
      hasPersonal: flags >= 2,
    });
  }
  return batch.sort((one, other) => one.id - other.id);
};
