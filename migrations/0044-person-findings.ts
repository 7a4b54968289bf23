import type { Migration } from '../src/db/migrator.ts';

/**
 * What the last checks of a person at the OAuth server found: kinds and names of fields, never a value. Gone with the person.
 * Who has not been read for longest is found by index. Source: oauth-server.md §3.
 */
export const up: Migration = async (schema) => {
  await schema.createTable('person_findings', {
    columns: {
      personId: ['int', 'NOT NULL'],
      kind: [{ exact: 16 }, 'NOT NULL'],
      fields: ['long-text', 'NOT NULL'],
      at: ['moment', 'NOT NULL'],
    },
    primaryKey: ['personId', 'kind'],
    references: { personId: ['persons', 'CASCADE'] },
  });
  await schema.addIndex('person_findings', ['kind', 'personId']);
  await schema.addIndex('persons', ['fetchedAt']);
};
