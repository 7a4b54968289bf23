import { sideReferences, sideTables } from '../../side-tables/index.ts';
import { readCatalog } from '../catalog.ts';
import type { Database } from '../database.ts';
import { textOf } from '../rows/values.ts';
import type { Schema } from '../schema.ts';
import { raw } from '../sql.ts';

/** An index on each column that names a user, where the table is there; one ALTER each, none where one exists. */
export const indexSideTables = async (schema: Schema): Promise<void> => {
  const catalog = await readCatalog(schema.database);
  const wanted = [
    ...sideReferences,
    ...sideTables.flatMap(({ table, key, names }) =>
      names.filter(({ column }) => column !== key).map(({ column }) => ({ table, column })),
    ),
  ];
  const leading = await leadingColumns(schema.database);
  for (const { table, column } of wanted) {
    if (!catalog.some((one) => one.table === table && one.column === column)) continue;
    if (leading.has(`${table}.${column}`)) continue;
    // The first letters will do, and fit into what old row formats can index.
    const length = texts.has(column) && schema.database.dialect.name === 'mysql' ? '(100)' : '';
    await schema.run(raw(`CREATE INDEX \`${table}_${column}\` ON \`${table}\` (\`${column}\`${length})`));
  }
};

const texts: ReadonlySet<string> = new Set(['email', 'to', 'value']);

/** Columns that an index begins with, as `table.column`. */
const leadingColumns = async ({ select, dialect }: Database): Promise<ReadonlySet<string>> => {
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
