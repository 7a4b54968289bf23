import type { Migration } from '../src/db/migrator.ts';
import { text } from '../src/db/schema.ts';

/**
 * The audit as lists of it are read: by moment, and of one site by the moment that is told there (`listedAt`), which rows of before get.
 * Source: people.md §1.
 */
export const up: Migration = async (schema) => {
  await schema.addColumn('civitas_audit', 'listedAt', ['moment']);
  // Cut to the second, as whoever is told of a row at its site is told of it. Outcomes are in no such list.
  const toTheSecond =
    schema.database.dialect.name === 'mysql'
      ? "DATE_FORMAT(`at`, '%Y-%m-%d %H:%i:%s')"
      : "substr(`at`, 1, 19) || '.000 +00:00'";
  await schema.run(
    text(`UPDATE civitas_audit SET listedAt = ${toTheSecond} WHERE listedAt IS NULL AND place IS NOT NULL`),
  );
  await schema.addIndex('civitas_audit', ['at', 'id']);
  await schema.addIndex('civitas_audit', ['siteId', 'listedAt', 'userId', 'id']);
};
