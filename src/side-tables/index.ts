import type { SideTable } from './definition.ts';
import { correspondence } from './correspondence.ts';
import { participation } from './participation.ts';
import { workings } from './workings.ts';

/**
 * The list: every table beside the six that holds something of a user in an OpenStad database. They are reached where they
 * exist; a fresh database has none of them. Not in any answer, but in the digest of a plan. See docs/adr/0005.
 */
export const sideTables: readonly SideTable[] = [...participation, ...correspondence, ...workings];

/** Columns of the six tables that name a user who did not write the row. Kept by anonymizing, unlinked by deleting. */
export const sideReferences = [
  { table: 'articles', column: 'modBreakUserId' },
  { table: 'ideas', column: 'modBreakUserId' },
] as const;
