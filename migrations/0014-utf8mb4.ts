import type { Migration } from '../src/db/migrator.ts';
import { toUtf8mb4 } from '../src/db/utf8mb4.ts';

const tables = ['sites', 'users', 'ideas', 'articles', 'arguments', 'votes'] as const;

/** OpenStad's tables were made for three bytes a character: names and texts with others would be refused. */
export const up: Migration = async (schema) => {
  for (const table of tables) await toUtf8mb4(schema, table);
};
