import type { Database } from '../../../src/db/database.ts';
import { raw } from '../../../src/db/sql.ts';
import { fillWords } from '../../../src/db/users/words-and-counts.ts';

/**
 * What the stores keep beside the rows that they write, made anew from rows that were filled in past them: counters, and words to search by.
 */
const derived: readonly string[] = [
  'DELETE FROM civitas_user_counts WHERE n IS NOT NULL',
  `INSERT INTO civitas_user_counts (siteId, listableByRole, n)
   SELECT siteId, COALESCE(listableByRole, 'none'), COUNT(*) FROM users
   WHERE siteId > 0 AND deletedAt IS NULL GROUP BY siteId, COALESCE(listableByRole, 'none')`,
];
/** So that plans are chosen by what is there now. */
const analyzed = {
  mysql: 'ANALYZE TABLE sites, civitas_persons, users, civitas_user_words, ideas, articles, arguments, votes',
  embedded: 'ANALYZE',
} as const;

export const makeDerived = async (database: Database): Promise<void> => {
  for (const statement of derived) await database.change(raw(statement));
  await fillWords(database);
  await database.select(raw(analyzed[database.dialect.name]));
};
