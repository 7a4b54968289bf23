import type { OauthClient } from '../../domain/oauth-client.ts';
import { permitRemoval, type RemovePermit } from '../../domain/permit.ts';
import type { Person } from '../../domain/person.ts';
import type { Ports } from '../../ports/index.ts';
import { rowStatusOf } from '../row-status.ts';

/** Or why they are not taken. */
type Claim =
  | 'rows-elsewhere'
  | 'not-ours'
  | {
      readonly permit: RemovePermit;
      /** Whether rows that do not keep the person still point to it. */
      readonly hasRows: boolean;
    };

/**
 * Takes a person for removal (state `removing`), inside a transaction. A row that came first wins: it keeps the person. Writing
 * the state is what locks the person: whoever enrols them waits for this, or was here before, and then their row is seen.
 */
export const claimPerson = async (
  ports: Pick<Ports, 'users' | 'persons' | 'sites'>,
  { id: personId }: Pick<Person, 'id'>,
  client: OauthClient,
): Promise<Claim> => {
  await ports.persons.setState(personId, 'removing');
  const held = await ports.users.person(personId, 'plain');
  const rows = held?.rows ?? [];
  const { retainsPerson } = await rowStatusOf(ports, rows);
  const permit = held?.person == null ? 'not-ours' : permitRemoval(client, held.person, rows.filter(retainsPerson));
  if (typeof permit !== 'string') return { permit, hasRows: rows.length > 0 };
  await ports.persons.setState(personId, 'active');
  return permit;
};
