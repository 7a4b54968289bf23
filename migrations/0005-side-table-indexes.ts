import { leadingColumns, readCatalog } from '../src/db/catalog.ts';
import type { Migration } from '../src/db/migrator.ts';
import { raw } from '../src/db/sql.ts';
import { sideReferences, sideTables } from '../src/side-tables/index.ts';

/**
 * An index on each column of OpenStad's other tables that names a user, where the table is there; one ALTER each, none where one
 * exists. Anonymize and delete look for a user's rows there: no such request may read a whole table.
 */
export const up: Migration = async (schema) => {
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
