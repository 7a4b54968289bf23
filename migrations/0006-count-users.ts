import type { Migration } from '../src/db/migrator.ts';
import { text } from '../src/db/schema.ts';

/** Counts what is there already, in a database that OpenStad filled. Site 0 is how old databases wrote that a row has no site. */
export const up: Migration = async (schema) => {
  await schema.run(text('DELETE FROM civitas_user_counts WHERE n IS NOT NULL'));
  await schema.run(
    text(
      `INSERT INTO civitas_user_counts (siteId, listableByRole, n)
       SELECT siteId, COALESCE(listableByRole, 'none'), COUNT(*) FROM users
       WHERE siteId <> 0 AND deletedAt IS NULL GROUP BY siteId, COALESCE(listableByRole, 'none')`,
    ),
  );
};
