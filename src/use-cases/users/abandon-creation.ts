import type { Ports } from '../../ports/index.ts';
import { oauthClients } from '../oauth-clients.ts';
import { writtenAbout, noteIfLeftBehind } from '../outbox/identity-cleanup.ts';
import { removalKey } from '../person-keys.ts';
import { endIntent, type Intent } from './creation-intent.ts';

type Needs = Pick<
  Ports,
  'persons' | 'outbox' | 'replays' | 'secrets' | 'sites' | 'settings' | 'clock' | 'inOneTransaction'
>;

/**
 * The site was deleted while somebody was created for it, the creator may not do it any more, or the address is another's here:
 * whoever we made at the OAuth server, by the id that it answered, has no row to come. The wish to remove them takes the intent's
 * place.
 */
export const abandonCreation = async (ports: Needs, intent: Intent, made: string): Promise<void> => {
  const { persons, outbox } = ports;
  const client = (await oauthClients(ports)).known(intent.issuer, [intent.siteId]);
  // Nobody of ours is left there to ask as.
  if (client === null) return;
  await ports.inOneTransaction(async () => {
    const person = await persons.ensure(intent.issuer, made, true);
    const about = { personId: person.id, operations: [], ...writtenAbout(ports, person) };
    const payload = { ...about, siteIds: [intent.siteId], clients: [...new Set([intent.clientId, client.clientId])] };
    // One that waits already knows more, but not that it is wanted now.
    await outbox.addMerged(
      { topic: 'person.remove', key: removalKey(person.id), payload },
      (earlier) => ({ ...earlier, whom: about.whom, writtenAt: about.writtenAt }),
      'free',
    );
    await endIntent(ports, intent);
  });
};

/**
 * Whom the OAuth server made for a creation that nobody finished in time, or who has another address there by now. They are told of,
 * and not removed: an intent that is put back, with what is remembered of it taken away, would otherwise remove somebody who was kept
 * there. An operator's word does. In a transaction.
 */
export const noteLeftByCreation = async (
  ports: Pick<Ports, 'persons' | 'users' | 'sites' | 'outbox' | 'findings' | 'clock' | 'log'>,
  { issuer, made }: Pick<Intent, 'issuer' | 'made'>,
): Promise<void> => {
  if (made === null || (await ports.persons.hasTombstone(issuer, made))) return;
  const { id: personId, state } = await ports.persons.ensure(issuer, made, true);
  const isLeaving =
    state !== 'active' || (await ports.outbox.findLocked('person.remove', removalKey(personId))) !== null;
  if (isLeaving || !(await noteIfLeftBehind(ports, personId))) return;
  ports.log.error({ personId }, 'somebody was made at the OAuth server for a creation that was not finished');
};
