import {
  anonymized,
  personalFields,
  perSiteFields,
  ruleOf,
  unchanged,
  userFieldNames,
  writableFields,
} from '../../src/domain/users/user-fields.ts';
import type { UserRow } from '../../src/domain/users/user.ts';
import { aNewRow } from '../support/builders.ts';

const now = new Date('2024-06-01T12:00:00Z');
const replacement = { firstName: 'Gebruiker', lastName: 'verwijderd', now };
const marker = 'MARKER';
/** A row in which every column holds something, and every personal text the marker. */
const full: UserRow = {
  id: 1,
  ...aNewRow({ siteId: 1, personId: 12_345_678 }),
  externalUserId: 123_456_789,
  externalAccessToken: marker,
  extraData: { bio: marker, [marker]: [marker] },
  profileWithheld: true,
  addressWritten: marker,
  email: `${marker}@example.org`,
  nickName: marker,
  firstName: marker,
  lastName: marker,
  listableByRole: 'all',
  detailsViewableByRole: 'all',
  phoneNumber: marker,
  streetName: marker,
  houseNumber: marker,
  postcode: marker,
  city: marker,
  suffix: marker,
  gender: 'female',
  zipCode: marker,
  signedUpForNewsletter: true,
  isNotifiedAboutAnonymization: now,
};

describe('an anonymized row', () => {
  const left = anonymized(full, replacement);

  it.each(personalFields)('keeps nothing of %s', (field) => {
    expect(left[field]).not.toEqual(full[field]);
    expect(JSON.stringify(left[field])).not.toContain(marker);
  });

  it('holds no trace of what it held', () => {
    expect(JSON.stringify(left)).not.toMatch(/MARKER|12345678|female/);
  });

  it('is what the contract says', () => {
    expect(left).toEqual({
      ...full,
      ...Object.fromEntries(personalFields.map((field) => [field, null])),
      extraData: {},
      firstName: 'Gebruiker',
      lastName: 'verwijderd',
      role: 'anonymous',
      listableByRole: 'editor',
      detailsViewableByRole: 'editor',
      lastLogin: new Date(0),
      isNotifiedAboutAnonymization: null,
      profileWithheld: false,
      anonymizedAt: now,
      updatedAt: now,
    });
  });

  it('is left alone by a second time, and the row that was given by the first', () => {
    expect(anonymized(left, replacement)).toEqual(left);
    expect(full.firstName).toBe(marker);
  });
});

describe('the table', () => {
  it('never leaves a personal column unchanged', () => {
    expect(personalFields.filter((field) => ruleOf(field).afterAnonymizing === unchanged)).toEqual([]);
  });

  it('calls personal whatever the contract calls so', () => {
    for (const field of [
      'email',
      'phoneNumber',
      'extraData',
      'externalUserId',
      'externalAccessToken',
      'personId',
      'gender',
      'nickName',
    ] as const) {
      expect(personalFields).toContain(field);
    }
  });

  it('lets nobody write what lives here only', () => {
    expect(writableFields.filter((field) => ruleOf(field).home === 'here')).toEqual([]);
  });

  it('homes the five fields per site, and no others', () => {
    expect(userFieldNames.filter((field) => ruleOf(field).home === 'oauth-per-site').sort()).toEqual(
      [...perSiteFields].sort(),
    );
  });

  it('lets nobody filter or sort by what nobody sees, nor by extraData', () => {
    const asked = userFieldNames.filter((field) => ruleOf(field).query);
    expect(asked.filter((field) => ['nobody', 'by-key'].includes(ruleOf(field).view))).toEqual([]);
  });
});
