import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import type { Database } from '../database.ts';
import { expressionOf, number, numberOf } from '../rows/values.ts';
import { raw, sql } from '../sql.ts';
import { linkBatch, type Linking } from './link-batch.ts';
import type { OnProgress } from './report.ts';

const peopleABatch = 200;

/**
 * Gives every row with a site and an external id its person: issuer of the site, external id as text. In batches of whole people,
 * each one transaction, so that it may be interrupted and run again, also beside a running API. Rows that are linked are not
 * looked at. Answers how many rows it linked. Source: running.md, "Adopting".
 */
export const linkPeople = async (
  database: Database,
  inOneTransaction: InOneTransaction,
  linking: Linking,
  onProgress: OnProgress = () => undefined,
): Promise<number> => {
  // SQLite holds any text in a column of numbers, and has it behind them all: the walk would never end.
  const isNumber = raw(`${expressionOf(number, 'externalUserId', database.dialect)} IS NOT NULL`);
  const [waiting] = await database.select(
    sql`SELECT COUNT(*) AS n FROM users WHERE personId IS NULL AND externalUserId > 0 AND ${isNumber}`,
  );
  const of = numberOf(waiting?.['n']);
  let linked = 0;
  for (let after = 0; ;) {
    const found = await database.select(
      sql`SELECT externalUserId AS id FROM users WHERE personId IS NULL AND externalUserId > ${after} AND ${isNumber}
          GROUP BY externalUserId ORDER BY externalUserId LIMIT ${String(peopleABatch)}`,
    );
    const ids = found.map((row) => numberOf(row['id']) ?? 0);
    const last = ids.at(-1);
    if (last === undefined) return linked;
    linked += await inOneTransaction(() => linkBatch(database, linking, ids));
    onProgress({ work: 'linking rows to people', done: linked, of });
    after = last;
  }
};
