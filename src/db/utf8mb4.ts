import { textOf } from './rows/values.ts';
import type { RawRow } from './database.ts';
import type { Schema } from './schema.ts';
import { raw, sql } from './sql.ts';

/**
 * Gives the text columns of one table four bytes a character, each with its own type, in one ALTER (CONVERT TO would widen TEXT
 * and spoil JSON columns). Does nothing where it is done, and on SQLite, which knows no other way. Source: running.md, "Adopting".
 */
export const toUtf8mb4 = async ({ database, run }: Schema, table: string): Promise<void> => {
  if (database.dialect.name !== 'mysql') return;
  const columns = await database.select(
    sql`SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS fallback
        FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${table} AND CHARACTER_SET_NAME IN ('utf8', 'utf8mb3', 'latin1')
        ORDER BY ORDINAL_POSITION LIMIT 1000`,
  );
  if (columns.length === 0) return;
  const changes = columns.map((column) => `MODIFY COLUMN ${definition(column)}`);
  await run(raw(`ALTER TABLE \`${table}\` ROW_FORMAT=DYNAMIC, ${changes.join(', ')}`));
};

const definition = (column: RawRow): string => {
  const charset = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci';
  const nullable = column['nullable'] === 'YES' ? 'NULL' : 'NOT NULL';
  return `\`${textOf(column['name']) ?? ''}\` ${textOf(column['type']) ?? ''} ${charset} ${nullable}${fallbackOf(column)}`;
};

/** MariaDB answers a default as it is written (quoted, or NULL as a word), MySQL as a bare value. */
const fallbackOf = (column: RawRow): string => {
  const fallback = textOf(column['fallback']);
  if (fallback === null) return '';
  return fallback === 'NULL' || fallback.startsWith("'")
    ? ` DEFAULT ${fallback}`
    : ` DEFAULT '${fallback.replaceAll("'", "''")}'`;
};
