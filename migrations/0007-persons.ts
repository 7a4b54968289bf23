import type { Migration } from '../src/db/migrator.ts';
import { withoutPadding } from '../src/db/no-padding.ts';

/** The humans behind the rows. Issuer and id are compared byte by byte: `a` and `A` are two people. `version` is written to lock. */
export const up: Migration = async (schema) => {
  await schema.createTable('persons', {
    columns: {
      id: ['key'],
      issuer: [{ exact: 191 }, 'NOT NULL'],
      externalId: [{ exact: 191 }, 'NOT NULL'],
      fetchedAt: ['moment'],
      state: [{ exact: 32 }, "NOT NULL DEFAULT 'active'"],
      ours: ['flag', 'NOT NULL DEFAULT 0'],
      version: ['int', 'NOT NULL DEFAULT 0'],
      createdAt: ['moment', 'NOT NULL'],
    },
  });
  await withoutPadding(schema, 'persons', ['issuer', 'externalId'], 191);
  await schema.addIndex('persons', ['issuer', 'externalId'], 'unique');
};
