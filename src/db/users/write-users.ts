import { roles } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { changedColumns } from '../../domain/people/mirror.ts';
import { searchWords, type SearchWord } from '../../domain/users/personal-text.ts';
import { mustBeReadable } from '../../domain/users/user-change.ts';
import { ruleOf, userFieldNames, type UserField } from '../../domain/users/user-fields.ts';
import { type UserRow, isLive } from '../../domain/users/user.ts';
import { RunAgain, type InOneTransaction } from '../../ports/unit-of-work.ts';
import type { UserStore } from '../../ports/user-store.ts';
import { orReferredTo } from '../database-fault.ts';
import type { Database } from '../database.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { storedValue, userMeanings } from '../rows/user-row.ts';
import { expressionOf, isLiveRow } from '../rows/values.ts';
import { joined, listOf, raw, sql, type Sql } from '../sql.ts';
import type { AddressHolders } from './address-holders.ts';

type Writes = Pick<UserStore, 'insert' | 'save' | 'remove'>;
type Column = Exclude<UserField, 'id'>;
type Changes = Parameters<UserStore['save']>[0];

export const writeUsers = (
  database: Database,
  inOneTransaction: InOneTransaction,
  holders: AddressHolders,
): Writes => ({
  insert: (row) =>
    inOneTransaction(async () => {
      mustBeReadable(row);
      await mustBeThere(database, row.siteId);
      const id = await database.insert(insertion(row)).catch(async (error: unknown) => {
        if (database.dialect.errorKind(error) !== 'duplicate') throw error;
        throw (await isAddressTaken(holders, row)) ? addressCame() : alreadyThere();
      });
      await addWords(database, [{ ...row, id }]);
      await countChanges(database, [], [row]);
      return id;
    }),

  save: (changes) =>
    inOneTransaction(async () => {
      const real = changes.filter(({ before, after }) => changedColumns(before, after).length > 0);
      if (real.length === 0) return;
      for (const { before, after } of real) mustBeReadable(after, before);
      const found = await database.change(update(real)).catch((error: unknown) => {
        if (database.dialect.errorKind(error) !== 'duplicate') throw error;
        holders.lookAgain();
        throw addressCame();
      });
      if (found !== real.length) throw new RunAgain('a row to save is gone');
      await rewordChanged(database, real);
      await countChanges(
        database,
        real.map(({ before }) => before),
        real.map(({ after }) => after),
      );
    }),

  remove: (rows) =>
    inOneTransaction(async () => {
      if (rows.length === 0) return;
      const removal = sql`DELETE FROM users WHERE id IN ${listOf(rows.map(({ id }) => id))}`;
      const found = await orReferredTo(database, database.change(removal));
      if (found !== rows.length) throw new RunAgain('a row to remove is gone');
      await countChanges(database, rows, []);
    }),
});

/**
 * Who deletes a site holds its row (src/use-cases/sites/sites.ts): a newcomer waits for that, or is there first and is seen. Every row
 * is made here, so nobody is made at a site that is gone. Locks come in the order person, rows, site.
 */
const mustBeThere = async ({ select, dialect }: Database, siteId: number | null): Promise<void> => {
  if (siteId === null) return;
  const live = sql`SELECT id FROM sites WHERE id = ${siteId} AND ${isLiveRow('sites')}${raw(dialect.forShare)}`;
  if ((await select(live)).length === 0) throw new Fault('site-not-found', {});
};

const columns: readonly Column[] = userFieldNames.filter((field) => field !== 'id');

const insertion = (row: Omit<UserRow, 'id'>): Sql => {
  const names = raw(columns.map((column) => `\`${column}\``).join(', '));
  return sql`INSERT INTO users (${names}) VALUES (${joined(
    columns.map((column) => storedValue(row, column)),
    ', ',
  )})`;
};

/** One UPDATE for all rows: each column that differs anywhere gets each row's own value. */
const update = (changes: Changes): Sql => {
  const changed = changes.flatMap(({ before, after }) => changedColumns(before, after));
  const assignments = columns.filter((column) => changed.includes(column)).map((column) => assignment(column, changes));
  return sql`UPDATE users SET ${joined(assignments, ', ')} WHERE id IN ${listOf(changes.map(({ before }) => before.id))}`;
};

const assignment = (column: Column, changes: Changes): Sql => {
  const name = raw(`\`${column}\``);
  // Rows that keep their value are left out, so that what we could not read is not written back; a JSON column takes no ELSE
  // of another type, so there every row is named.
  const isJson = ruleOf(column).shape.kind === 'json';
  const named = isJson
    ? changes
    : changes.filter(({ before, after }) => changedColumns(before, after).includes(column));
  const [first] = named;
  const values = named.map(({ before, after }) => storedValue(after, column, before));
  if (first !== undefined && named.length === changes.length && values.every((value) => same(value, values[0]))) {
    return sql`${name} = ${values[0] ?? null}`;
  }
  const cases = named.map(({ before, after }) => sql`WHEN ${before.id} THEN ${storedValue(after, column, before)}`);
  return sql`${name} = CASE id ${joined(cases, ' ')}${isJson ? raw('') : sql` ELSE ${name}`} END`;
};

const same = (one: unknown, other: unknown): boolean =>
  one instanceof Date && other instanceof Date ? one.getTime() === other.getTime() : one === other;

/** Between looking for who has it and writing it: the unit looks again. */
const addressCame = (): RunAgain => new RunAgain('somebody else has the address by now');

const isAddressTaken = async (
  holders: AddressHolders,
  { email, siteId }: Pick<UserRow, 'email' | 'siteId'>,
): Promise<boolean> => {
  if (email === null || siteId === null) return false;
  holders.lookAgain();
  return ((await holders.find(email, [siteId], 'plain')) ?? []).length > 0;
};

const alreadyThere = (): Fault =>
  new Fault('conflict', { rule: 'already-at-this-site' }, 'This person already is a user of this site.');

type Counted = Pick<UserRow, 'siteId' | 'listableByRole' | 'deletedAt'>;

/**
 * Keeps the counters of lists true, in the transaction of the rows themselves. Counters are locked last and in one order, so
 * that two units do not wait for each other.
 */
const countChanges = async (
  database: Database,
  before: readonly Counted[],
  after: readonly Counted[],
): Promise<void> => {
  const changes = differences(before, after);
  if (changes.length === 0) return;
  await addCounts(database, changes);
};

/** As many rows a counter has: two nodes of a cluster that commit at once collide where they changed the same row. */
const slots = 16;

/** Adds to counters, each in one of its rows, whichever it is unless said; `by: 0` locks that one. */
export const addCounts = async (
  database: Database,
  changes: readonly CountChange[],
  slot = Math.floor(Math.random() * slots),
): Promise<void> => {
  const { dialect } = database;
  const rows = changes.map(({ siteId, key, by }) => sql`(${siteId}, ${key}, ${slot}, ${by})`);
  await database.change(
    sql`INSERT INTO civitas_user_counts (siteId, listableByRole, slot, n) VALUES ${joined(rows, ', ')}
        ${raw(dialect.onConflictUpdate(['siteId', 'listableByRole', 'slot']))} n = civitas_user_counts.n + ${raw(dialect.brought('n'))}`,
  );
};

/**
 * Writes every counter of a site, and leaves each as it was: so whoever takes the site away and whoever adds a row to it write the same,
 * and where they do so at two nodes of a cluster, one of them is undone at its commit. That a row refers to the site does not show there.
 */
export const touchCounts = async (database: Database, siteId: number): Promise<void> => {
  const rows = Array.from({ length: slots }, (_none, slot) =>
    [...roles, 'none'].map((key) => sql`(${siteId}, ${key}, ${slot}, 1)`),
  ).flat();
  await database.change(
    sql`INSERT INTO civitas_user_counts (siteId, listableByRole, slot, n) VALUES ${joined(rows, ', ')}
        ${raw(database.dialect.onConflictUpdate(['siteId', 'listableByRole', 'slot']))} n = civitas_user_counts.n + 1`,
  );
  await database.change(sql`UPDATE civitas_user_counts SET n = n - 1 WHERE siteId = ${siteId}`);
  await database.change(sql`DELETE FROM civitas_user_counts WHERE siteId = ${siteId} AND n = 0`);
};

/** Under which counter a row is counted. */
export const listableBy = (table: string, dialect: Dialect): Sql =>
  raw(`COALESCE(${expressionOf(userMeanings.listableByRole, `${table}.listableByRole`, dialect)}, 'none')`);

export interface CountChange {
  readonly siteId: number;
  /** `none` for null. */
  readonly key: string;
  readonly by: number;
}

const differences = (before: readonly Counted[], after: readonly Counted[]): readonly CountChange[] => {
  const changes = new Map<string, CountChange>();
  const count = (row: Counted, by: number): void => {
    if (!isLive(row) || row.siteId === null) return;
    const key = row.listableByRole ?? 'none';
    const name = `${row.siteId} ${key}`;
    changes.set(name, { siteId: row.siteId, key, by: (changes.get(name)?.by ?? 0) + by });
  };
  for (const row of before) count(row, -1);
  for (const row of after) count(row, 1);
  return [...changes.values()]
    .filter(({ by }) => by !== 0)
    .sort((one, other) => one.siteId - other.siteId || (one.key < other.key ? -1 : 1));
};

export type Worded = Parameters<typeof searchWords>[0] & Pick<UserRow, 'id'>;

interface Reworded {
  readonly before: Worded;
  readonly after: Worded;
}

/**
 * Keeps the words of rows that were changed true, in the transaction of the rows themselves. What is there goes, whatever `before`
 * says: a row may have been changed past this API. Removing a row removes its words.
 */
const rewordChanged = async (database: Database, changes: readonly Reworded[]): Promise<void> => {
  const changed = changes.filter((one) => wordsOf(one.before) !== wordsOf(one.after) || isAnonymizing(one));
  await reword(
    database,
    changed.map(({ after }) => after),
  );
};

/** Gives rows their words anew, whatever words they have. */
export const reword = async (database: Database, rows: readonly Worded[]): Promise<void> => {
  if (rows.length === 0) return;
  await database.change(sql`DELETE FROM civitas_user_words WHERE userId IN ${listOf(rows.map(({ id }) => id))}`);
  await addWords(database, rows);
};

const isAnonymizing = ({ before, after }: Reworded): boolean =>
  before.anonymizedAt === null && after.anonymizedAt !== null;

const wordsOf = (row: Worded): string => JSON.stringify([row.siteId, searchWords(row)]);

/** SQLite looks up each numbered value among all of a statement: a thousand words at once take it four times as long as by the hundred. */
const maxInOne = 100;

/** The words of rows that have none yet, in the order of the table. Words that are there already stay. */
export const addWords = async ({ change, dialect }: Database, rows: readonly Worded[]): Promise<void> => {
  const words = rows.flatMap((row) => searchWords(row).map((one) => ({ ...one, row }))).sort(inTableOrder);
  for (let from = 0; from < words.length; from += maxInOne) {
    const values = words
      .slice(from, from + maxInOne)
      .map(({ row, word, source }) => sql`(${row.siteId}, ${word}, ${row.id}, ${source})`);
    await change(
      sql`${raw(dialect.insertUnlessThere)} civitas_user_words (siteId, word, userId, source) VALUES ${joined(values, ', ')}`,
    );
  }
};

type OfRow = SearchWord & { readonly row: Worded };

/** Neighbours are written together: filling a large table would read the same pages again and again. */
const inTableOrder = (one: OfRow, other: OfRow): number =>
  (one.row.siteId ?? 0) - (other.row.siteId ?? 0) || Number(one.word > other.word) - Number(one.word < other.word);
