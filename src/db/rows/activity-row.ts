import type { ActivityRow, ActivityType, Column } from '../../activity-types/definition.ts';
import type { RawRow } from '../database.ts';
import { dateOf, flagOf, jsonOf, numberOf, textOf } from './values.ts';

/** The columns of an activity type's table, which stands in the statement as `t`. */
export const activityColumns = (type: ActivityType): string =>
  Object.keys(type.columns)
    .map((name) => `t.\`${name}\``)
    .join(', ');

/** Reads rows of one kind. Made once per statement and not per row: lists hold hundreds. */
export const activityReader = (type: ActivityType): ((row: RawRow) => ActivityRow) => {
  const columns = Object.entries(type.columns).map(([name, { kind }]) => ({ name, read: readers[kind] }));
  return (row) => {
    const values: Record<string, unknown> = {};
    for (const { name, read } of columns) values[name] = read(row[name]);
    return Object.assign(values, {
      id: numberOf(row['id']) ?? 0,
      userId: numberOf(row['userId']) ?? 0,
      createdAt: dateOf(row['createdAt']) ?? new Date(0),
      deletedAt: dateOf(row['deletedAt']),
    });
  };
};

const readers = {
  number: numberOf,
  text: textOf,
  flag: flagOf,
  date: dateOf,
  json: jsonOf,
  // GeoJSON, as a value or as text.
  point: jsonOf,
} as const satisfies Record<Column['kind'], (value: unknown) => unknown>;
