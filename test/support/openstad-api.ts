import type { Database } from '../../src/db/database.ts';
import { numberOf } from '../../src/db/rows/values.ts';
import { raw, sql, type Value } from '../../src/db/sql.ts';

/** What an OpenStad API beside us sends to the database: its own columns only, and nothing of ours. */
export interface OpenstadApi {
  /**
   * Its nightly job, and its own do-anonymize. `postcode` stays (its model writes zipCode in its place), extraData keys that the
   * site's config does not declare, a nick name where the site uses none.
   */
  readonly anonymize: (userId: number, said?: { readonly votingIsActive?: boolean }) => Promise<void>;
  /** The job's warning, and how an inactive member looks to it. */
  readonly warn: (userId: number) => Promise<void>;
  readonly remove: (userId: number) => Promise<void>;
  /** Its login of somebody who has no row that it knows. */
  readonly create: (said: { readonly siteId: number; readonly externalUserId: number } & Columns) => Promise<number>;
  readonly update: (userId: number, said: Columns) => Promise<void>;
}
type Columns = Readonly<Record<string, Value>>;

export const openstadApi = (database: Database): OpenstadApi => {
  const set = async (userId: number, said: Columns): Promise<void> => {
    for (const [name, value] of Object.entries({ ...said, updatedAt: new Date() }))
      await database.change(sql`UPDATE users SET ${raw(`\`${name}\``)} = ${toTheSecond(value)} WHERE id = ${userId}`);
  };
  return {
    anonymize: async (userId, { votingIsActive = false } = {}) => {
      await database.change(
        sql`UPDATE users SET externalUserId = NULL, externalAccessToken = NULL, role = 'anonymous', listableByRole = 'editor',
              detailsViewableByRole = 'editor', email = NULL, firstName = 'Gebruiker', lastName = 'verwijderd', gender = NULL,
              zipCode = NULL, suffix = NULL, houseNumber = NULL, city = NULL, streetName = NULL, phoneNumber = NULL,
              lastLogin = '1970-01-01 00:00:00', isNotifiedAboutAnonymization = NULL, updatedAt = ${toTheSecond(new Date())}
            WHERE id = ${userId}`,
      );
      if (votingIsActive)
        await database.change(sql`UPDATE votes SET deletedAt = ${toTheSecond(new Date())} WHERE userId = ${userId}`);
    },
    warn: (userId) => set(userId, { isNotifiedAboutAnonymization: new Date() }),
    remove: async (userId) => {
      const now = toTheSecond(new Date());
      for (const table of ['ideas', 'arguments', 'votes'])
        await database.change(
          sql`UPDATE ${raw(`\`${table}\``)} SET deletedAt = ${now} WHERE userId = ${userId} AND deletedAt IS NULL`,
        );
      await database.change(sql`DELETE FROM users WHERE id = ${userId}`);
    },
    create: async (said) => {
      const now = toTheSecond(new Date());
      const row = {
        role: 'member',
        complete: true,
        extraData: '{}',
        lastLogin: now,
        createdAt: now,
        updatedAt: now,
        ...said,
      };
      const names = Object.keys(row).map((name) => `\`${name}\``);
      const values = Object.values(row).map((value) => sql`${value}`);
      const id = await database.insert(sql`INSERT INTO users (${raw(names.join(', '))}) VALUES (${listed(values)})`);
      return numberOf(id) ?? 0;
    },
    update: set,
  };
};

const listed = (values: readonly ReturnType<typeof sql>[]) =>
  values.slice(1).reduce((list, value) => sql`${list}, ${value}`, values[0] ?? raw(''));
const toTheSecond = <T extends Value>(value: T): T | Date =>
  value instanceof Date ? new Date(Math.floor(value.getTime() / 1000) * 1000) : value;
