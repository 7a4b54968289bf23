import type { CatalogColumn } from '../side-tables/unknown.ts';
import type { Database } from './database.ts';
import { flagOf, textOf } from './rows/values.ts';
import { raw } from './sql.ts';

/** Every column of every table, in table order. One statement. */
export const readCatalog = async ({ select, dialect }: Database): Promise<readonly CatalogColumn[]> => {
  const rows = await select(raw(dialect.name === 'mysql' ? ofMysql : ofEmbedded));
  return rows.map((row) => ({
    table: textOf(row['tableName']) ?? '',
    column: textOf(row['columnName']) ?? '',
    type: textOf(row['type']) ?? '',
    nullable: flagOf(row['nullable']) ?? false,
    generated: flagOf(row['isGenerated']) ?? false,
    refersToUsers: flagOf(row['refersToUsers']) ?? false,
  }));
};

/** Columns that an index begins with, as `table.column`. */
export const leadingColumns = async ({ select, dialect }: Database): Promise<ReadonlySet<string>> => {
  const rows = await select(
    raw(
      dialect.name === 'mysql'
        ? `SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) AS name FROM information_schema.STATISTICS
           WHERE TABLE_SCHEMA = DATABASE() AND SEQ_IN_INDEX = 1 LIMIT 100000`
        : `SELECT m.name || '.' || c.name AS name
           FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
           WHERE m.type = 'table' AND c.seqno = 0 LIMIT 100000`,
    ),
  );
  return new Set(rows.map((row) => textOf(row['name']) ?? ''));
};

const ofMysql = `
  SELECT c.TABLE_NAME AS tableName, c.COLUMN_NAME AS columnName, c.COLUMN_TYPE AS type, c.IS_NULLABLE = 'YES' AS nullable,
         COALESCE(c.GENERATION_EXPRESSION, '') <> '' AS isGenerated,
         EXISTS (SELECT 1 FROM information_schema.KEY_COLUMN_USAGE k
                 WHERE k.TABLE_SCHEMA = DATABASE() AND k.TABLE_NAME = c.TABLE_NAME AND k.COLUMN_NAME = c.COLUMN_NAME
                   AND k.REFERENCED_TABLE_NAME = 'users') AS refersToUsers
  FROM information_schema.COLUMNS c
  JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
  WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'
  ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION LIMIT 100000`;

/** \`hidden\` is 2 or 3 for generated columns. */
const ofEmbedded = `
  SELECT m.name AS tableName, c.name AS columnName, c.type AS type, c."notnull" = 0 AS nullable, c.hidden > 1 AS isGenerated,
         EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) f WHERE f."from" = c.name AND f."table" = 'users')
           AS refersToUsers
  FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
  WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'
  ORDER BY m.name, c.cid LIMIT 100000`;
