import { ruleOf, type DerivedField, type UserField } from '../../domain/users/user-fields.ts';
import { rowsSeen, shownFields } from '../../domain/users/user-visibility.ts';
import type { UserRow } from '../../domain/users/user.ts';
import {
  listOf,
  numberedMetadata,
  object,
  objectOfAll,
  ofShape,
  orNull,
  reference,
  text,
  walkMetadata,
  type Schema,
} from './schema.ts';

const derived: Readonly<Record<DerivedField, Schema>> = {
  fullName: orNull(text),
  displayName: orNull(text),
  initials: text,
};

type NeverNull = { [F in UserField]: null extends UserRow[F] ? never : F }[UserField];
/** Columns that always hold something; complete for the compiler. */
const neverNull: Readonly<Record<NeverNull, true>> = {
  id: true,
  slot: true,
  role: true,
  complete: true,
  extraData: true,
  profileWithheld: true,
  lastLogin: true,
  createdAt: true,
  updatedAt: true,
};
const ofField = (field: UserField): Schema => {
  const schema = ofShape(ruleOf(field).shape);
  const types = schema['type'];
  return Object.hasOwn(neverNull, field) && Array.isArray(types) ? { ...schema, type: types[0] as unknown } : schema;
};

/** Every column that somebody may see, and what is derived. Source: domain/users/user-fields.ts. */
const properties: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(shownFields.map((field) => [field, ofField(field)])),
  siteId: { type: 'integer' },
  externalUserId: { type: ['integer', 'string', 'null'] },
  ...derived,
  site: reference('SiteSummary'),
};

/** What a visitor sees of a row is there for everybody. */
const always = [
  ...shownFields.filter((field) => rowsSeen(field, 'all') === 'every-row'),
  ...['extraData', 'displayName', 'initials', 'site'],
];

/** A user at a site that is there; `more` stands beside it. */
export const userSchema = (more: Readonly<Record<string, Schema>> = {}, alsoAlways: readonly string[] = []): Schema =>
  object({ ...properties, ...more }, [...always, ...alsoAlways]);

/** Of a row whose site is gone nobody knows which keys of extraData are whose. */
const isOfSite = (name: string): boolean => name === 'site' || name === 'extraData';
const withoutSite = object(
  {
    ...Object.fromEntries(Object.entries(properties).filter(([name]) => !isOfSite(name))),
    siteId: { type: ['integer', 'null'] },
  },
  always.filter((name) => !isOfSite(name)),
);

/** Users, and their lists. Source: user-api.md §2 and §3. */
export const userSchemas: Readonly<Record<string, Schema>> = {
  User: {
    ...userSchema(),
    description: 'A user as the actor may see it: fields that are not theirs to see are absent.',
  },
  UserWithoutSite: {
    ...withoutSite,
    description: 'A row whose site is gone; null in old databases: it never had one.',
  },
  UserList: { ...listOf(reference('User')), description: 'Everybody: what a list without `page` and `cursor` is.' },
  UserPage: {
    ...objectOfAll({ metadata: numberedMetadata(), records: listOf(reference('User')) }),
    description: 'A page by its number, with the total.',
  },
  UserWalk: {
    ...objectOfAll({ metadata: walkMetadata, records: listOf(reference('User')) }),
    description: 'A page by cursor; without a next `cursor` it is the last.',
  },
  Visitor: {
    ...objectOfAll({ externalUserId: { type: 'null' }, extraData: object({}) }),
    description: 'Nobody who is known here.',
  },
  Me: { anyOf: [reference('User'), reference('Visitor')] },
};
