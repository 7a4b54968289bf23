import type { Ports } from '../../ports/index.ts';
import { rowStatusOf } from '../row-status.ts';

/** Notes the finding of a person whom no row keeps; answers whether they are one. In a transaction. */
export const noteIfLeftBehind = async (
  ports: Pick<Ports, 'users' | 'sites' | 'findings' | 'clock'>,
  personId: number,
): Promise<boolean> => {
  const held = await ports.users.person(personId, 'locked');
  if (held?.person == null) return false;
  const { retainsPerson } = await rowStatusOf(ports, held.rows);
  if (held.rows.some(retainsPerson)) return false;
  await ports.findings.note(personId, [{ kind: 'left-behind', fields: [] }], ports.clock.now());
  return true;
};
