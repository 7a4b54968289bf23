import type { Migration } from '../src/db/migrator.ts';

/**
 * A counter is the sum of several rows: nodes of a cluster that write at once meet in one only now and then. Older instances go on
 * with the first of them meanwhile.
 */
export const up: Migration = async (schema) => {
  await schema.changeKey('civitas_user_counts', {
    columns: {
      siteId: ['int', 'NOT NULL'],
      listableByRole: [{ exact: 32 }, 'NOT NULL'],
      n: ['int', 'NOT NULL'],
      slot: ['int', 'NOT NULL DEFAULT 0'],
    },
    primaryKey: ['siteId', 'listableByRole', 'slot'],
  });
};
