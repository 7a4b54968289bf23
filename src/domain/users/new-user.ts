import type { UserRow } from './user.ts';

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
