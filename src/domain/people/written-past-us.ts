import { decimalId } from '../users/new-user.ts';
import type { Person } from './person.ts';
import type { UserRow } from '../users/user.ts';

type Marked = Pick<UserRow, 'personId' | 'externalUserId' | 'role' | 'lastLogin' | 'anonymizedAt'>;

/**
 * What an OpenStad API beside us does to rows shows in `externalUserId`, by which it knows people and which our own rows of people
 * with a decimal id always hold. Source: oauth-server.md §3, docs/adr/0017.
 */

/** Anonymized past us: the external id is gone, role and `lastLogin` are those of an anonymized row. Never filled again. */
export const isFoundAnonymized = (row: Marked, person: Pick<Person, 'externalId'> | null): boolean =>
  person !== null &&
  row.personId !== null &&
  row.anonymizedAt === null &&
  row.externalUserId === null &&
  row.role === 'anonymous' &&
  // 1970 means not known, and so is what a zero date is read as.
  row.lastLogin.getTime() === 0 &&
  decimalId(person.externalId) !== null;

/** Given to another person past us: the row names somebody else than whom we linked it to. */
export const isNamedOtherwise = (row: Marked, person: Pick<Person, 'externalId'> | null): boolean => {
  if (person === null || row.personId === null || row.externalUserId === null) return false;
  const ours = decimalId(person.externalId);
  return ours !== null && ours !== row.externalUserId;
};
