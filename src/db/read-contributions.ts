import { activityTypes } from '../activity-types/index.ts';
import { personalColumns, type ActivityRow, type ActivityType, type Column } from '../activity-types/definition.ts';
import { nextTurn } from '../platform/clock.ts';
import type {
  ActivityStore,
  ContributionRef,
  ContributionSize,
  Measured,
  ReadingBounds,
} from '../ports/activity-store.ts';
import type { LockMode } from '../ports/user-store.ts';
import type { Database, RawRow } from './database.ts';
import type { Dialect } from './dialects/dialect.ts';
import {
  certainDate,
  dateOf,
  deletion,
  expressionOf,
  flagOf,
  isDeletedRow,
  isLiveRow,
  jsonOf,
  numberOf,
  textOf,
} from './rows/values.ts';
import { anyOf, isId, joined, listOf, raw, sql, type Sql } from './sql.ts';

/** Ids of as many rows of the table at most come in one row of the answer: less than 50 kB (connections.ts allows 1 MB). */
const idsInABundle = 2048;
/** A statement sorts what is left by id: few that read much cost less than many that read little. */
const rowsAtOnce = 100_000;

/**
 * What is known of contributions without reading their texts: how many, how large, in which order, and what is personal.
 * Tens of thousands of rows, each an object from the driver, would hold the event loop: the database writes numbers into few
 * rows instead, of which each is read in a millisecond.
 */
export const contributionNumbers = (
  database: Pick<Database, 'select' | 'dialect'>,
): Pick<ActivityStore, 'references' | 'inOrder' | 'size'> => ({
  references: walkReferences(database),
  ...sizes(database),
});

const sizes = ({ select, dialect }: Pick<Database, 'select' | 'dialect'>): Pick<ActivityStore, 'inOrder' | 'size'> => ({
  inOrder: async (types, userIds, maxSeconds) => {
    const ids = userIds.filter(isId);
    if (types.length === 0 || ids.length === 0) return [];
    const ordered: ContributionSize<(typeof types)[number]>[] = [];
    for (const bundle of await select(orderOf(types, ids, dialect), { maxSeconds })) {
      if (ordered.length > 0) await nextTurn();
      for (const { kind, id, bytes } of unbundled(bundle, 4, (_place, kind, id, bytes) => ({ kind, id, bytes }))) {
        const type = types[kind];
        if (type !== undefined) ordered.push({ type, id, bytes });
      }
    }
    return ordered;
  },

  size: async (userIds, limit) => {
    const ids = userIds.filter(isId);
    if (ids.length === 0) return { count: 0, bytes: 0 };
    const parts = activityTypes.map(
      (type) =>
        sql`SELECT COUNT(*) AS n, SUM(bytes) AS bytes
            FROM (SELECT ${bytesOf(type, dialect)} AS bytes FROM ${raw(`\`${type.table}\``)} t
                  WHERE t.userId IN ${listOf(ids)} LIMIT ${String(limit)}) found`,
    );
    const found = await select(joined(parts, ' UNION ALL '));
    const sum = (name: 'n' | 'bytes'): number => found.reduce((total, row) => total + (numberOf(row[name]) ?? 0), 0);
    return { count: sum('n'), bytes: sum('bytes') };
  },
});

/** How many bytes those texts of a row of `t` take that lists read. */
export const bytesOf = (type: ActivityType, dialect: Dialect): Sql =>
  bytesOfColumns(type, dialect, ({ kind, shown, personal }) => kind === 'text' && (shown || personal));

/** How many bytes the texts and JSON of a whole row of `t` take. */
export const bytesOfWhole = (type: ActivityType, dialect: Dialect): Sql =>
  bytesOfColumns(type, dialect, ({ kind }) => kind === 'text' || kind === 'json');

const bytesOfColumns = (type: ActivityType, dialect: Dialect, isCounted: (column: Column) => boolean): Sql =>
  raw(
    Object.entries(type.columns)
      .filter(([, column]) => isCounted(column))
      .map(([name]) => `COALESCE(${dialect.byteLength(`t.\`${name}\``)}, 0)`)
      .join(' + '),
  );

/** Their order is the database's, which compares moments as lists do. */
const orderOf = (types: readonly ActivityType[], userIds: readonly number[], dialect: Dialect): Sql => {
  const parts = types.map(
    (type, kind) =>
      sql`SELECT ${raw(String(kind))} AS kind, t.id AS id, ${bytesOf(type, dialect)} AS bytes,
                 ${raw(expressionOf(certainDate, 't.createdAt', dialect))} AS moment
          FROM ${raw(`\`${type.table}\``)} t WHERE t.userId IN ${listOf(userIds)} AND ${isLiveRow('t')}`,
  );
  return sql`SELECT COUNT(*) AS n, GROUP_CONCAT(CONCAT(place, ',', kind, ',', id, ',', bytes)) AS numbers
             FROM (SELECT kind, id, bytes, ROW_NUMBER() OVER (ORDER BY moment DESC, kind, id DESC) AS place
                   FROM (${joined(parts, ' UNION ALL ')}) found) placed
             GROUP BY place - place % ${raw(String(idsInABundle))} ORDER BY MIN(place)`;
};

const walkReferences = ({ select, dialect }: Pick<Database, 'select' | 'dialect'>): ActivityStore['references'] =>
  async function* (type, userIds, reading) {
    const ids = userIds.filter(isId);
    for (let after = 0; ids.length > 0;) {
      const bundles = await select(bundlesOf(type, ids, after, raw(reading === 'locked' ? dialect.forUpdate : '')));
      let found = 0;
      for (const bundle of bundles) {
        if (found > 0) await nextTurn();
        const batch = unbundled(bundle, 3, referenceOf);
        yield batch;
        found += batch.length;
        after = batch.at(-1)?.id ?? after;
      }
      if (found < rowsAtOnce) return;
    }
  };

/** Whether a row holds a value that anonymizing would empty. */
export const hasPersonal = (type: ActivityType, prefix = ''): Sql =>
  anyOf(personalColumns(type).map((column) => raw(`${prefix}\`${column}\` IS NOT NULL`)));

/** Flags: 1 soft-deleted, 2 personal. Locks are taken where the rows are read. */
const bundlesOf = (type: ActivityType, userIds: readonly number[], after: number, lock: Sql): Sql =>
  sql`SELECT MIN(id) AS least, COUNT(*) AS n, GROUP_CONCAT(CONCAT(id, ',', userId, ',', flags)) AS numbers
      FROM (SELECT t.id AS id, t.userId AS userId, ${isDeletedRow('t')} + 2 * (${hasPersonal(type, 't.')}) AS flags
            FROM ${raw(`\`${type.table}\``)} t WHERE t.userId IN ${listOf(userIds)} AND t.id > ${after}
            ORDER BY t.id LIMIT ${String(rowsAtOnce)}${lock}) found
      GROUP BY id - id % ${raw(String(idsInABundle))} ORDER BY least`;

const referenceOf = (id: number, userId: number, flags: number): ContributionRef => ({
  id,
  userId,
  isHidden: flags % 2 === 1,
  hasPersonal: flags >= 2,
});

/** What is made of so many numbers each, in the order of their first. A text that was cut short must not pass for fewer contributions. */
const unbundled = <T>(
  row: RawRow,
  each: 3 | 4,
  made: (...numbers: [number, number, number, number]) => T,
): readonly T[] => {
  const numbers = JSON.parse(`[${textOf(row['numbers']) ?? ''}]`) as readonly number[];
  const count = numberOf(row['n']) ?? 0;
  if (numbers.length !== each * count) throw new Error(`of ${count} footprints came ${numbers.length / each}`);
  const numberAt = (at: number): number => numbers[at] ?? 0;
  return Array.from({ length: count }, (_none, at) => each * at)
    .sort((one, other) => numberAt(one) - numberAt(other))
    .map((at) => made(numberAt(at), numberAt(at + 1), numberAt(at + 2), numberAt(at + 3)));
};

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

/** As `listedRow`, from `measured` (m): texts only as far as they take so many bytes together, and how many each row's take. */
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
