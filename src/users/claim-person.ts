import type { Ports } from '../ports/index.ts';
import { standingOf } from './living-rows.ts';

interface Claim {
  readonly kind: 'claimed' | 'rows-elsewhere' | 'not-ours';
  /** Whether rows that do not keep the person still point to it. */
  readonly hasRows: boolean;
}

/**
 * Takes a person for removal (state `removing`), inside a transaction. A row that came first wins: it keeps the person. Writing
 * the state is what locks the person: whoever enrols them waits for this, or was here before, and then their row is seen.
 */
export const claimPerson = async (
  ports: Pick<Ports, 'users' | 'persons' | 'sites'>,
  personId: number,
): Promise<Claim> => {
  await ports.persons.setState(personId, 'removing');
  const held = await ports.users.person(personId, 'plain');
  const rows = held?.rows ?? [];
  const { keepsAlive } = await standingOf(ports, rows);
  const kind = rows.some(keepsAlive) ? 'rows-elsewhere' : held?.person?.ours === false ? 'not-ours' : 'claimed';
  if (kind !== 'claimed') await ports.persons.setState(personId, 'active');
  return { kind, hasRows: rows.length > 0 };
};
