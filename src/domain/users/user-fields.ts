import type { Role } from '../actor.ts';
import type { UserRow } from './user.ts';

/** A role means that role and above, at the site of the row; `owner` is the person themself (`member` would be every member, of any row). */
export type Who = Role | 'owner';
/** Where the truth of a field lives: at the OAuth server, there per site (inside extraData) or per client, or only in our row. */
type Home = 'oauth' | 'oauth-per-site' | 'oauth-per-client' | 'here';
/**
 * `details`: moderators and above, and the owner; `admin`: admins only, and not the owner; `by-key`: each key of extraData
 * says itself. A member is `everybody`, but for the own row. What each comes to for an actor is said in user-visibility.ts alone:
 * `decided`, and `mayViewKey` for a key.
 */
export type Viewers = 'everybody' | 'details' | 'admin' | 'nobody' | 'by-key';
/**
 * What a value looks like. http makes the request schema and OpenAPI of it, a profile is cut to it (people/mirror.ts), and an adopted
 * database is checked by it; the columns themselves are the migrations'.
 */
export type Shape =
  | { readonly kind: 'number' | 'flag' | 'date' | 'json' | 'role' | 'userRole' | 'gender' }
  | { readonly kind: 'text' | 'name' | 'email'; readonly maxLength: number };
/** `query`: may be filtered and sorted by, by whom `mayQuery` of user-visibility.ts says. */
interface Rule {
  readonly home: Home;
  readonly view: Viewers;
  readonly create: readonly Who[];
  readonly update: readonly Who[];
  readonly shape: Shape;
  readonly query: boolean;
}

export const unchanged = Symbol('unchanged');
/** What an anonymization brings along: the replaced names (the site's, else the configuration's) and the moment. */
export interface Replacement {
  readonly firstName: string;
  readonly lastName: string;
  readonly now: Date;
}
type Remains<T> = T | ((replacement: Replacement) => T);
/** A personal field must say what replaces it: `unchanged` is not an answer the compiler takes. */
type FieldRule<T> = Rule &
  (
    | { readonly personal: true; readonly afterAnonymizing: Remains<T> }
    | { readonly personal: false; readonly afterAnonymizing: Remains<T> | typeof unchanged }
  );
type Table = { readonly [F in keyof UserRow]: FieldRule<UserRow[F]> };

const nobody: readonly Who[] = [];
const staff: readonly Who[] = ['moderator'];
const staffOrOwner: readonly Who[] = ['moderator', 'owner'];
const editors: readonly Who[] = ['editor'];
const editorsOrOwner: readonly Who[] = ['editor', 'owner'];

const number: Shape = { kind: 'number' };
const flag: Shape = { kind: 'flag' };
const date: Shape = { kind: 'date' };
const role: Shape = { kind: 'role' };
const text = (maxLength: number): Shape => ({ kind: 'text', maxLength });
const name = (maxLength: number): Shape => ({ kind: 'name', maxLength });

const idColumn = {
  home: 'here',
  view: 'everybody',
  create: nobody,
  update: nobody,
  shape: number,
  query: true,
  personal: false,
  afterAnonymizing: unchanged,
} as const;
const internal = { home: 'here', view: 'nobody', create: nobody, update: nobody, query: false } as const;
const moment = { home: 'here', create: nobody, update: nobody, shape: date, query: true, personal: false } as const;
const profile = {
  home: 'oauth',
  view: 'details',
  create: staff,
  update: staffOrOwner,
  query: true,
  personal: true,
  afterAnonymizing: null,
} as const;
const perSite = { home: 'oauth-per-site', view: 'details', create: staff, update: staffOrOwner, query: true } as const;

/**
 * THE table: everything about a column of `users`. It drives what is shown, accepted, sent to the OAuth server, filtered and
 * sorted by, left by anonymizing, and masked in the log. Source: user-api.md §2, anonymization.md §2.
 */
export const userFields = {
  id: idColumn,
  siteId: idColumn,
  personId: { ...internal, shape: number, personal: true, afterAnonymizing: null },
  slot: { ...internal, shape: number, personal: false, afterAnonymizing: unchanged },
  externalUserId: {
    home: 'oauth',
    view: 'admin',
    create: nobody,
    update: nobody,
    shape: number,
    query: true,
    personal: true,
    afterAnonymizing: null,
  },
  externalAccessToken: { ...internal, shape: text(2048), personal: true, afterAnonymizing: null },
  role: {
    home: 'oauth-per-client',
    view: 'details',
    create: staff,
    update: staff,
    shape: { kind: 'userRole' },
    query: true,
    personal: false,
    afterAnonymizing: 'anonymous',
  },
  complete: {
    home: 'here',
    view: 'everybody',
    create: nobody,
    update: nobody,
    shape: flag,
    query: true,
    personal: false,
    afterAnonymizing: unchanged,
  },
  extraData: {
    home: 'oauth',
    view: 'by-key',
    create: staff,
    update: staffOrOwner,
    shape: { kind: 'json' },
    query: false,
    personal: true,
    afterAnonymizing: {},
  },
  profileWithheld: { ...internal, shape: flag, personal: false, afterAnonymizing: false },
  addressWritten: { ...internal, shape: text(255), personal: true, afterAnonymizing: null },
  email: { ...profile, shape: { kind: 'email', maxLength: 255 }, update: editors },
  nickName: { ...perSite, shape: name(64), personal: true, afterAnonymizing: null },
  firstName: { ...profile, shape: name(64), afterAnonymizing: (to: Replacement) => to.firstName },
  lastName: { ...profile, shape: name(64), afterAnonymizing: (to: Replacement) => to.lastName },
  listableByRole: { ...perSite, shape: role, personal: false, afterAnonymizing: 'editor' },
  detailsViewableByRole: { ...perSite, shape: role, personal: false, afterAnonymizing: 'editor' },
  phoneNumber: { ...profile, shape: text(64), create: editors, update: editorsOrOwner },
  streetName: { ...profile, shape: text(64) },
  houseNumber: { ...profile, shape: text(64) },
  postcode: { ...profile, shape: text(10) },
  city: { ...profile, shape: text(64) },
  suffix: { ...profile, shape: text(64) },
  gender: { ...perSite, shape: { kind: 'gender' }, personal: true, afterAnonymizing: null },
  // Another name for postcode, in answers and bodies; a body's zipCode is taken as postcode before anything else sees it.
  zipCode: { ...profile, shape: text(10), create: nobody, update: nobody, query: false },
  signedUpForNewsletter: { ...perSite, shape: flag, personal: true, afterAnonymizing: null },
  lastLogin: { ...moment, view: 'details', afterAnonymizing: new Date(0) },
  isNotifiedAboutAnonymization: { ...moment, view: 'details', afterAnonymizing: null },
  anonymizedAt: { ...moment, view: 'details', afterAnonymizing: (to: Replacement) => to.now },
  createdAt: { ...moment, view: 'everybody', afterAnonymizing: unchanged },
  updatedAt: { ...moment, view: 'everybody', afterAnonymizing: (to: Replacement) => to.now },
  deletedAt: { ...moment, view: 'everybody', afterAnonymizing: unchanged },
} as const satisfies Table;

/** What answers hold beside the columns, made of them; and who sees it. */
export const derivedFields = ['fullName', 'displayName', 'initials'] as const;
export type DerivedField = (typeof derivedFields)[number];
export const derivedViewers = {
  fullName: 'details',
  displayName: 'everybody',
  initials: 'everybody',
} as const satisfies Readonly<Record<DerivedField, Viewers>>;

export type UserField = keyof UserRow;
export const isUserField = (name: unknown): name is UserField =>
  typeof name === 'string' && Object.hasOwn(userFields, name);
export const userFieldNames: readonly UserField[] = Object.keys(userFields).filter(isUserField);
/** The rule of a field, without the literal types of the table. */
export const ruleOf = (field: UserField): FieldRule<unknown> => userFields[field];

/** Fields that somebody may filter and sort by; who: `mayQuery` of user-visibility.ts. */
export const queryFields: readonly UserField[] = userFieldNames.filter((field) => ruleOf(field).query);

/** Fields that somebody may set, as a body names them. */
export const writableFields: readonly UserField[] = userFieldNames.filter(
  (field) => ruleOf(field).create.length > 0 || ruleOf(field).update.length > 0,
);

/** The five fields that live per site inside the OAuth server's extraData. */
export const perSiteFields = [
  'listableByRole',
  'detailsViewableByRole',
  'nickName',
  'gender',
  'signedUpForNewsletter',
] as const;
export type PerSiteField = (typeof perSiteFields)[number];

/** Columns that hold something of a person: what a residue search looks for. */
export const personalFields: readonly UserField[] = userFieldNames.filter((field) => ruleOf(field).personal);
/** What a log masks: these, and what answers make of them. */
export const maskedFields: readonly string[] = [...personalFields, ...derivedFields];

const isReplacing = (value: unknown): value is (replacement: Replacement) => unknown => typeof value === 'function';

/** The row as anonymizing leaves it. */
export const anonymized = (row: UserRow, replacement: Replacement): UserRow => {
  const remains = userFieldNames
    .map((field) => [field, ruleOf(field).afterAnonymizing] as const)
    .filter(([, value]) => value !== unchanged)
    .map(([field, value]) => [field, isReplacing(value) ? value(replacement) : value] as const);
  return { ...row, ...Object.fromEntries(remains) };
};
