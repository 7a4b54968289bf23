import type { Migration } from '../src/db/migrator.ts';

/** Lists go by this index by its name: where somebody has made one over the same columns before us, ours was passed over. */
export const up: Migration = async (schema) => {
  await schema.addIndex('users', ['siteId', 'deletedAt', 'id'], 'by-name');
};
