import type { Json } from '../../src/domain/json.ts';
import { changedColumns, mirrored, unfitting } from '../../src/domain/people/mirror.ts';
import { profileFields, type Profile } from '../../src/domain/people/oauth-profile.ts';
import { userFieldNames } from '../../src/domain/users/user-fields.ts';
import { aPerson, aSite, aUser } from '../support/builders.ts';

const site = aSite({ id: 2, config: { users: { extraData: { motto: { sitespecific: true } } } } });
const user = aUser({
  siteId: 2,
  person: aPerson(),
  role: 'moderator',
  firstName: 'Oud',
  email: 'oud@example.org',
  nickName: 'oud',
  extraData: { bio: 'Oud' },
});
const profile = (said: Partial<Profile>): Profile => ({ externalId: '1001', ...said });
const mirror = (said: Partial<Profile>, clientId: string | null = 'c2', from = user, at: typeof site | null = site) =>
  mirrored(from, profile(said), at, clientId);

it('what the profile does not say stays', () => {
  expect(changedColumns(user, mirror({}))).toEqual([]);
});

it.each(profileFields)('%s follows the profile, null and an empty text clear', (field) => {
  expect(mirror({ [field]: 'a@b.nl' })[field]).toBe('a@b.nl');
  expect(mirror({ [field]: null })[field]).toBeNull();
  expect(mirror({ [field]: '' })[field]).toBeNull();
});

it('zipCode follows postcode', () => {
  expect(mirror({ postcode: '1017 GA' })).toMatchObject({ postcode: '1017 GA', zipCode: '1017 GA' });
});

it('a value that our column cannot hold is cut between characters, and an address is left out', () => {
  expect(mirror({ firstName: '🦊'.repeat(70) }).firstName).toBe('🦊'.repeat(64));
  expect(mirror({ postcode: '1234567890123' }).postcode).toBe('1234567890');
  expect(mirror({ email: `${'x'.repeat(250)}@example.org` }).email).toBeNull();
});

it('of a text that no column could hold the beginning is looked at, and no more', () => {
  const marks = `e${'\u0301'.repeat(7_000_000)}`;
  const names = { firstName: `${'<b>'.repeat(1000)}Niels`, lastName: `${'<em>'.repeat(5_000_000)}Vegter` };

  expect(mirror({ ...names, city: marks })).toMatchObject({
    firstName: 'Niels',
    lastName: null,
    city: marks.slice(0, 64),
  });
  expect(unfitting(profile({ ...names, city: marks }), site)).toEqual(['firstName', 'lastName', 'city']);
  expect(mirror({ email: `${' '.repeat(20_000)}niels@example.org ` }).email).toBe('niels@example.org');
  expect(mirror({ email: `a@b.nl${'\u200b'.repeat(20_000)}` }).email).toBeNull();
});

const nested = (levels: number): Json => Array.from({ length: levels }).reduce<Json>((inner) => [inner], 1);

it.each<[string, Record<string, Json>]>([
  ['nested deeper than MariaDB takes', { deep: nested(31) }],
  ['with half a character in it', { half: ['x\ud83d'] }],
  ['with half a character in its name', { 'x\udc00': 1 }],
  ['with half a character after a backslash', { half: '\\\ud83d' }],
])('a value of extraData %s is left out, and told', (_what, odd) => {
  const extraData = { ...odd, bio: 'Bio' };
  expect(mirror({ extraData }).extraData).toEqual({ bio: 'Bio' });
  expect(unfitting(profile({ extraData }), site)).toEqual(['extraData']);
});

it('a value of extraData as deep as can be, with whole characters, stays', () => {
  const extraData = { deep: nested(30), fox: '🦊', text: '\\ud83d' };
  expect(mirror({ extraData }).extraData).toEqual(extraData);
  expect(unfitting(profile({ extraData }), site)).toEqual([]);
});

it('each site sees its own values', () => {
  const extraData = {
    bio: ['Bio', { value: 'Twee', siteId: 2 }],
    motto: [{ value: 'Een', siteId: 1 }],
    nickName: [
      { value: 'een', siteId: 1 },
      { value: 'twee', siteId: 2 },
    ],
    gender: 'female',
    signedUpForNewsletter: [{ value: false, siteId: 2 }],
    listableByRole: [{ value: 'member', siteId: 2 }],
    detailsViewableByRole: [{ value: 'admin', siteId: 1 }],
  };
  expect(mirror({ extraData })).toMatchObject({
    extraData: { bio: 'Twee' },
    nickName: 'twee',
    gender: 'female',
    signedUpForNewsletter: false,
    listableByRole: 'member',
    detailsViewableByRole: null,
  });
  expect(mirror({ extraData: {} })).toMatchObject({ extraData: {}, nickName: null });
});

it('values of the wrong kind count as nothing, and never fail', () => {
  const extraData = {
    nickName: 7,
    gender: 'x',
    signedUpForNewsletter: 'yes',
    listableByRole: 'boss',
    detailsViewableByRole: [],
  };
  expect(mirror({ extraData })).toMatchObject({
    nickName: null,
    gender: null,
    signedUpForNewsletter: null,
    listableByRole: null,
    detailsViewableByRole: null,
  });
});

describe('the role', () => {
  it('counts only where the site’s client was asked for', () => {
    expect(mirror({ roles: { c2: 'admin' } }).role).toBe('admin');
    expect(mirror({ roles: { c1: 'admin' } }).role).toBe('moderator');
    expect(mirror({ roles: { c2: 'admin' } }, null).role).toBe('moderator');
    expect(mirror({ roles: {} }, 'constructor').role).toBe('moderator');
  });

  it('is member where there is none and an address or phone is known, else anonymous', () => {
    expect(mirror({ roles: { c2: null } }).role).toBe('member');
    expect(mirror({ roles: { c2: null }, email: null }).role).toBe('anonymous');
    expect(mirror({ roles: { c2: null }, email: null, phoneNumber: '06' }).role).toBe('member');
  });
});

it('a row whose profile is withheld follows nothing but what its site itself said', () => {
  const withheld = { ...user, profileWithheld: true };
  const said = {
    firstName: 'Nieuw',
    email: 'n@example.org',
    extraData: { bio: 'Nieuw', nickName: 'n' },
    roles: { c2: 'editor' as const },
  };
  expect(changedColumns(withheld, mirror(said, 'c2', withheld))).toEqual([]);
  const own = { bio: ['Overal', { value: 'Hier', siteId: 2 }], gender: [{ value: 'female', siteId: 2 }] };
  const seen = mirror({ ...said, extraData: own }, 'c2', withheld);
  expect(changedColumns(withheld, seen)).toEqual(['extraData', 'gender']);
  expect([seen.extraData['bio'], seen.gender]).toEqual(['Hier', 'female']);
});

it('a row whose site is gone keeps its values of the site', () => {
  const said = { firstName: 'Nieuw', extraData: { bio: 'Nieuw', nickName: 'n' } };
  expect(changedColumns(user, mirror(said, null, user, null))).toEqual(['firstName']);
});

it('a row is made of the table’s columns, without the person behind it', () => {
  expect(Object.keys(mirror({ firstName: 'x' })).sort()).toEqual([...userFieldNames].sort());
});

it('columns with equal dates and equal JSON do not differ', () => {
  const same = { ...user, lastLogin: new Date(user.lastLogin), extraData: { ...user.extraData } };
  expect(changedColumns(user, same)).toEqual([]);
  expect(changedColumns(user, { ...user, lastLogin: new Date(0), anonymizedAt: new Date(0) })).toEqual([
    'lastLogin',
    'anonymizedAt',
  ]);
});
