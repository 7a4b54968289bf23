import type { Migration } from '../src/db/migrator.ts';

/** Who anonymized or deleted which user row, and what came of it at the OAuth server; only ever appended to. Source: docs/adr/0006. */
export const up: Migration = async (schema) => {
  await schema.createTable('audit', {
    columns: {
      id: ['key'],
      at: ['moment', 'NOT NULL'],
      call: [{ exact: 32 }, 'NOT NULL'],
      deed: [{ exact: 64 }, 'NOT NULL'],
      actorId: ['int'],
      actorKind: [{ exact: 16 }],
      siteId: ['int'],
      userId: ['int'],
      fate: [{ exact: 16 }],
      counts: ['long-text'],
      digest: [{ exact: 64 }],
      oauth: [{ exact: 64 }],
    },
  });
  await schema.addIndex('audit', ['deed']);
  await schema.addIndex('audit', ['siteId', 'userId']);
};
