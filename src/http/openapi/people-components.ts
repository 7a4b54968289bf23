import { activityTypes } from '../../activity-types/index.ts';
import { findingKinds } from '../../domain/people/finding.ts';
import { userRoles } from '../../domain/actor.ts';
import {
  reference,
  type Schema,
  date,
  id,
  listOf,
  numberedMetadata,
  object,
  objectOfAll,
  orNull,
  text,
  walkMetadata,
} from './schema.ts';
import { userSchema } from './user-components.ts';

const userOfPerson = object(
  {
    id,
    site: object({ id, title: text }, ['id', 'title']),
    role: { type: 'string', enum: userRoles },
    displayName: orNull(text),
    anonymizedAt: orNull(date),
  },
  ['id', 'site', 'displayName'],
);

const entry = {
  displayName: orNull(text),
  email: orNull(text),
  lastLogin: orNull(date),
};

const count: Schema = { type: 'integer', minimum: 0 };
/** People across sites. Source: people.md §1. */
export const peopleSchemas: Readonly<Record<string, Schema>> = {
  UserOfPerson: {
    ...userOfPerson,
    description: 'One row of a person; role and anonymizedAt are absent where its details are not the actor’s to see.',
  },
  RowOfPerson: userSchema(
    {
      contributions: objectOfAll(Object.fromEntries(activityTypes.map(({ plural }) => [plural, count]))),
      sessions: {
        ...object({ n: count, last: orNull(date) }, ['n', 'last']),
        description: 'Absent where the details of the row are not the actor’s to see.',
      },
      anonymization: { anyOf: [reference('AnonymizationStatus'), { type: 'null' }] },
    },
    ['contributions', 'anonymization'],
  ),
  PeoplePage: {
    ...objectOfAll({ metadata: numberedMetadata(true), records: listOf(reference('FoundPerson')) }),
    description:
      'A page by its number; the total is null where more are found than two pages, and than to the end of this one.',
  },
  PeopleWalk: {
    ...objectOfAll({ metadata: walkMetadata, records: listOf(reference('FoundPerson')) }),
    description: 'A page by cursor; it may be short or empty, and only one without a next `cursor` is the last.',
  },
  PersonAcrossSites: object(
    {
      ...entry,
      fetchedAt: { ...orNull(date), description: 'For moderators everywhere, and the person themself.' },
      issuer: { ...text, description: 'For platform admins, as are externalUserId and drift.' },
      externalUserId: text,
      drift: listOf(
        objectOfAll({ kind: { type: 'string', enum: findingKinds }, fields: listOf(text), at: orNull(date) }),
      ),
      users: listOf(reference('RowOfPerson')),
    },
    [...Object.keys(entry), 'users'],
  ),
  FoundPerson: {
    ...object({ ...entry, users: listOf(reference('UserOfPerson')) }, [...Object.keys(entry), 'users']),
    description: 'A person by the rows that the actor may see, and by nothing else.',
  },
};

const site = objectOfAll({ id, title: text });

/** The console's session. Source: people.md §6. */
export const consoleSchemas: Readonly<Record<string, Schema>> = {
  OwnSession: objectOfAll({
    id: text,
    kind: { type: 'string', enum: ['console', 'site'] },
    site: { anyOf: [site, { type: 'null' }] },
    createdAt: date,
    expiresAt: date,
    current: { type: 'boolean' },
  }),
  OwnSessions: objectOfAll({
    id: { ...text, description: 'Of this session; a page that says it in `X-Civitas-Console` acts by no other.' },
    expiresAt: date,
    loginSite: {
      anyOf: [site, { type: 'null' }],
      description: 'Through whose OAuth client one logged in; null: the global one.',
    },
    displayName: orNull(text),
    email: orNull(text),
    platformAdmin: { type: 'boolean' },
    users: listOf(objectOfAll({ id, site, role: { type: 'string', enum: userRoles }, displayName: orNull(text) })),
    moderates: listOf(site),
    sessions: listOf(reference('OwnSession')),
  }),
  ConsoleLeft: object({ session: { type: 'string', const: 'ended' }, next: orNull(text) }, ['session', 'next']),
};
