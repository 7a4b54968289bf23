import type { Migration } from '../src/db/migrator.ts';

/** The chain over `audit`: one place per row, without gaps, each hash over the one before it. Source: docs/adr/0006. */
export const up: Migration = async (schema) => {
  await schema.createTable('audit_seals', {
    columns: {
      seq: ['int', 'NOT NULL'],
      auditId: ['int', 'NOT NULL'],
      rowHash: [{ exact: 64 }, 'NOT NULL'],
      hash: [{ exact: 64 }, 'NOT NULL'],
    },
    primaryKey: ['seq'],
  });
  await schema.addIndex('audit_seals', ['auditId'], 'unique');
};
