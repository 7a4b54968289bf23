import { activityTypes } from '../activity-types/index.ts';
import { personalColumns, type ActivityType, type Column } from '../activity-types/definition.ts';
import { nextTurn } from '../platform/clock.ts';
import type { ActivityStore, ContributionRef, ContributionSize } from '../ports/activity-store.ts';
import type { Database, RawRow } from './database.ts';
import type { Dialect } from './dialects/dialect.ts';
import { certainDate, expressionOf, isDeletedRow, isLiveRow, numberOf, textOf } from './rows/values.ts';
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

/** The same of a whole row. */
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
