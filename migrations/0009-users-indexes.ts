import type { Migration } from '../src/db/migrator.ts';

/** One row per person, site and slot; the rows of a person; the pages of a list. */
export const up: Migration = async (schema) => {
  await schema.addIndex('users', ['siteId', 'personId', 'slot'], 'unique');
  await schema.addIndex('users', ['personId']);
  await schema.addIndex('users', ['siteId', 'deletedAt', 'id']);
  await schema.addIndex('users', ['siteId', 'listableByRole', 'deletedAt', 'id']);
};
