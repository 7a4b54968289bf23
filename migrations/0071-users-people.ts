import type { Migration } from '../src/db/migrator.ts';

/** How many people stand at sites, for the management list's `Total`: read in the index, without the rows. */
export const up: Migration = async (schema) => {
  await schema.addIndex('users', ['siteId', 'deletedAt', 'anonymizedAt', 'personId']);
};
