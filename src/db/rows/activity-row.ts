import type { ActivityRow, ActivityType, Column } from '../../activity-types/definition.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { certainDate, deletion } from './meanings.ts';
import { dateOf, flagOf, jsonOf, numberOf, textOf } from './values.ts';

/** Some columns of an activity type's table, which stands in the statement as `t`, and how rows of them are read. */
interface Reading {
  readonly columns: Sql;
  readonly read: (row: RawRow) => ActivityRow;
}

/** All columns. */
export const wholeRow = (type: ActivityType): Reading => reading(type, () => true);

/** What lists and plans go by: what is shown or personal, and whether it is soft-deleted. The rest can be large, and is JSON. */
export const listedRow = (type: ActivityType): Reading =>
  reading(type, (name, { shown, personal }) => shown || personal || name === 'deletedAt');

/** Made once a statement and not once a row: lists hold hundreds. */
const reading = (type: ActivityType, isRead: (name: string, column: Column) => boolean): Reading => {
  const columns = Object.entries(type.columns)
    .filter(([name, column]) => isRead(name, column))
    .map(([name, { kind }]) => ({ name, read: readers[kind] }));
  return {
    columns: raw(columns.map(({ name }) => `t.\`${name}\``).join(', ')),
    read: (row) => {
      const values: Record<string, unknown> = {};
      for (const { name, read } of columns) values[name] = read(row[name]);
      return Object.assign(values, {
        id: numberOf(row['id']) ?? 0,
        userId: numberOf(row['userId']) ?? 0,
        createdAt: certainDate.read(row['createdAt']),
        deletedAt: deletion.read(row['deletedAt']),
      });
    },
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
