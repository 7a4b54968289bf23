import type { Ports } from '../../ports/index.ts';
import { noteIfLeftBehind } from '../outbox/note-left-behind.ts';
import { removalKey } from '../person-names.ts';
import type { Intent } from './creation-intent.ts';

/**
 * Whom the OAuth server made for a creation that nobody finished in time. They are told of, and not removed: an intent that is put
 * back, with what is remembered of it taken away, would otherwise remove somebody who was kept there. An operator's word does.
 * In a transaction.
 */
export const noteLeftByCreation = async (
  ports: Pick<Ports, 'persons' | 'users' | 'sites' | 'outbox' | 'findings' | 'clock' | 'log'>,
  { issuer, made }: Pick<Intent, 'issuer' | 'made'>,
): Promise<void> => {
  if (made === null || (await ports.persons.hasTombstone(issuer, made))) return;
  const { id: personId, state } = await ports.persons.ensure(issuer, made, true);
  const isLeaving = state !== 'active' || (await ports.outbox.find('person.remove', removalKey(personId))) !== null;
  if (isLeaving || !(await noteIfLeftBehind(ports, personId))) return;
  ports.log.error({ personId }, 'somebody was made at the OAuth server for a creation that was not finished in a day');
};
