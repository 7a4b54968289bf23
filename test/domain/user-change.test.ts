import {
  changedRow,
  isEmptyChange,
  profileChangeOf,
  realChange,
  siteValuesOf,
  type UserChange,
} from '../../src/domain/users/user-change.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { aSite, aUser } from '../support/builders.ts';

const row = aUser({
  siteId: 1,
  firstName: 'Niels',
  city: null,
  signedUpForNewsletter: false,
  extraData: { bio: 'Bio', list: [1, { a: 2, b: 3 }] },
});
const site = aSite({ id: 1 });

describe('what would really change', () => {
  it.each<[UserChange, UserChange]>([
    [{}, {}],
    [{ firstName: 'Niels', city: null, signedUpForNewsletter: false }, {}],
    [{ firstName: 'Nils', city: null }, { firstName: 'Nils' }],
    [{ firstName: null }, { firstName: null }],
    [{ signedUpForNewsletter: null }, { signedUpForNewsletter: null }],
    [{ extraData: { bio: 'Bio', list: [1, { b: 3, a: 2 }], absent: null } }, {}],
    [{ extraData: { bio: null, list: [1] } }, { extraData: { bio: null, list: [1] } }],
    [{ extraData: { bio: '' } }, { extraData: { bio: '' } }],
    [{ extraData: { hasOwnProperty: null, toString: 'x' } }, { extraData: { toString: 'x' } }],
  ])('of %j is %j', (asked, real) => {
    expect(realChange(row, asked)).toEqual(real);
    expect(isEmptyChange(realChange(row, asked))).toBe(Object.keys(real).length === 0);
  });
});

describe('what is sent to the OAuth server', () => {
  const raw: JsonObject = {
    bio: ['Bio', { value: 'Twee', siteId: 2 }],
    nickName: [{ value: 'twee', siteId: 2 }],
    wijk: 'Oost',
  };

  it('is only what was asked for', () => {
    expect(profileChangeOf({ firstName: 'Nils', email: null }, raw, site)).toEqual({ firstName: 'Nils', email: null });
  });

  it('holds the five fields and the keys merged into what stands there', () => {
    expect(
      profileChangeOf({ nickName: 'een', gender: null, extraData: { bio: 'Een', wijk: 'West' } }, raw, site),
    ).toEqual({
      extraData: {
        bio: ['Bio', { value: 'Twee', siteId: 2 }, { value: 'Een', siteId: 1 }],
        nickName: [
          { value: 'twee', siteId: 2 },
          { value: 'een', siteId: 1 },
        ],
        wijk: 'West',
      },
    });
  });

  it('never holds the role: that lives per OAuth client', () => {
    expect(profileChangeOf({ role: 'member' }, raw, site)).toEqual({});
    expect(siteValuesOf({ role: 'member', firstName: 'x' })).toEqual({});
  });
});

describe('the row with a change in it', () => {
  it('has zipCode follow postcode, and cleared keys gone', () => {
    const next = changedRow(row, { postcode: '1017 GA', extraData: { bio: null, wijk: 'Oost' } });
    expect(next).toMatchObject({
      postcode: '1017 GA',
      zipCode: '1017 GA',
      extraData: { list: row.extraData['list'], wijk: 'Oost' },
    });
    expect(next.extraData).not.toHaveProperty('bio');
    expect(changedRow(next, { postcode: null }).zipCode).toBeNull();
  });

  it('leaves what was not asked for, and the row that was given', () => {
    expect(changedRow(row, { city: 'Gouda' })).toEqual({ ...row, city: 'Gouda' });
    expect(row.city).toBeNull();
  });
});
