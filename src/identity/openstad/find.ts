import { profileFields, type Profile } from '../../domain/people/oauth-profile.ts';
import type { UserRole } from '../../domain/actor.ts';
import type { Conversation } from './conversation.ts';
import { OddAnswer } from '../odd-answer.ts';
import { aboutPeople, aboutPerson } from '../odd-record.ts';
import { assertWell, saysMissing } from './quirks.ts';
import { idsIn, peopleAt, personOf, type Person } from './replies.ts';
import { highestBeyond, roleIn, type RoleBook } from './role-book.ts';
import { encoded, isExternalId, refusesText } from './text.ts';

/**
 * The person as the server shows them by id; null when it is well and nobody has this id. `pick`: of the record these keys alone,
 * however large the others are.
 */
export const personById = async (
  talk: Conversation,
  externalId: string,
  pick?: readonly string[],
): Promise<Person | null> => {
  // MySQL would read `12abc` as 12 and answer somebody else.
  if (!isExternalId(externalId)) return null;
  return aboutPerson(
    () => assertWell(talk),
    async () => {
      const answer = await talk.read(`/user/${externalId}`, {}, pick);
      if (saysMissing(answer)) {
        await assertWell(talk);
        return null;
      }
      const person = personOf(answer);
      if (person.id !== externalId)
        throw new OddAnswer('another person than asked', { status: answer.status, unwell: false });
      return person;
    },
  );
};

export const findById = async (
  talk: Conversation,
  book: RoleBook,
  externalId: string,
  clientIds: readonly string[],
): Promise<Profile | null> => {
  const [person, rows] = await Promise.all([personById(talk, externalId), book.clientRows(talk, clientIds)]);
  if (person === null) return null;
  const entries = person.roles;
  if (clientIds.length === 0 || entries === undefined) return profileOf(person);
  const table = entries.length === 0 ? new Map<number, string>() : await book.roleTable(talk, entries);
  const roles = [...rows].flatMap(([clientId, row]): [string, UserRole | null][] =>
    typeof row === 'number' ? [[clientId, roleIn(entries, row, table)]] : [],
  );
  return {
    ...profileOf(person),
    roles: Object.fromEntries(roles),
    roleElsewhere: highestBeyond(entries, [...rows.values()], table),
  };
};

/** Their collation finds `josé@` for `jose@`, and everybody for nothing: only one exact hit counts. Source: oauth-server.md §1. */
export const findByEmail = async (
  talk: Conversation,
  book: RoleBook,
  email: string,
  clientIds: readonly string[],
): Promise<Profile | null> => {
  const asked = email.trim().toLowerCase();
  if (asked === '' || refusesText(asked) !== null) return null;
  const [found, ...others] = await aboutPeople(
    () => assertWell(talk),
    async () => peopleAt(asked, await talk.read('/users', { email: encoded(asked) })),
  );
  if (found === undefined || others.length > 0) return null;
  return clientIds.length === 0 ? profileOf(found) : findById(talk, book, found.id, clientIds);
};

/** By their collation, as that is what would refuse it: nobody but this person has it there, or what it takes for it. */
export const isAddressFree = async (talk: Conversation, email: string, externalId: string): Promise<boolean> => {
  const asked = email.trim().toLowerCase();
  if (asked === '' || refusesText(asked) !== null) return false;
  return aboutPeople(
    () => assertWell(talk),
    async () => idsIn(await talk.read('/users', { email: encoded(asked) })).every((id) => id === externalId),
  );
};

/** Roles not said. */
export const profileOf = (person: Person): Profile => ({
  externalId: person.id,
  ...Object.fromEntries(
    profileFields.flatMap((field) => (person[field] === undefined ? [] : [[field, person[field]]])),
  ),
  ...(person.extraData === undefined ? {} : { extraData: person.extraData }),
});
