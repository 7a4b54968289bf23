import { textOf } from './rows/values.ts';
import type { Schema } from './schema.ts';
import { raw } from './sql.ts';

/**
 * Makes columns of a table tell `maria` from `maria ` too: MySQL's and MariaDB's older binary collations take them for the same.
 * Their newer ones have a name each. Nothing to do on SQLite.
 */
export const withoutPadding = async (
  { database, run }: Schema,
  table: string,
  columns: readonly string[],
  length: number,
): Promise<void> => {
  if (database.dialect.name !== 'mysql') return;
  const [collation] = await database.select(
    raw(`SELECT COLLATION_NAME AS name FROM information_schema.COLLATIONS
         WHERE COLLATION_NAME IN ('utf8mb4_0900_bin', 'utf8mb4_nopad_bin') ORDER BY COLLATION_NAME LIMIT 1`),
  );
  const name = textOf(collation?.['name']);
  if (name === null) return;
  const changes = columns.map(
    (column) => `MODIFY COLUMN \`${column}\` VARCHAR(${length}) CHARACTER SET utf8mb4 COLLATE ${name} NOT NULL`,
  );
  await run(raw(`ALTER TABLE \`${table}\` ${changes.join(', ')}`));
};
