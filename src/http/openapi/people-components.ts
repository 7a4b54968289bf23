import { activityTypes } from '../../activity-types/index.ts';
import { findingKinds } from '../../domain/people/finding.ts';
import { userRoles } from '../../domain/actor.ts';
import { reference, type Schema, date, id, listOf, object, orNull, text } from './schema.ts';

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
const counted: Schema = { type: ['integer', 'null'], minimum: 0 };
const metadata = object(
  {
    page: { type: 'integer' },
    pageSize: { type: 'integer' },
    pageCount: counted,
    totalCount: { ...counted, description: 'Null where more would have to be looked at than are.' },
    cursor: text,
    links: object({ self: text, first: text, last: text, previous: text, next: text }),
  },
  ['pageSize', 'links'],
);

/** People across sites; `user`: what is shown of a row. Source: people.md §1. */
export const peopleSchemas = (user: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> => ({
  UserOfPerson: {
    ...userOfPerson,
    description: 'One row of a person; role and anonymizedAt are absent where its details are not the actor’s to see.',
  },
  PeoplePage: object({ metadata, records: listOf(reference('FoundPerson')) }, ['metadata', 'records']),
  PersonAcrossSites: object(
    {
      ...entry,
      fetchedAt: { ...orNull(date), description: 'For moderators everywhere, and the person themself.' },
      issuer: { ...text, description: 'For platform admins, as are externalUserId and drift.' },
      externalUserId: text,
      drift: listOf(
        object({ kind: { type: 'string', enum: findingKinds }, fields: listOf(text), at: orNull(date) }, [
          'kind',
          'fields',
          'at',
        ]),
      ),
      users: listOf(
        object(
          {
            ...user,
            contributions: object(Object.fromEntries(activityTypes.map(({ plural }) => [plural, count]))),
            sessions: {
              ...object({ n: count, last: orNull(date) }, ['n', 'last']),
              description: 'Absent where the details of the row are not the actor’s to see.',
            },
            anonymization: { anyOf: [reference('AnonymizationStatus'), { type: 'null' }] },
          },
          ['id', 'displayName', 'contributions', 'anonymization'],
        ),
      ),
    },
    [...Object.keys(entry), 'users'],
  ),
  FoundPerson: {
    ...object({ ...entry, users: listOf(reference('UserOfPerson')) }, [...Object.keys(entry), 'users']),
    description: 'A person by the rows that the actor may see, and by nothing else.',
  },
});
