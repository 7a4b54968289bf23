import type { Migration } from '../src/db/migrator.ts';

/** Finds the rows that are not linked to their person yet, by external id, without reading the table. */
export const up: Migration = async (schema) => {
  await schema.addIndex('users', ['personId', 'externalUserId']);
};
