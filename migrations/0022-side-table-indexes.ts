import type { Migration } from '../src/db/migrator.ts';
import { indexSideTables } from '../src/db/adoption/index-side-tables.ts';

/** Anonymize and delete look for a user's rows: no such request may read a whole table. */
export const up: Migration = indexSideTables;
