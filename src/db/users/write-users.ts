import { mustBeReadable } from '../../domain/users/user-change.ts';
import { Fault } from '../../domain/fault.ts';
import { changedColumns } from '../../domain/people/mirror.ts';
import { ruleOf, userFieldNames, type UserField } from '../../domain/users/user-fields.ts';
import type { UserRow } from '../../domain/users/user.ts';
import { RunAgain, type InOneTransaction } from '../../ports/unit-of-work.ts';
import type { UserStore } from '../../ports/user-store.ts';
import type { Database } from '../database.ts';
import { orReferredTo } from '../database-fault.ts';
import { isLiveRow } from '../rows/values.ts';
import { storedValue } from '../rows/user-row.ts';
import { joined, listOf, raw, sql, type Sql } from '../sql.ts';
import type { AddressHolders } from './address-holders.ts';
import { countChanges } from './user-counts.ts';
import { addWords, rewordChanged } from './user-words.ts';

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
 * Who deletes a site holds its row (src/use-cases/sites/delete-site.ts): a newcomer waits for that, or is there first and is seen. Every row
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

/**
 * The rows `u` by which a site's people are named who are not anonymized there: of each person the first such row, soft-deleted
 * ones too. A row without a person stands alone.
 */
export const firstOfPerson = (siteId: number): Sql =>
  sql`u.siteId = ${siteId} AND u.anonymizedAt IS NULL AND NOT EXISTS
      (SELECT 1 FROM users l WHERE l.siteId = ${siteId} AND l.personId = u.personId AND l.anonymizedAt IS NULL AND l.id < u.id)`;
