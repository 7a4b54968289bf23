import { sql, type Sql } from '../sql.ts';

/**
 * The rows `u` by which a site's people are named who are not anonymized there: of each person the first such row, soft-deleted
 * ones too. A row without a person stands alone.
 */
export const firstOfPerson = (siteId: number): Sql =>
  sql`u.siteId = ${siteId} AND u.anonymizedAt IS NULL AND NOT EXISTS
      (SELECT 1 FROM users l WHERE l.siteId = ${siteId} AND l.personId = u.personId AND l.anonymizedAt IS NULL AND l.id < u.id)`;
