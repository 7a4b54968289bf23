import { searchWords, type SearchWord } from '../../domain/users/personal-text.ts';
import type { UserRow } from '../../domain/users/user.ts';
import type { Database } from '../database.ts';
import { joined, listOf, raw, sql } from '../sql.ts';

export type Worded = Parameters<typeof searchWords>[0] & Pick<UserRow, 'id'>;

interface Change {
  readonly before: Worded;
  readonly after: Worded;
}

/**
 * Keeps the words of rows that were changed true, in the transaction of the rows themselves. What is there goes, whatever `before`
 * says: a row may have been changed past this API. Removing a row removes its words.
 */
export const rewordChanged = async (database: Database, changes: readonly Change[]): Promise<void> => {
  const changed = changes.filter((one) => keyOf(one.before) !== keyOf(one.after) || isAnonymizing(one));
  await reword(
    database,
    changed.map(({ after }) => after),
  );
};

/** Gives rows their words anew, whatever words they have. */
export const reword = async (database: Database, rows: readonly Worded[]): Promise<void> => {
  if (rows.length === 0) return;
  await database.change(sql`DELETE FROM civitas_user_words WHERE userId IN ${listOf(rows.map(({ id }) => id))}`);
  await addWords(database, rows);
};

const isAnonymizing = ({ before, after }: Change): boolean =>
  before.anonymizedAt === null && after.anonymizedAt !== null;

const keyOf = (row: Worded): string => JSON.stringify([row.siteId, searchWords(row)]);

/** SQLite looks up each numbered value among all of a statement: a thousand words at once take it four times as long as by the hundred. */
const maxInOne = 100;

/** The words of rows that have none yet, in the order of the table. Words that are there already stay. */
export const addWords = async ({ change, dialect }: Database, rows: readonly Worded[]): Promise<void> => {
  const words = rows.flatMap((row) => searchWords(row).map((one) => ({ ...one, row }))).sort(inTableOrder);
  for (let from = 0; from < words.length; from += maxInOne) {
    const values = words
      .slice(from, from + maxInOne)
      .map(({ row, word, source }) => sql`(${row.siteId}, ${word}, ${row.id}, ${source})`);
    await change(
      sql`${raw(dialect.insertUnlessThere)} civitas_user_words (siteId, word, userId, source) VALUES ${joined(values, ', ')}`,
    );
  }
};

type OfRow = SearchWord & { readonly row: Worded };

/** Neighbours are written together: filling a large table would read the same pages again and again. */
const inTableOrder = (one: OfRow, other: OfRow): number =>
  (one.row.siteId ?? 0) - (other.row.siteId ?? 0) || Number(one.word > other.word) - Number(one.word < other.word);
