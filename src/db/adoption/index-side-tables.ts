import { sideReferences, sideTables } from '../../side-tables/index.ts';
import { leadingColumns, readCatalog } from '../catalog.ts';
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
