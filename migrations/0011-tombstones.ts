import type { Migration } from '../src/db/migrator.ts';

/** Who was removed at an OAuth server, as a fingerprint only. Source: anonymization.md §3. */
export const up: Migration = async (schema) => {
  await schema.createTable('tombstones', {
    columns: { fingerprint: [{ exact: 64 }, 'NOT NULL'], until: ['moment', 'NOT NULL'] },
    primaryKey: ['fingerprint'],
  });
  await schema.addIndex('tombstones', ['until']);
};
