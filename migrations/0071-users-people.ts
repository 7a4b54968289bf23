import type { Migration } from '../src/db/migrator.ts';

/** The people of a site, in order and without their rows: for the management list and its `Total`. */
export const up: Migration = async (schema) => {
  await schema.addIndex('users', ['siteId', 'deletedAt', 'anonymizedAt', 'personId', 'id', 'listableByRole']);
};
