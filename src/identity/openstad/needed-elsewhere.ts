import type { Conversation } from './conversation.ts';
import { personById } from './find.ts';
import { OddAnswer } from '../odd-answer.ts';
import type { RoleBook, RoleTable } from './role-book.ts';

/**
 * Whether the person exists beside what we are about to leave: a role at a client that is none of ours, or above member at one of
 * ours that is not left. Never guesses: what the server cannot tell just now is thrown. Source: anonymization.md §3.
 */
export const isNeededElsewhere = async (
  talk: Conversation,
  book: RoleBook,
  externalId: string,
  ours: readonly string[],
  leaving: readonly string[],
): Promise<boolean> => {
  const [person, rows] = await Promise.all([
    personById(talk, externalId),
    book.clientRows(talk, [...ours, ...leaving]),
  ]);
  if (person === null) return false;
  if (person.roles === undefined) throw unsure('a person without a list of roles');
  if (person.roles.length === 0) return false;
  if ([...rows.values()].includes('unsure')) throw unsure('a client of ours that is neither known nor unknown');
  const table = await book.roleTable(talk, person.roles);
  const clientOf = new Map([...rows].map(([clientId, row]) => [row, clientId]));
  return person.roles.some(({ clientId: row, roleId }) => {
    const clientId = clientOf.get(row);
    return clientId === undefined || (!leaving.includes(clientId) && isAboveMember(table, roleId));
  });
};

/** A role whose name tells us nothing may be a high one: the person stays. */
const isAboveMember = (table: RoleTable, roleId: number): boolean => {
  const name = table.get(roleId);
  return name !== 'member' && name !== 'anonymous';
};

const unsure = (reason: string): OddAnswer => new OddAnswer(reason, { status: 500, unwell: true });
