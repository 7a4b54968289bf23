import { exactText } from '../../domain/json.ts';
import type { Person, User, UserRow } from '../../domain/users/user.ts';
import { userFieldNames, type UserField } from '../../domain/users/user-fields.ts';
import type { Ports } from '../../ports/index.ts';
import type { ActorRows, PlaceRow } from '../../ports/user-store.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql, type Value } from '../sql.ts';
import {
  numberOf,
  objectOf,
  toTheSecond,
  anonymization,
  certainDate,
  certainFlag,
  certainRole,
  date,
  deletion,
  flag,
  gender,
  number,
  role,
  text,
  type Meaning,
  dateOf,
  flagOf,
  textOf,
} from './values.ts';

const ownNames = userFieldNames.map((field) => `u.\`${field}\``);

/** The columns of `users u` alone, for `userRowOf`. */
export const ownColumns: Sql = raw(ownNames.join(', '));

const personFields = [
  'id',
  'issuer',
  'externalId',
  'fetchedAt',
  'state',
  'createdByUs',
  'isUnclaimed',
  'loginSetAt',
  'hasUnsaidFields',
];
const personNames = personFields.map((name) => `p.\`${name}\` AS \`person_${name}\``);

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
    role: userMeanings.role.read(row[`${prefix}role`]),
    profileWithheld: userMeanings.profileWithheld.read(row[`${prefix}profileWithheld`]),
    anonymizedAt: userMeanings.anonymizedAt.read(row[`${prefix}anonymizedAt`]),
    externalUserId: userMeanings.externalUserId.read(row[`${prefix}externalUserId`]),
    lastLogin: userMeanings.lastLogin.read(row[`${prefix}lastLogin`]),
  };
};

/** In a row of `actorColumns` beside `deletedAt`. */
export const placeRowOf = (row: RawRow): PlaceRow => {
  const { id, siteId, role, profileWithheld } = actorRowOf(row, '');
  return { id, siteId, role, profileWithheld, deletedAt: userMeanings.deletedAt.read(row['deletedAt']) };
};

/** The columns of `users u` and of its person `p`, by name. */
export const userColumns: Sql = raw([...ownNames, ...personNames].join(', '));

/** Without what a site fills rows with: for answers that show none of it. */
export const entryColumns: Sql = raw(
  [...ownNames.filter((name) => !name.includes('extraData')), ...personNames].join(', '),
);

/** What tells who sees a row, with whom it is joined, and whose address it bears. */
export const addressColumns: Sql = raw(
  [
    ...['id', 'siteId', 'personId', 'profileWithheld', 'anonymizedAt', 'deletedAt'],
    ...['listableByRole', 'detailsViewableByRole', 'email'],
  ]
    .map((name) => `u.\`${name}\``)
    .join(', '),
);

/** Of a row and its person, what tells where it stands in a list of this order: the value, and whether the actor may see that. */
export const positionColumns = (field: UserField): Sql => {
  if (field === 'id') return raw('u.id');
  const names = new Set([...positionNames, field].map((name) => `u.\`${name}\``));
  return raw([...names, ...personNames].join(', '));
};
const positionNames = ['id', 'personId', 'externalUserId', 'profileWithheld', 'detailsViewableByRole', 'anonymizedAt'];

/** A row with its person, from `userColumns`. */
export const userOf = (row: RawRow): User => Object.assign(userRowOf(row), { person: linkedPerson(row) });

/** Complete for the compiler: a new column of UserRow is missing here until it is read. What odd values mean: `userMeanings`. */
export const userRowOf = (row: RawRow): UserRow => ({
  id: numberOf(row['id']) ?? 0,
  siteId: siteIdOf(row['siteId']),
  personId: numberOf(row['personId']),
  slot: numberOf(row['slot']) ?? 0,
  externalUserId: userMeanings.externalUserId.read(row['externalUserId']),
  externalAccessToken: userMeanings.externalAccessToken.read(row['externalAccessToken']),
  role: userMeanings.role.read(row['role']),
  complete: userMeanings.complete.read(row['complete']),
  extraData: objectOf(row['extraData']),
  profileWithheld: userMeanings.profileWithheld.read(row['profileWithheld']),
  addressWritten: userMeanings.addressWritten.read(row['addressWritten']),
  email: userMeanings.email.read(row['email']),
  nickName: userMeanings.nickName.read(row['nickName']),
  firstName: userMeanings.firstName.read(row['firstName']),
  lastName: userMeanings.lastName.read(row['lastName']),
  listableByRole: userMeanings.listableByRole.read(row['listableByRole']),
  detailsViewableByRole: userMeanings.detailsViewableByRole.read(row['detailsViewableByRole']),
  phoneNumber: userMeanings.phoneNumber.read(row['phoneNumber']),
  streetName: userMeanings.streetName.read(row['streetName']),
  houseNumber: userMeanings.houseNumber.read(row['houseNumber']),
  postcode: userMeanings.postcode.read(row['postcode']),
  city: userMeanings.city.read(row['city']),
  suffix: userMeanings.suffix.read(row['suffix']),
  gender: userMeanings.gender.read(row['gender']),
  zipCode: userMeanings.zipCode.read(row['zipCode']),
  signedUpForNewsletter: userMeanings.signedUpForNewsletter.read(row['signedUpForNewsletter']),
  lastLogin: userMeanings.lastLogin.read(row['lastLogin']),
  isNotifiedAboutAnonymization: userMeanings.isNotifiedAboutAnonymization.read(row['isNotifiedAboutAnonymization']),
  anonymizedAt: userMeanings.anonymizedAt.read(row['anonymizedAt']),
  createdAt: userMeanings.createdAt.read(row['createdAt']),
  updatedAt: userMeanings.updatedAt.read(row['updatedAt']),
  deletedAt: userMeanings.deletedAt.read(row['deletedAt']),
});

/** 0 is how old databases wrote null: no site has it. Reading it as null leaves the column as it is, as only changes are written. */
const siteIdOf = (value: unknown): number | null => {
  const id = numberOf(value);
  return id === null || id <= 0 ? null : id;
};

/** An OpenStad API beside us made the row, or gave it to somebody else: it names its person by the external id alone. */
export const isUnlinked = <T extends Pick<UserRow, 'personId' | 'externalUserId'>>(
  row: T | undefined,
): row is T & { readonly externalUserId: number } => row?.personId === null && row.externalUserId !== null;

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

/** Fields whose stored value SQL may take as it stands (ids), or never reads. */
type CodeOnly = 'id' | 'siteId' | 'personId' | 'slot' | 'extraData';

/** What the values of each column of `users` mean, to code and SQL alike. */
export const userMeanings = {
  externalUserId: number,
  externalAccessToken: text,
  role: certainRole,
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
  gender,
  zipCode: text,
  signedUpForNewsletter: flag,
  // 1970 means everywhere: not known. Source: running.md, "Databases".
  lastLogin: certainDate,
  isNotifiedAboutAnonymization: date,
  anonymizedAt: anonymization,
  createdAt: certainDate,
  updatedAt: certainDate,
  deletedAt: deletion,
} as const satisfies { readonly [F in Exclude<UserField, CodeOnly>]: Meaning<UserRow[F]> };

/** The columns of `civitas_persons` alone, for `personOf`. */
export const personColumns: Sql = raw(personFields.map((name) => `\`${name}\``).join(', '));

/** Null where there is none (the empty side of a LEFT JOIN). */
export const personOf = (row: RawRow | undefined): Person | null => {
  const id = numberOf(row?.['id']);
  if (row === undefined || id === null) return null;
  return {
    id,
    issuer: textOf(row['issuer']) ?? '',
    externalId: textOf(row['externalId']) ?? '',
    fetchedAt: dateOf(row['fetchedAt']),
    state: row['state'] === 'removing' ? 'removing' : 'active',
    isOursToRemove: flagOf(row['createdByUs']) ?? false,
    isUnclaimed: flagOf(row['isUnclaimed']) ?? false,
    loginSetAt: idsOf(textOf(row['loginSetAt'])),
    hasUnsaidFields: flagOf(row['hasUnsaidFields']) ?? false,
  };
};

/** The person of a row, from `userColumns` or `actorColumns`. */
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

/** As `setLoginSetAt` writes them. What cannot be read vouches for nobody. */
const idsOf = (text: string | null): readonly number[] | null => {
  if (text === null) return null;
  return text.split(' ').flatMap((id) => (/^[1-9]\d*$/.test(id) ? [Number(id)] : []));
};

/** Under it stays remembered, among the tombstones, that by what somebody logs in was set here. */
export const loginSetName = (
  { fingerprint }: Pick<Ports['secrets'], 'fingerprint'>,
  { issuer, externalId }: Pick<Person, 'issuer' | 'externalId'>,
): string => fingerprint('login set', JSON.stringify([issuer, externalId]));
