import type { UserStore } from '../../ports/user-store.ts';
import type { Database } from '../database.ts';
import { userColumns, userOf } from '../rows/user-row.ts';
import { numberOf } from '../rows/values.ts';
import { listOf, raw, sql } from '../sql.ts';

/** Who has an address at some sites, in a database that lets it stand there once. */
export interface AddressHolders {
  readonly find: UserStore['addressHolders'];
  /** Looks again whether the database does: a statement was refused as if it did. */
  readonly lookAgain: () => void;
}

export const addressHolders = (database: Database): AddressHolders => {
  const { select, dialect } = database;
  let standsOnce: boolean | undefined;
  return {
    lookAgain: () => {
      standsOnce = undefined;
    },
    find: async (address, siteIds, reading) => {
      standsOnce ??= await hasUniqueAddresses(database);
      if (!standsOnce) return null;
      const which = sql`u.siteId IN ${listOf(siteIds)} AND u.email = ${address}`;
      // Locked without the join, which would lock their people too, after ours.
      if (reading === 'locked')
        await select(sql`SELECT u.id FROM users u WHERE ${which} ORDER BY u.id${raw(dialect.forUpdate)}`);
      const found = await select(
        sql`SELECT ${userColumns} FROM users u LEFT JOIN civitas_persons p ON p.id = u.personId WHERE ${which} ORDER BY u.id`,
      );
      return found.map(userOf);
    },
  };
};

/** OpenStad's own step 033 makes it. Without it an address is looked up by no index, and need not be. */
const hasUniqueAddresses = async ({ select, dialect }: Database): Promise<boolean> => {
  const [row] = await select(
    raw(
      dialect.name === 'mysql'
        ? `SELECT COUNT(*) AS n FROM (
             SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS names FROM information_schema.STATISTICS
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'users' AND NON_UNIQUE = 0 GROUP BY INDEX_NAME) indexes
           WHERE names IN ('siteId,email', 'email,siteId')`
        : `SELECT COUNT(*) AS n FROM pragma_index_list('users') i WHERE i."unique" = 1
             AND (SELECT GROUP_CONCAT(name) FROM pragma_index_info(i.name)) IN ('siteId,email', 'email,siteId')`,
    ),
  );
  return (numberOf(row?.['n']) ?? 0) > 0;
};
