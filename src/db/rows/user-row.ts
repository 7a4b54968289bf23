import { exactText } from '../../domain/exact-json.ts';
import type { Person } from '../../domain/person.ts';
import { isRole, isUserRole, type Role } from '../../domain/role.ts';
import { userFieldNames, type UserField } from '../../domain/user-fields.ts';
import type { User, UserRow } from '../../domain/user.ts';
import type { ActorRows } from '../../ports/user-store.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql, type Value } from '../sql.ts';
import { personOf } from './person-row.ts';
import { dateOf, flagOf, numberOf, objectOf, textOf, toTheSecond } from './values.ts';

const ownNames = userFieldNames.map((field) => `u.\`${field}\``);

/** The columns of `users u` alone, for `userRowOf`. */
export const ownColumns: Sql = raw(ownNames.join(', '));

const personNames = ['id', 'issuer', 'externalId', 'fetchedAt', 'state', 'createdByUs', 'hasUnsaidFields'].map(
  (name) => `p.\`${name}\` AS \`person_${name}\``,
);

/** What has to be known of whoever asks, of `users t`, of the other rows `o` and of the person `p`: few columns, as every request reads them. */
const actorNames = ['id', 'siteId', 'personId', 'role', 'anonymizedAt', 'externalUserId', 'lastLogin'];
export const actorColumns: Sql = raw(
  [
    ...actorNames.map((name) => `t.\`${name}\``),
    ...actorNames.map((name) => `o.\`${name}\` AS \`other_${name}\``),
    ...personNames,
  ].join(', '),
);
/** With `other_` before the names: of one of the person's rows. */
export const actorRowOf = (row: RawRow, prefix: '' | 'other_'): ActorRows['rows'][number] => {
  const role = row[`${prefix}role`];
  return {
    id: numberOf(row[`${prefix}id`]) ?? 0,
    siteId: numberOf(row[`${prefix}siteId`]),
    personId: numberOf(row[`${prefix}personId`]),
    role: isUserRole(role) ? role : 'anonymous',
    anonymizedAt: dateOf(row[`${prefix}anonymizedAt`]),
    externalUserId: numberOf(row[`${prefix}externalUserId`]),
    lastLogin: dateOf(row[`${prefix}lastLogin`]) ?? new Date(0),
  };
};

/** The columns of `users u` and of its person `p`, by name. */
export const userColumns: Sql = raw([...ownNames, ...personNames].join(', '));

/** A row with its person, from `userColumns`. Unknown roles of old databases count as `anonymous`. */
export const userOf = (row: RawRow): User => Object.assign(userRowOf(row), { person: linkedPerson(row) });

/** Complete for the compiler: a new column of UserRow is missing here until it is read. */
export const userRowOf = (row: RawRow): UserRow => ({
  id: numberOf(row['id']) ?? 0,
  // 0 is how old databases wrote null: no site has it. Reading it as null leaves the column as it is, as only changes are written.
  siteId: numberOf(row['siteId']) === 0 ? null : numberOf(row['siteId']),
  personId: numberOf(row['personId']),
  slot: numberOf(row['slot']) ?? 0,
  externalUserId: numberOf(row['externalUserId']),
  externalAccessToken: textOf(row['externalAccessToken']),
  role: isUserRole(row['role']) ? row['role'] : 'anonymous',
  complete: flagOf(row['complete']) ?? false,
  extraData: objectOf(row['extraData']),
  profileWithheld: flagOf(row['profileWithheld']) ?? false,
  email: textOf(row['email']),
  nickName: textOf(row['nickName']),
  firstName: textOf(row['firstName']),
  lastName: textOf(row['lastName']),
  listableByRole: roleOf(row['listableByRole']),
  detailsViewableByRole: roleOf(row['detailsViewableByRole']),
  phoneNumber: textOf(row['phoneNumber']),
  streetName: textOf(row['streetName']),
  houseNumber: textOf(row['houseNumber']),
  postcode: textOf(row['postcode']),
  city: textOf(row['city']),
  suffix: textOf(row['suffix']),
  gender: row['gender'] === 'male' || row['gender'] === 'female' ? row['gender'] : null,
  zipCode: textOf(row['zipCode']),
  signedUpForNewsletter: flagOf(row['signedUpForNewsletter']),
  lastLogin: dateOf(row['lastLogin']) ?? new Date(0),
  isNotifiedAboutAnonymization: dateOf(row['isNotifiedAboutAnonymization']),
  anonymizedAt: dateOf(row['anonymizedAt']),
  createdAt: dateOf(row['createdAt']) ?? new Date(0),
  updatedAt: dateOf(row['updatedAt']) ?? new Date(0),
  deletedAt: dateOf(row['deletedAt']),
});

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

const roleOf = (value: unknown): Role | null => (isRole(value) ? value : null);

export const linkedPerson = (row: RawRow): Person | null =>
  personOf({
    id: row['person_id'],
    issuer: row['person_issuer'],
    externalId: row['person_externalId'],
    fetchedAt: row['person_fetchedAt'],
    state: row['person_state'],
    createdByUs: row['person_createdByUs'],
    hasUnsaidFields: row['person_hasUnsaidFields'],
  });
