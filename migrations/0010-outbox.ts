import type { Migration } from '../src/db/migrator.ts';

/** Wishes to other machines. Source: docs/adr/0003. */
export const up: Migration = async (schema) => {
  await schema.createTable('outbox', {
    columns: {
      id: ['key'],
      topic: [{ exact: 64 }, 'NOT NULL'],
      key: [{ exact: 191 }, 'NOT NULL'],
      payload: ['long-text', 'NOT NULL'],
      dueAt: ['moment', 'NOT NULL'],
      attempts: ['int', 'NOT NULL DEFAULT 0'],
      claim: [{ exact: 36 }],
      claimedUntil: ['moment'],
      lastError: [{ exact: 64 }],
      createdAt: ['moment', 'NOT NULL'],
    },
  });
  await schema.addIndex('outbox', ['topic', 'key'], 'unique');
  await schema.addIndex('outbox', ['dueAt']);
};
