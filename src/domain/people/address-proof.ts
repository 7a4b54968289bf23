import type { User, UserRow } from '../users/user.ts';

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
 * hold what people logged in by. `rows`: all rows of the person. See docs/reference/neighbours.md.
 */
export const namesAnywhere = (user: User, rows: readonly UserRow[], nobodyLeft: boolean): Anywhere => {
  if (!nobodyLeft || user.profileWithheld) return nothing;
  return {
    email: addressesWritten(rows) !== null ? null : user.email,
    externalId: user.externalUserId,
  };
};

/** As many are told apart (of 32 characters in a column of 255); beyond it any address may be a written one. */
const mostNames = 7;
const any = 'any';

/** What was written as the address of these rows' person, and `name` with it; null: nothing was. Names: `writtenName`. */
export const addressesWritten = (
  rows: readonly Pick<UserRow, 'addressWritten'>[],
  name: string | null = null,
): string | null => {
  const told = rows.flatMap(({ addressWritten }) => addressWritten?.split(' ') ?? []);
  const names = new Set(name === null ? told : [...told, name]);
  if (names.size === 0) return null;
  return names.size > mostNames || names.has(any) ? any : [...names].join(' ');
};

/**
 * Whether a login shows another address than any that was written through us: one that came to the OAuth server by itself, whoever
 * read it there first. That a login brings a written one shows nothing, as whoever is logged in at the server already is not asked
 * there again.
 */
export const bringsAnother = (written: string, name: string): boolean =>
  written !== any && !written.split(' ').includes(name);
