import { exactText } from '../../domain/json/exact-json.ts';
import type { Person } from '../../domain/people/person.ts';
import { userFieldNames, type UserField } from '../../domain/users/user-fields.ts';
import type { User, UserRow } from '../../domain/users/user.ts';
import type { ActorRows } from '../../ports/user-store.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql, type Value } from '../sql.ts';
import { personOf } from './person-row.ts';
import { userMeanings as means } from './user-meanings.ts';
import { numberOf, objectOf, toTheSecond } from './values.ts';

const ownNames = userFieldNames.map((field) => `u.\`${field}\``);

/** The columns of `users u` alone, for `userRowOf`. */
export const ownColumns: Sql = raw(ownNames.join(', '));

const personNames = [
  'id',
  'issuer',
  'externalId',
  'fetchedAt',
  'state',
  'createdByUs',
  'isUnclaimed',
  'loginSetAt',
  'hasUnsaidFields',
].map((name) => `p.\`${name}\` AS \`person_${name}\``);

/** What has to be known of whoever asks, of `users t`, of the other rows `o` and of the person `p`: few columns, as every request reads them. */
const actorNames = [
  'id',
  'siteId',
  'personId',
  'role',
  'profileWithheld',
  'anonymizedAt',
  'externalUserId',
  'lastLogin',
];
export const actorColumns: Sql = raw(
  [
    ...actorNames.map((name) => `t.\`${name}\``),
    ...actorNames.map((name) => `o.\`${name}\` AS \`other_${name}\``),
    ...personNames,
  ].join(', '),
);
/** With `other_` before the names: of one of the person's rows. */
export const actorRowOf = (row: RawRow, prefix: '' | 'other_'): ActorRows['rows'][number] => {
  return {
    id: numberOf(row[`${prefix}id`]) ?? 0,
    siteId: siteIdOf(row[`${prefix}siteId`]),
    personId: numberOf(row[`${prefix}personId`]),
    role: means.role.read(row[`${prefix}role`]),
    profileWithheld: means.profileWithheld.read(row[`${prefix}profileWithheld`]),
    anonymizedAt: means.anonymizedAt.read(row[`${prefix}anonymizedAt`]),
    externalUserId: means.externalUserId.read(row[`${prefix}externalUserId`]),
    lastLogin: means.lastLogin.read(row[`${prefix}lastLogin`]),
  };
};

/** The columns of `users u` and of its person `p`, by name. */
export const userColumns: Sql = raw([...ownNames, ...personNames].join(', '));

/** A row with its person, from `userColumns`. */
export const userOf = (row: RawRow): User => Object.assign(userRowOf(row), { person: linkedPerson(row) });

/** Complete for the compiler: a new column of UserRow is missing here until it is read. What odd values mean: user-meanings.ts. */
export const userRowOf = (row: RawRow): UserRow => ({
  id: numberOf(row['id']) ?? 0,
  siteId: siteIdOf(row['siteId']),
  personId: numberOf(row['personId']),
  slot: numberOf(row['slot']) ?? 0,
  externalUserId: means.externalUserId.read(row['externalUserId']),
  externalAccessToken: means.externalAccessToken.read(row['externalAccessToken']),
  role: means.role.read(row['role']),
  complete: means.complete.read(row['complete']),
  extraData: objectOf(row['extraData']),
  profileWithheld: means.profileWithheld.read(row['profileWithheld']),
  addressWritten: means.addressWritten.read(row['addressWritten']),
  email: means.email.read(row['email']),
  nickName: means.nickName.read(row['nickName']),
  firstName: means.firstName.read(row['firstName']),
  lastName: means.lastName.read(row['lastName']),
  listableByRole: means.listableByRole.read(row['listableByRole']),
  detailsViewableByRole: means.detailsViewableByRole.read(row['detailsViewableByRole']),
  phoneNumber: means.phoneNumber.read(row['phoneNumber']),
  streetName: means.streetName.read(row['streetName']),
  houseNumber: means.houseNumber.read(row['houseNumber']),
  postcode: means.postcode.read(row['postcode']),
  city: means.city.read(row['city']),
  suffix: means.suffix.read(row['suffix']),
  gender: means.gender.read(row['gender']),
  zipCode: means.zipCode.read(row['zipCode']),
  signedUpForNewsletter: means.signedUpForNewsletter.read(row['signedUpForNewsletter']),
  lastLogin: means.lastLogin.read(row['lastLogin']),
  isNotifiedAboutAnonymization: means.isNotifiedAboutAnonymization.read(row['isNotifiedAboutAnonymization']),
  anonymizedAt: means.anonymizedAt.read(row['anonymizedAt']),
  createdAt: means.createdAt.read(row['createdAt']),
  updatedAt: means.updatedAt.read(row['updatedAt']),
  deletedAt: means.deletedAt.read(row['deletedAt']),
});

/** 0 is how old databases wrote null: no site has it. Reading it as null leaves the column as it is, as only changes are written. */
const siteIdOf = (value: unknown): number | null => {
  const id = numberOf(value);
  return id === null || id <= 0 ? null : id;
};

/** A column's value as it is bound: JSON as text (with the digits of what stood there before), dates to the second. */
export const storedValue = (
  row: Omit<UserRow, 'id'>,
  field: Exclude<UserField, 'id'>,
  before: Pick<UserRow, 'extraData'> = row,
): Value => {
  if (field === 'extraData') return exactText(row.extraData, before.extraData);
  const value = row[field];
  return value instanceof Date ? toTheSecond(value) : value;
};

export const linkedPerson = (row: RawRow): Person | null =>
  personOf({
    id: row['person_id'],
    issuer: row['person_issuer'],
    externalId: row['person_externalId'],
    fetchedAt: row['person_fetchedAt'],
    state: row['person_state'],
    createdByUs: row['person_createdByUs'],
    isUnclaimed: row['person_isUnclaimed'],
    loginSetAt: row['person_loginSetAt'],
    hasUnsaidFields: row['person_hasUnsaidFields'],
  });
