import type { Database } from '../../src/db/database.ts';

export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** How many SQL statements were sent so far (BEGIN, COMMIT and the like not counted). */
  statements(): number;
  close(): Promise<void>;
}

/** A fresh, migrated scratch database: a temporary SQLite file, or a database of its own on TEST_DATABASE_URL's server. */
export const openTestDatabase = async (): Promise<TestDatabase> => {
  throw new Error('not yet: src/db is being written');
};
