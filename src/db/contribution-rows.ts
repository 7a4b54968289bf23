import type { ActivityRow, ActivityType, Column } from '../activity-types/definition.ts';
import { nextTurn } from '../platform/clock.ts';
import type { ActivityStore, Measured, ReadingBounds } from '../ports/activity-store.ts';
import type { LockMode } from '../ports/user-store.ts';
import { bytesOf } from './contribution-numbers.ts';
import type { Database, RawRow } from './database.ts';
import type { Dialect } from './dialects/dialect.ts';
import { certainDate, dateOf, deletion, flagOf, jsonOf, numberOf, textOf } from './rows/values.ts';
import { isId, joined, listOf, raw, sql, type Sql } from './sql.ts';

/** Rows of contributions as plans read them: as many, and as much of their texts, as they are bounded by. */
export const boundedRows = ({ select, dialect }: Pick<Database, 'select' | 'dialect'>): ActivityStore['rows'] => {
  const some = async (
    type: ActivityType,
    userIds: readonly number[],
    lockMode: LockMode,
    { after, limit, bytes, oneOf = bytes }: Bounds,
  ): Promise<readonly Measured<ActivityRow>[]> => {
    const { columns, read } = measuredRow(type, bytes, oneOf);
    const lock = raw(lockMode === 'locked' ? dialect.forUpdate : '');
    const behind = after === null ? sql`` : sql`AND t.id > ${after} ORDER BY t.id`;
    const which = sql`t.userId IN ${listOf(userIds.filter(isId))} ${behind} LIMIT ${String(limit)}${lock}`;
    const found = await select(sql`SELECT ${columns} FROM ${measured(type, which, dialect)}${lock}`);
    return found.map((row) => ({ one: read(row), bytes: bytesIn(row) }));
  };

  return async (type, userIds, lockMode, { limit, bytes }) => {
    // Which they are is no matter, so no order is asked for.
    if (limit <= atOnce.rows)
      return newestFirst(await some(type, userIds, lockMode, { after: null, limit, bytes }), own);
    const all: Measured<ActivityRow>[] = [];
    for (let [after, left] = [0, bytes]; all.length < limit;) {
      const wanted = Math.min(atOnce.rows, limit - all.length);
      const bounds = { after, limit: wanted, bytes: Math.min(atOnce.bytes, left), oneOf: left };
      const found = [...(await some(type, userIds, lockMode, bounds))].sort((one, other) => one.one.id - other.one.id);
      // Beyond `bytes` none has its text any more.
      const whole = left < 0 ? found : found.slice(0, withinBytes(found, bounds.bytes));
      all.push(...whole);
      if (whole.length === found.length && found.length < wanted) break;
      after = whole.at(-1)?.one.id ?? after;
      left -= whole.reduce((sum, one) => sum + one.bytes, 0);
      await nextTurn();
    }
    return newestFirst(all, own);
  };
};

/** What reading so much takes is a piece of work for the event loop that nothing can cut in two. */
const atOnce = { rows: 500, bytes: 256_000 } as const;

const table = (type: ActivityType): Sql => raw(`\`${type.table}\``);

interface Bounds extends ReadingBounds {
  /** Behind this id, in order; null: any. */
  readonly after: number | null;
  /** Of the first that has a text, so many bytes are read. */
  readonly oneOf?: number;
}

/** How many take so many bytes together; one at least. */
const withinBytes = (found: readonly Measured<unknown>[], bytes: number): number => {
  let sum = 0;
  const beyond = found.findIndex((one, at) => (sum += one.bytes) > bytes && at > 0);
  return beyond === -1 ? found.length : beyond;
};

const own = (row: ActivityRow): ActivityRow => row;

/** Some columns of an activity type's table, which stands in the statement as `t`, and how rows of them are read. */
interface RowReader {
  readonly names: readonly string[];
  readonly columns: Sql;
  readonly read: (row: RawRow) => ActivityRow;
}

/** All columns. */
export const wholeRow = (type: ActivityType): RowReader => rowReader(type, () => true);

/** What lists and plans go by: what is shown or personal, and whether it is soft-deleted. The rest can be large, and is JSON. */
export const listedRow = (type: ActivityType): RowReader =>
  rowReader(type, (name, { shown, personal }) => shown || personal || name === 'deletedAt');

/** The same of `measured`: texts only as far as they take so many bytes together, and how many each row's take. */
export const measuredRow = (type: ActivityType, bytes: number, oneOf = bytes): RowReader => {
  const isRead = `m.upTo <= ${bytes} OR (m.upTo = m.bytes AND m.bytes <= ${oneOf})`;
  const { names, read } = listedRow(type);
  const cut = names.map((name) =>
    type.columns[name]?.kind === 'text'
      ? sql`CASE WHEN ${raw(isRead)} THEN t.${raw(`\`${name}\``)} END AS ${raw(`\`${name}\``)}`
      : raw(`t.\`${name}\``),
  );
  return { names, columns: sql`${joined(cut, ', ')}, m.bytes AS bytes`, read };
};

/**
 * Rows `t` of a kind, each with the bytes that its texts take, and that they take with those before it (by id). Measured before a
 * text is read; joined so that no database begins with all rows there are.
 */
export const measured = (type: ActivityType, which: Sql, dialect: Dialect): Sql =>
  sql`(SELECT id, bytes, SUM(bytes) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS upTo
       FROM (SELECT t.id AS id, ${bytesOf(type, dialect)} AS bytes FROM ${table(type)} t WHERE ${which}) found) m
      LEFT JOIN ${table(type)} t ON t.id = m.id`;

export const bytesIn = (row: RawRow): number => numberOf(row['bytes']) ?? 0;

/** Sorted here: to know which are the newest, the database would read all that there is. */
export const newestFirst = <T>(found: readonly Measured<T>[], rowOf: (one: T) => ActivityRow): readonly Measured<T>[] =>
  [...found].sort((one, other) => {
    const [row, next] = [rowOf(one.one), rowOf(other.one)];
    return next.createdAt.getTime() - row.createdAt.getTime() || next.id - row.id;
  });

/** Made once a statement and not once a row: lists hold hundreds. */
const rowReader = (type: ActivityType, isRead: (name: string, column: Column) => boolean): RowReader => {
  const columns = Object.entries(type.columns)
    .filter(([name, column]) => isRead(name, column))
    .map(([name, { kind }]) => ({ name, read: readers[kind] }));
  return {
    names: columns.map(({ name }) => name),
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
