import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import type { Database } from '../database.ts';
import { anonymization, deletion, unmarked, zeroMarked, numberOf, textOf, isLiveRow } from '../rows/values.ts';
import { listOf, raw, sql, type Sql } from '../sql.ts';
import { unitOfWork } from '../unit-of-work.ts';
import { addWords, type Worded, addCounts, listableBy, type CountChange } from './write-users.ts';

const rowsABatch = 1000;

/**
 * Gives every live row that has no words yet its words, site by site and in id order, in batches of one transaction each: it may
 * be interrupted and run again, also beside a running API, and holds one batch in memory. Source: docs/adr/0014.
 */
export const fillWords = async (
  database: Database,
  onProgress: (rowsSoFar: number) => void = () => undefined,
): Promise<void> => {
  const { inOneTransaction } = unitOfWork(database, silent);
  let rows = 0;
  const onBatch = (more: number): void => {
    rows += more;
    onProgress(rows);
  };
  for (let siteId = await siteAfter(database, 0); siteId !== null; siteId = await siteAfter(database, siteId))
    await fillSite(database, inOneTransaction, siteId, onBatch);
};

const fillSite = async (
  database: Database,
  inOneTransaction: InOneTransaction,
  siteId: number,
  onBatch: (rows: number) => void,
): Promise<void> => {
  for (const range of [unmarked('u'), zeroMarked('u')])
    await fillRange(database, inOneTransaction, sql`u.siteId = ${siteId} AND ${range}`, onBatch);
};

const fillRange = async (
  database: Database,
  inOneTransaction: InOneTransaction,
  range: Sql,
  onBatch: (rows: number) => void,
): Promise<void> => {
  for (let after = 0; ;) {
    const batch = await rowsIn(database, range, after);
    const ids = batch.filter(({ isWorded }) => !isWorded).map(({ id }) => id);
    if (ids.length > 0) await inOneTransaction(() => fillBatch(database, ids));
    onBatch(batch.length);
    const last = batch.at(-1);
    if (last === undefined || batch.length < rowsABatch) return;
    after = last.id;
  }
};

/** Behind a lock, so that nobody changes a name between reading it and keeping its words. */
const fillBatch = async (database: Database, ids: readonly number[]): Promise<void> => {
  const { select, dialect } = database;
  const rows = await select(
    sql`SELECT id, siteId, nickName, firstName, lastName, email, deletedAt, anonymizedAt FROM users
        WHERE id IN ${listOf(ids)} ORDER BY id${raw(dialect.forShare)}`,
  );
  await addWords(database, rows.map(wordedOf));
};

/** Whether they have words is looked up for the batch alone. As a condition, MariaDB may do so for the whole site, or for all words. */
const rowsIn = async (
  { select }: Database,
  range: Sql,
  after: number,
): Promise<readonly { readonly id: number; readonly isWorded: boolean }[]> => {
  const rows = await select(
    sql`SELECT u.id, (SELECT 1 FROM civitas_user_words w WHERE w.userId = u.id LIMIT 1) AS worded FROM users u
        WHERE ${range} AND u.id > ${after} ORDER BY u.id LIMIT ${String(rowsABatch)}`,
  );
  return rows.map((row) => ({ id: numberOf(row['id']) ?? 0, isWorded: row['worded'] !== null }));
};

const siteAfter = async ({ select }: Database, siteId: number): Promise<number | null> => {
  const [row] = await select(sql`SELECT siteId FROM users WHERE siteId > ${siteId} ORDER BY siteId LIMIT 1`);
  return numberOf(row?.['siteId']);
};

const wordedOf = (row: Readonly<Record<string, unknown>>): Worded => ({
  id: numberOf(row['id']) ?? 0,
  siteId: numberOf(row['siteId']),
  nickName: textOf(row['nickName']),
  firstName: textOf(row['firstName']),
  lastName: textOf(row['lastName']),
  email: textOf(row['email']),
  deletedAt: deletion.read(row['deletedAt']),
  anonymizedAt: anonymization.read(row['anonymizedAt']),
});

const silent = { info: () => undefined, warn: () => undefined };

/** The row of a counter in which two who put it right meet. */
const first = 0;

/**
 * Puts right the counters that rows written by another program have made wrong, and answers how many: in a unit of its own, also beside a
 * running API. Those that seem wrong are locked against others who do the same, then compared anew; rows and counters are read by one statement, so that a unit
 * that writes both at the same time is seen wholly or not at all.
 */
export const putCountsRight = async (database: Database): Promise<number> => {
  const seemWrong = await wrongCounts(database);
  if (seemWrong.length === 0) return 0;
  await addCounts(
    database,
    seemWrong.map((count) => ({ ...count, by: 0 })),
    first,
  );
  const wrong = await wrongCounts(database);
  const locked = wrong.filter(({ siteId, key }) => seemWrong.some((one) => one.siteId === siteId && one.key === key));
  if (locked.length > 0) await addCounts(database, locked, first);
  return locked.length;
};

/** The counters that differ from their rows. */
export const wrongCounts = async ({ select, dialect }: Database): Promise<readonly CountChange[]> => {
  const rows = await select(
    sql`SELECT siteId, listed, SUM(n) AS missing FROM (
           SELECT u.siteId, ${listableBy('u', dialect)} AS listed, COUNT(*) AS n FROM users u
           WHERE u.siteId > 0 AND ${isLiveRow('u')} GROUP BY u.siteId, ${listableBy('u', dialect)}
           UNION ALL SELECT siteId, listableByRole, -n FROM civitas_user_counts) both_of_them
         GROUP BY siteId, listed HAVING SUM(n) <> 0 ORDER BY siteId, listed LIMIT 1000`,
  );
  return rows.map((row) => ({
    siteId: numberOf(row['siteId']) ?? 0,
    key: textOf(row['listed']) ?? 'none',
    by: numberOf(row['missing']) ?? 0,
  }));
};
