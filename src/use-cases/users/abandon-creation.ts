import type { Ports } from '../../ports/index.ts';
import { endIntent, type Intent } from './creation-intent.ts';
import { oauthClients } from '../oauth-clients.ts';
import { writtenAbout } from '../outbox/identity-cleanup.ts';
import { removalKey } from '../person-names.ts';

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
