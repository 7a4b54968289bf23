import type { Database } from '../../../src/db/database.ts';
import type { Dialect } from '../../../src/db/dialects/dialect.ts';
import { raw, type Sql } from '../../../src/db/sql.ts';
import type { Cell, Row } from './rows.ts';

export const batchSize = 1000;

/** Many rows in one statement. All have the columns of the first. Our own values only: they stand in the text. */
export const insertOf = (table: string, rows: readonly Row[], dialect: Dialect): Sql => {
  const columns = Object.keys(rows[0] ?? {});
  const values = rows.map((row) => `(${columns.map((column) => literal(row[column] ?? null, dialect)).join(',')})`);
  return raw(
    `INSERT INTO \`${table}\` (${columns.map((column) => `\`${column}\``).join(', ')}) VALUES ${values.join(',')}`,
  );
};

export const insertAll = async (database: Database, table: string, rows: readonly Row[]): Promise<void> => {
  for (let from = 0; from < rows.length; from += batchSize)
    await database.change(insertOf(table, rows.slice(from, from + batchSize), database.dialect));
};

const literal = (cell: Cell, dialect: Dialect): string => {
  if (cell === null) return 'NULL';
  if (typeof cell === 'number') return String(cell);
  const text = cell instanceof Date ? dialect.dateText(cell) : cell;
  return `'${text.replaceAll("'", "''")}'`;
};
