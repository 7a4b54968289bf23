import type { Migration } from '../src/db/migrator.ts';
import { text } from '../src/db/schema.ts';

/**
 * A counter is the sum of several rows: nodes of a cluster that write at once meet in one only now and then. Older instances go on
 * with the first of them meanwhile.
 */
export const up: Migration = async (schema) => {
  const { sequelize, dialect } = schema.database;
  const there = await sequelize.getQueryInterface().describeTable('civitas_user_counts');
  if (there['slot']?.primaryKey === true) return;
  if (dialect.name === 'mysql') {
    await schema.run(
      text(
        `ALTER TABLE civitas_user_counts ADD COLUMN slot INT NOT NULL DEFAULT 0,
         DROP PRIMARY KEY, ADD PRIMARY KEY (siteId, listableByRole, slot)`,
      ),
    );
    return;
  }
  // SQLite changes no key of a table that is there; what is in it can be counted again.
  await schema.run(text('DROP TABLE civitas_user_counts'));
  await schema.createTable('civitas_user_counts', {
    columns: {
      siteId: ['int', 'NOT NULL'],
      listableByRole: [{ exact: 32 }, 'NOT NULL'],
      n: ['int', 'NOT NULL'],
      slot: ['int', 'NOT NULL DEFAULT 0'],
    },
    primaryKey: ['siteId', 'listableByRole', 'slot'],
  });
  await schema.run(
    text(
      `INSERT INTO civitas_user_counts (siteId, listableByRole, n)
       SELECT siteId, COALESCE(listableByRole, 'none'), COUNT(*) FROM users
       WHERE siteId <> 0 AND deletedAt IS NULL GROUP BY siteId, COALESCE(listableByRole, 'none')`,
    ),
  );
};
