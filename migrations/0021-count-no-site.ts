import type { Migration } from '../src/db/migrator.ts';
import { text } from '../src/db/schema.ts';

/** Site 0 is how old databases wrote that a row has no site: nobody is counted there. */
export const up: Migration = async (schema) => {
  await schema.run(text('DELETE FROM user_counts WHERE siteId = 0'));
};
