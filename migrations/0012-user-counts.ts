import type { Migration } from '../src/db/migrator.ts';

/** How many live rows a site has per `listableByRole` (`none` where it is null), so that lists need not count. */
export const up: Migration = async (schema) => {
  await schema.createTable('user_counts', {
    columns: { siteId: ['int', 'NOT NULL'], listableByRole: [{ exact: 32 }, 'NOT NULL'], n: ['int', 'NOT NULL'] },
    primaryKey: ['siteId', 'listableByRole'],
  });
};
