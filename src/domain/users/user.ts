import type { JsonObject } from '../json/json.ts';
import type { Person } from '../people/person.ts';
import type { Role, UserRole } from '../role.ts';

export type Gender = 'male' | 'female';

/** One row of `users`: one person at one site, column by column (dates as Date, flags as boolean, JSON as values). */
export interface UserRow {
  readonly id: number;
  /** null in old databases only: a row whose site is gone. */
  readonly siteId: number | null;
  /** The human behind the row; null is a person of its own, and null never equals null. */
  readonly personId: number | null;
  /** 0 for the row that login and POST use; 1, 2 … for further rows of one person at one site in adopted databases. */
  readonly slot: number;
  /** The external id where it is a decimal number, kept for an OpenStad API beside us; the truth is `person.externalId`. */
  readonly externalUserId: number | null;
  readonly externalAccessToken: string | null;
  readonly role: UserRole;
  /** True after the first login at this site. */
  readonly complete: boolean;
  /** This site's view of the person's extraData (extra-data.ts, `readForSite`). */
  readonly extraData: JsonObject;
  /** Made by POST: holds what was written here, and nothing of the person's profile, until they log in at this site. */
  readonly profileWithheld: boolean;
  /** What a PUT wrote as the address, while no login has brought another one: it proves nothing. See address-proof.ts. */
  readonly addressWritten: string | null;
  readonly email: string | null;
  readonly nickName: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly listableByRole: Role | null;
  readonly detailsViewableByRole: Role | null;
  readonly phoneNumber: string | null;
  readonly streetName: string | null;
  readonly houseNumber: string | null;
  readonly postcode: string | null;
  readonly city: string | null;
  readonly suffix: string | null;
  readonly gender: Gender | null;
  /** OpenStad's older name for `postcode`; always the same value. */
  readonly zipCode: string | null;
  readonly signedUpForNewsletter: boolean | null;
  readonly lastLogin: Date;
  readonly isNotifiedAboutAnonymization: Date | null;
  readonly anonymizedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}

/** A row with the human behind it. */
export interface User extends UserRow {
  readonly person: Person | null;
}

/** Live: neither soft-deleted, nor (in old databases: null or 0) without a site. Whether the site still is there is not the row's to know. */
export const isLive = (user: Pick<UserRow, 'deletedAt' | 'siteId'>): boolean =>
  user.deletedAt === null && user.siteId !== null && user.siteId !== 0;
