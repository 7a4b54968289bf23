import type { ActivityRow, ActivityType, Column } from '../../activity-types/definition.ts';
import type { RawRow } from '../database.ts';
import { dateOf, flagOf, jsonOf, numberOf, textOf } from './values.ts';

/** The columns of an activity type's table, which stands in the statement as `t`. */
export const activityColumns = (type: ActivityType): string =>
  Object.keys(type.columns)
    .map((name) => `t.\`${name}\``)
    .join(', ');

export const activityRowOf = (type: ActivityType, row: RawRow): ActivityRow => ({
  ...Object.fromEntries(Object.entries(type.columns).map(([name, { kind }]) => [name, readers[kind](row[name])])),
  id: numberOf(row['id']) ?? 0,
  userId: numberOf(row['userId']) ?? 0,
  createdAt: dateOf(row['createdAt']) ?? new Date(0),
  deletedAt: dateOf(row['deletedAt']),
});

const readers = {
  number: numberOf,
  text: textOf,
  flag: flagOf,
  date: dateOf,
  json: jsonOf,
  // GeoJSON, as a value or as text.
  point: jsonOf,
} as const satisfies Record<Column['kind'], (value: unknown) => unknown>;
