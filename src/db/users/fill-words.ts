import type { Database } from '../database.ts';
import { dateOf, numberOf, textOf } from '../rows/values.ts';
import { raw, sql, type Sql } from '../sql.ts';
import { unitOfWork } from '../unit-of-work.ts';
import { addWords, type Worded } from './user-words.ts';

const rowsABatch = 1000;

/**
 * Gives every live row that has no words yet its words, site by site and in id order, in batches of one transaction each: it may
 * be interrupted and run again, also beside a running API, and holds one batch in memory. Source: docs/adr/0014.
 */
export const fillWords = async (database: Database): Promise<void> => {
  const { inOneTransaction } = unitOfWork(database, silent);
  for (let siteId = await siteAfter(database, 0); siteId !== null; siteId = await siteAfter(database, siteId)) {
    const there = siteId;
    for (let after: number | null = 0; after !== null;) {
      const behind: number = after;
      after = await inOneTransaction(() => fillBatch(database, there, behind));
    }
  }
};

/** Answers the last id of a batch; null when there is nothing more. */
const fillBatch = async (database: Database, siteId: number, after: number): Promise<number | null> => {
  const found = (await database.select(unworded(database, siteId, after))).map(wordedOf);
  await addWords(database, found);
  return found.at(-1)?.id ?? null;
};

/**
 * Locked, so that nobody changes a name between reading it and keeping its words. The batch is chosen in an index that holds all
 * that this asks, and a look for one word each: asked more plainly, MariaDB walks through the whole of either table for it.
 */
const unworded = ({ dialect }: Database, siteId: number, after: number): Sql =>
  sql`SELECT u.id, u.siteId, u.nickName, u.firstName, u.lastName, u.email, u.deletedAt, u.anonymizedAt
      FROM (SELECT o.id FROM users o WHERE o.siteId = ${siteId} AND o.deletedAt IS NULL AND o.id > ${after}
            AND (SELECT 1 FROM user_words w WHERE w.userId = o.id LIMIT 1) IS NULL
            ORDER BY o.id LIMIT ${String(rowsABatch)}) batch
      JOIN users u ON u.id = batch.id ORDER BY u.id${raw(dialect.forShare)}`;

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
  deletedAt: dateOf(row['deletedAt']),
  anonymizedAt: dateOf(row['anonymizedAt']),
});

const silent = { info: () => undefined, warn: () => undefined };
