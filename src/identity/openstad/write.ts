import { Fault } from '../../domain/fault.ts';
import { profileFields, type Profile, type ProfileChange } from '../../domain/people/oauth-profile.ts';
import type { UserRole } from '../../domain/actor.ts';
import {
  type Answer,
  type Conversation,
  assertWell,
  saysAddressTaken,
  saysMissing,
  saysStatementRefused,
  saysTooLarge,
  successOf,
} from './conversation.ts';
import { profileOf, type RoleBook } from './find.ts';
import { OddAnswer, aboutPerson } from '../oauth-operation.ts';
import { personOf, encoded, encodedValues, isExternalId } from './records.ts';

/** Takes no roles: those come after, by an update. */
export const create = async (
  talk: Conversation,
  person: Omit<ProfileChange, 'roles'> & { readonly email: string },
): Promise<Profile> => {
  const created = await aboutPerson(
    () => assertWell(talk),
    async () => {
      const answer = await talk.write('/user', withoutNothing(bodyOf(person)));
      refuseIfUndone(talk, answer);
      return personOf(answer);
    },
  );
  return profileOf(created);
};

export const update = async (
  talk: Conversation,
  book: RoleBook,
  externalId: string,
  { roles, ...change }: ProfileChange,
): Promise<Profile> => {
  if (!isExternalId(externalId)) throw nobody(404);
  const roleMap = await roleMapOf(talk, book, roles);
  return writeUser(talk, externalId, { ...bodyOf(change), ...(roleMap === null ? {} : { roles: roleMap }) });
};

/** Deleting the deleted is answered as a missing person, and so counts as done when the server is well. */
export const remove = async (talk: Conversation, externalId: string): Promise<void> => {
  if (!isExternalId(externalId)) return;
  await aboutPerson(
    () => assertWell(talk),
    async () => {
      const answer = await talk.write(`/user/${externalId}/delete`, {});
      if (saysMissing(answer)) await assertWell(talk);
      else successOf(answer);
    },
  );
};

const writeUser = async (talk: Conversation, externalId: string, body: object): Promise<Profile> => {
  return aboutPerson(
    () => assertWell(talk),
    async () => {
      const answer = await talk.write(`/user/${externalId}`, body);
      if (saysMissing(answer)) {
        await assertWell(talk);
        talk.nothingHappened();
        throw nobody(answer.status);
      }
      refuseIfUndone(talk, answer);
      return profileOf(personOf(answer));
    },
  );
};

/** A body that is too large, and the 500s that tell that their database refused: an address that is taken, a character it cannot hold. */
const refuseIfUndone = (talk: Conversation, answer: Answer): void => {
  if (saysTooLarge(answer)) {
    const errors = [{ pointer: '/extraData', detail: 'is more, all together, than the OAuth server takes' }];
    throw new Fault('invalid-values', { errors }, '/extraData is more, all together, than the OAuth server takes');
  }
  if (!saysStatementRefused(answer)) return;
  talk.nothingHappened();
  if (saysAddressTaken(answer)) {
    throw new Fault(
      'conflict',
      { rule: 'address-taken', field: 'email' },
      'Somebody else has this e-mail address at the OAuth server.',
    );
  }
  throw new OddAnswer('the database there refused the statement', { status: answer.status, unwell: false });
};

const nobody = (status: number): OddAnswer => new OddAnswer('nobody has this id there', { status, unwell: false });

/** '' would be ignored there, and leave the old value standing: null is what clears. */
const bodyOf = (change: ProfileChange): Record<string, unknown> => ({
  ...Object.fromEntries(
    profileFields.flatMap((field) => {
      const value = change[field];
      if (value === undefined) return [];
      return [[field, value === null || value === '' ? null : encoded(value)]];
    }),
  ),
  ...(change.extraData === undefined ? {} : { extraData: encodedValues(change.extraData) }),
});

const withoutNothing = (body: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));

/** `{"<their client row id>": <role id>}`, or null when no role is to be written. */
const roleMapOf = async (
  talk: Conversation,
  book: RoleBook,
  roles: Readonly<Record<string, UserRole>> | undefined,
): Promise<Record<string, number> | null> => {
  const wanted = Object.entries(roles ?? {});
  if (wanted.length === 0) return null;
  const [rows, table] = await Promise.all([
    book.clientRows(
      talk,
      wanted.map(([clientId]) => clientId),
    ),
    book.roleTable(talk),
  ]);
  const idOf = new Map([...table].map(([id, name]) => [name, id]));
  return Object.fromEntries(
    wanted.map(([clientId, role]) => {
      const row = rows.get(clientId);
      const roleId = idOf.get(role);
      if (typeof row === 'number' && roleId !== undefined) return [row, roleId];
      throw new OddAnswer('this client or role has no id there', { status: 404, unwell: false });
    }),
  );
};
