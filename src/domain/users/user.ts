import type { JsonObject } from '../json.ts';
import type { Role, UserRole } from '../actor.ts';

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
  /** What a PUT wrote as the address, while no login has brought another one: it proves nothing. See vouching.ts. */
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

/** A row, whatever its site filled it with: for what shows and needs none of that, and may read many. */
export type EntryRow = Omit<User, 'extraData'>;

/** Live: neither soft-deleted, nor (in old databases: null or 0) without a site. Whether the site still is there is not the row's to know. */
export const isLive = (user: Pick<UserRow, 'deletedAt' | 'siteId'>): boolean =>
  user.deletedAt === null && user.siteId !== null && user.siteId !== 0;

/** The human behind all user rows that share an issuer (an OAuth server) and an external id. Source: user-api.md, "Three words". */
export interface Person {
  readonly id: number;
  /** The OAuth server's normalised address. */
  readonly issuer: string;
  /** The person's id at the issuer, as text: a number at OpenStad, anything elsewhere. */
  readonly externalId: string;
  /** When the profile was last read from the issuer; null = never. */
  readonly fetchedAt: Date | null;
  /** `removing`: the outbox is removing the person at the issuer; no row may come any more. */
  readonly state: 'active' | 'removing';
  /** Whether we may remove the person at the issuer: created by us, or has logged in here. Source: anonymization.md §3. */
  readonly isOursToRemove: boolean;
  /** Made by a POST of ours, and nobody has logged in here as them since: theirs, and still in the hands of who made them. */
  readonly isUnclaimed: boolean;
  /**
   * Sites that vouch for the address or phone they log in with, since it was set through us; null: it was not, or a platform admin
   * gave them a role all the same. Other sites give them no role above member. See vouching.ts.
   */
  readonly loginSetAt: readonly number[] | null;
  /**
   * Came from an adopted database, whose rows may hold per-site fields that the issuer has never heard of: until they are written
   * there, what is absent there is not said.
   */
  readonly hasUnsaidFields: boolean;
}

/** A row that holds nothing yet: nobody logged in, nothing known. `lastLogin` starts at now, as OpenStad's inactivity jobs expect. */
export const blankRow = (
  siteId: number,
  personId: number | null,
  externalId: string | null,
  now: Date,
): Omit<UserRow, 'id'> => ({
  siteId,
  personId,
  slot: 0,
  externalUserId: decimalId(externalId),
  externalAccessToken: null,
  role: 'member',
  complete: false,
  extraData: {},
  profileWithheld: false,
  addressWritten: null,
  email: null,
  nickName: null,
  firstName: null,
  lastName: null,
  listableByRole: null,
  detailsViewableByRole: null,
  phoneNumber: null,
  streetName: null,
  houseNumber: null,
  postcode: null,
  city: null,
  suffix: null,
  gender: null,
  zipCode: null,
  signedUpForNewsletter: null,
  lastLogin: now,
  isNotifiedAboutAnonymization: null,
  anonymizedAt: null,
  createdAt: now,
  updatedAt: now,
  deletedAt: null,
});

/** OpenStad's column is an int: an external id that is no such number stays out of it. */
export const decimalId = (externalId: string | null): number | null =>
  externalId !== null && /^[1-9]\d{0,9}$/.test(externalId) && Number(externalId) <= 2_147_483_647
    ? Number(externalId)
    : null;

/**
 * Anonymized by another program: the external id is gone, role and `lastLogin` are those of an anonymized row. Never filled again. What an
 * OpenStad API beside us does to rows shows in `externalUserId`, by which it knows people and which our own rows of people with a
 * decimal id always hold. Source: oauth-server.md §3, docs/adr/0017.
 */
export const isFoundAnonymized = (row: Marked, person: Pick<Person, 'externalId'> | null): boolean =>
  person !== null &&
  row.personId !== null &&
  row.anonymizedAt === null &&
  row.externalUserId === null &&
  row.role === 'anonymous' &&
  // 1970 means not known, and so is what a zero date is read as.
  row.lastLogin.getTime() === 0 &&
  decimalId(person.externalId) !== null;

type Marked = Pick<UserRow, 'personId' | 'externalUserId' | 'role' | 'lastLogin' | 'anonymizedAt'>;

/** Another program gave the row to somebody else: it names somebody else than whom we linked it to. */
export const namesAnotherPerson = (row: Marked, person: Pick<Person, 'externalId'> | null): boolean => {
  if (person === null || row.personId === null || row.externalUserId === null) return false;
  const ours = decimalId(person.externalId);
  return ours !== null && ours !== row.externalUserId;
};

/** Whether rows hold more together than one of them may: then their turn lasts longer, so that others go on. */
export const areLarge = (users: readonly Pick<UserRow, 'extraData'>[]): boolean => {
  let size = 0;
  return users.some(({ extraData }) => (size += JSON.stringify(extraData).length) > largestRow);
};
const largestRow = 128_000;

/** Whether so many contributions were counted that it took as long as reading rows that are large. */
export const areMany = (counted: number): boolean => counted > 5_000;
