import type { UserField } from '../../domain/users/user-fields.ts';
import type { UserRow } from '../../domain/users/user.ts';
import * as meanings from './meanings.ts';
import type { Meaning } from './meanings.ts';

/** Fields that no list is sorted or filtered by, and that SQL therefore never has to read. */
type CodeOnly = 'id' | 'siteId' | 'personId' | 'slot' | 'extraData';

const { text, flag, certainFlag, date, certainDate, role } = meanings;

/** What the values of each column of `users` mean, to code and SQL alike. */
export const userMeanings = {
  externalUserId: meanings.number,
  externalAccessToken: text,
  role: meanings.certainRole,
  complete: certainFlag,
  profileWithheld: certainFlag,
  addressWritten: text,
  email: text,
  nickName: text,
  firstName: text,
  lastName: text,
  listableByRole: role,
  detailsViewableByRole: role,
  phoneNumber: text,
  streetName: text,
  houseNumber: text,
  postcode: text,
  city: text,
  suffix: text,
  gender: meanings.gender,
  zipCode: text,
  signedUpForNewsletter: flag,
  // 1970 means everywhere: not known. Source: running.md, "Databases".
  lastLogin: certainDate,
  isNotifiedAboutAnonymization: date,
  anonymizedAt: meanings.anonymization,
  createdAt: certainDate,
  updatedAt: certainDate,
  deletedAt: meanings.deletion,
} as const satisfies { readonly [F in Exclude<UserField, CodeOnly>]: Meaning<UserRow[F]> };
