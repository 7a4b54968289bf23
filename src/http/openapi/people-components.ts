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

/** People across sites. Source: people.md §1. */
export const peopleSchemas: Readonly<Record<string, Schema>> = {
  UserOfPerson: {
    ...userOfPerson,
    description: 'One row of a person; role and anonymizedAt are absent where its details are not the actor’s to see.',
  },
  PeoplePage: object({ metadata, records: listOf(reference('FoundPerson')) }, ['metadata', 'records']),
  FoundPerson: {
    ...object({ ...entry, users: listOf(reference('UserOfPerson')) }, [...Object.keys(entry), 'users']),
    description: 'A person by the rows that the actor may see, and by nothing else.',
  },
};
