import { activityTypes } from '../../activity-types/index.ts';
import { Fault } from '../../domain/fault.ts';
import { userFieldNames } from '../../domain/users/user-fields.ts';
import type { CatalogColumn } from '../../side-tables/unknown.ts';

/** Columns of `users` that our own steps add. */
const ourColumns: ReadonlySet<string> = new Set([
  'personId',
  'slot',
  'profileWithheld',
  'addressWritten',
  'anonymizedAt',
  'signedUpForNewsletter',
]);

/** What OpenStad's own tables have to have, in the order of its releases' last steps. */
const needed: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['sites', ['id', 'name', 'title', 'domain', 'config', 'hostStatus', 'areaId', 'createdAt', 'updatedAt', 'deletedAt']],
  ['users', userFieldNames.filter((name) => !ourColumns.has(name))],
  ...activityTypes.map(({ table, columns }) => [table, Object.keys(columns)] as const),
];

/**
 * An older OpenStad lacks columns that its own steps add: were they ours, its steps would stop at them, and what else those change
 * would be missing. Fault `conflict`, which says so; a database of which we have begun to take care is left to our own steps.
 */
export const mustBeCurrent = (catalog: readonly CatalogColumn[]): void => {
  const tables = new Set(catalog.map(({ table }) => table));
  if (tables.has('civitas_migrations') || !needed.some(([table]) => tables.has(table))) return;
  const there = new Set(catalog.map(({ table, column }) => `${table}.${column}`));
  const missing = needed.flatMap(([table, columns]) =>
    tables.has(table) ? columns.map((column) => `${table}.${column}`).filter((name) => !there.has(name)) : [table],
  );
  if (missing.length === 0) return;
  throw new Fault(
    'conflict',
    { rule: 'older-openstad' },
    `This database is of an older OpenStad: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Start its newest API on it once (its own steps add them), then run this again. Nothing was changed.`,
  );
};
