import type { Migration } from '../src/db/migrator.ts';
import { text } from '../src/db/schema.ts';

/** Counts what is there already, in a database that OpenStad filled. */
export const up: Migration = async (schema) => {
  await schema.run(text('DELETE FROM user_counts WHERE n IS NOT NULL'));
  await schema.run(
    text(
      `INSERT INTO user_counts (siteId, listableByRole, n)
       SELECT siteId, COALESCE(listableByRole, 'none'), COUNT(*) FROM users
       WHERE siteId IS NOT NULL AND deletedAt IS NULL GROUP BY siteId, COALESCE(listableByRole, 'none')`,
    ),
  );
};
