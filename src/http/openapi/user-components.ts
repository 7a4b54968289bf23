import { userRoles } from '../../domain/actor.ts';
import { queryFields, ruleOf, type DerivedField, type Shape, type UserField } from '../../domain/users/user-fields.ts';
import { rowsSeen, shownFields } from '../../domain/users/user-visibility.ts';
import type { UserRow } from '../../domain/users/user.ts';
import { isText } from '../requests/filter.ts';
import {
  asJson,
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

/** What a field is compared with: nothing is too long for that, and a day is a date. */
const comparable = (shape: Shape): Schema => {
  if (shape.kind === 'userRole') return { type: ['string', 'null'], enum: [...userRoles, null] };
  return shape.kind === 'date' || 'maxLength' in shape ? orNull(text) : ofShape(shape);
};
const filterOn = (field: UserField): Schema => {
  const value = comparable(ruleOf(field).shape);
  const compared = isText(field)
    ? object({ '!=': value, substring: { ...text, minLength: 1, description: 'For moderators and above.' } })
    : objectOfAll({ '!=': value });
  return { anyOf: [value, listOf(value), { ...compared, minProperties: 1, additionalProperties: false }] };
};

/** Which rows of a list, and in which order. Source: user-api.md §3 "List". */
const selectionSchemas: Readonly<Record<string, Schema>> = {
  UserSort: {
    anyOf: [
      { type: 'string', enum: queryFields.flatMap((field) => [`${field}_asc`, `${field}_desc`]) },
      asJson({
        type: 'array',
        prefixItems: [
          { type: 'string', enum: queryFields },
          { type: 'string', enum: ['ASC', 'DESC'] },
        ],
        minItems: 2,
        maxItems: 2,
      }),
    ],
    description: 'A field and a direction.',
  },
  UserFilter: {
    ...object({
      ...Object.fromEntries(queryFields.map((field) => [field, filterOn(field)])),
      q: { ...text, description: 'Search, as the parameter.' },
    }),
    additionalProperties: false,
    description:
      'All of it must hold: a value (null: there is none), one of a list, `!=`, or `substring`. Dates are RFC 3339, or a day. Fields that the actor may not ask by are refused.',
  },
};

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
  ...selectionSchemas,
};
