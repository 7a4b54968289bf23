import { indexSideTables } from '../src/db/adoption/index-side-tables.ts';
import type { Migration } from '../src/db/migrator.ts';

/** Anonymize and delete look for a user's rows in OpenStad's other tables: no such request may read a whole table. */
export const up: Migration = indexSideTables;
