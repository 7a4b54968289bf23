import type { Migration } from '../src/db/migrator.ts';

/** What was answered to a `do-` call with an Idempotency-Key, for 24 hours; no personal value. Source: anonymization.md §4. */
export const up: Migration = async (schema) => {
  await schema.createTable('idempotency_keys', {
    columns: {
      scope: [{ exact: 64 }, 'NOT NULL'],
      body: [{ exact: 64 }, 'NOT NULL'],
      summary: ['long-text', 'NOT NULL'],
      until: ['moment', 'NOT NULL'],
    },
    primaryKey: ['scope'],
  });
  await schema.addIndex('idempotency_keys', ['until']);
};
