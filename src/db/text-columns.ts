import { activityTypes } from '../activity-types/index.ts';
import { userFieldNames } from '../domain/users/user-fields.ts';
import type { RawRow } from './database.ts';
import { textOf } from './rows/values.ts';
import type { Schema } from './schema.ts';
import { raw, sql } from './sql.ts';

/** The columns that we know: what somebody else added to a table stays as it is, whatever it is made of. */
const known: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['sites', new Set(['name', 'title', 'domain'])],
  ['users', new Set<string>(userFieldNames)],
  ...activityTypes.map((type) => [type.table, new Set(Object.keys(type.columns))] as const),
]);

/**
 * Gives the text columns of one table four bytes a character, each with its own type and its own order, in one ALTER (CONVERT TO
 * would widen TEXT and spoil JSON columns). Another order might take two addresses for one that are unique today. Columns of fixed
 * words need no fourth byte; where old rows hold '' in them, a strict server might refuse to copy it. Does nothing where it is done,
 * and on SQLite, which knows no other way. Source: running.md, "Adopting".
 */
export const toUtf8mb4 = async ({ database, run }: Schema, table: string): Promise<void> => {
  if (database.dialect.name !== 'mysql') return;
  const columns = await database.select(
    sql`SELECT c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.IS_NULLABLE AS nullable, c.COLUMN_DEFAULT AS fallback,
               c.COLUMN_COMMENT AS remark, wide.COLLATION_NAME AS collation
        FROM information_schema.COLUMNS c
        LEFT JOIN information_schema.COLLATIONS wide
          ON wide.COLLATION_NAME = CONCAT('utf8mb4', SUBSTRING(c.COLLATION_NAME, LENGTH(c.CHARACTER_SET_NAME) + 1))
        WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = ${table} AND c.CHARACTER_SET_NAME <> 'utf8mb4'
          AND c.DATA_TYPE NOT IN ('enum', 'set') AND COALESCE(c.GENERATION_EXPRESSION, '') = ''
        ORDER BY c.ORDINAL_POSITION LIMIT 1000`,
  );
  const changes = columns
    .filter(({ name }) => known.get(table)?.has(textOf(name) ?? '') === true)
    .map((column) => `MODIFY COLUMN ${definition(column)}`);
  if (changes.length === 0) return;
  await run(raw(`ALTER TABLE \`${table}\` ROW_FORMAT=DYNAMIC, ${changes.join(', ')}`));
};

const definition = (column: RawRow): string => {
  const collation = textOf(column['collation']) ?? 'utf8mb4_unicode_ci';
  const nullable = column['nullable'] === 'YES' ? 'NULL' : 'NOT NULL';
  const remark = textOf(column['remark']) ?? '';
  return [
    `\`${textOf(column['name']) ?? ''}\` ${textOf(column['type']) ?? ''} CHARACTER SET utf8mb4 COLLATE ${collation} ${nullable}`,
    ...fallbackOf(column),
    ...(remark === '' ? [] : [`COMMENT ${quoted(remark)}`]),
  ].join(' ');
};

/** MariaDB answers a default as it is written (quoted, or NULL as a word), MySQL as a bare value. */
const fallbackOf = (column: RawRow): readonly string[] => {
  const fallback = textOf(column['fallback']);
  if (fallback === null) return [];
  return [`DEFAULT ${fallback === 'NULL' || fallback.startsWith("'") ? fallback : quoted(fallback)}`];
};

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

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
