import type { User, UserRow } from './user.ts';

/** What names a person where no site does; null: nothing. */
export interface Anywhere {
  readonly email: string | null;
  readonly externalId: number | null;
}
const nothing: Anywhere = { email: null, externalId: null };

/**
 * By what rows of tables without a site are this row's person's, once nobody of the person is left: by what a login has shown to be
 * theirs. Not by an address that somebody else gave, who would reach other sites' rows by it: of a row that was added (withheld)
 * nothing is shown, and an address that was written through any row of the person's is none of theirs. Rows of an adopted database
 * hold what people logged in by. `rows`: all rows of the person. See docs/adr/0022.
 */
export const namesAnywhere = (user: User, rows: readonly UserRow[], nobodyLeft: boolean): Anywhere => {
  if (!nobodyLeft || user.profileWithheld) return nothing;
  return {
    email: rows.some(({ addressWritten }) => addressWritten) ? null : user.email,
    externalId: user.externalUserId,
  };
};

/**
 * Whether a login shows another address than any that was written through us: one that the OAuth server brings by itself. That a
 * login brings the written one shows nothing, as whoever is logged in at the server already is not asked there again.
 */
export const bringsAnother = (rows: readonly UserRow[], email: string | null | undefined): boolean =>
  email != null && rows.every((row) => !row.addressWritten || (row.email !== null && !isSame(row.email, email)));

const isSame = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();
