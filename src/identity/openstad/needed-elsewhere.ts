import type { OauthClient } from '../../domain/oauth-client.ts';
import { OddAnswer } from '../odd-answer.ts';
import type { Operation } from '../operation.ts';
import type { Conversation } from './conversation.ts';
import { personById } from './find.ts';
import { assertWell } from './quirks.ts';
import type { RoleBook, RoleTable } from './role-book.ts';

/**
 * Whether the person exists beside what we are about to leave: a role at a client that is none of ours, or above member at one of
 * ours that is not left. A client whose secret the server refuses may be another application's: nobody is called unneeded while a
 * role of theirs is there. Never guesses: what the server cannot tell just now is thrown. Source: anonymization.md §3.
 */
export const isNeededElsewhere = async (
  operation: Operation<Conversation>,
  book: RoleBook,
  client: OauthClient,
  externalId: string,
  ours: readonly OauthClient[],
  leaving: readonly string[],
): Promise<boolean> => {
  const answer = await operation('is-needed-elsewhere', client, (talk) =>
    saidByRoles(
      talk,
      book,
      externalId,
      ours.map(({ clientId }) => clientId),
      leaving,
    ),
  );
  if (answer === 'needed') return true;
  await Promise.all(
    answer.map(async (clientIds) => {
      const [first, ...others] = ours.filter(({ clientId }) => clientIds.includes(clientId));
      if (first !== undefined) await operation('is-our-client', { ...first, others }, assertWell);
    }),
  );
  return false;
};

/** `needed`, or the clients that have to be ours for it to be otherwise; each by all names that we have for it. */
const saidByRoles = async (
  talk: Conversation,
  book: RoleBook,
  externalId: string,
  ours: readonly string[],
  leaving: readonly string[],
): Promise<'needed' | readonly (readonly string[])[]> => {
  const [person, rows] = await Promise.all([
    personById(talk, externalId, ['id', 'roles']),
    book.clientRows(talk, ours),
  ]);
  if (person === null) return [];
  if (person.roles === undefined) throw unsure('a person without a list of roles', false);
  if (person.roles.length === 0) return [];
  if ([...rows.values()].includes('unsure')) throw unsure('a client of ours that is neither known nor unknown', true);
  const table = await book.roleTable(talk, person.roles);
  const held = person.roles.map(({ clientId: row, roleId }) => ({
    roleId,
    clientIds: [...rows].flatMap(([clientId, its]) => (its === row ? [clientId] : [])),
  }));
  const keeps = ({ roleId, clientIds }: (typeof held)[number]): boolean =>
    clientIds.length === 0 || (isAboveMember(table, roleId) && !clientIds.some((id) => leaving.includes(id)));
  return held.some(keeps) ? 'needed' : held.map(({ clientIds }) => clientIds);
};

/** A role whose name tells us nothing may be a high one: the person stays. */
const isAboveMember = (table: RoleTable, roleId: number): boolean => {
  const name = table.get(roleId);
  return name !== 'member' && name !== 'anonymous';
};

const unsure = (reason: string, unwell: boolean): OddAnswer => new OddAnswer(reason, { status: 500, unwell });
