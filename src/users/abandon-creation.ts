import { Fault } from '../domain/fault.ts';
import { oauthClientOf, type OauthClient } from '../domain/oauth-client.ts';
import type { Ports } from '../ports/index.ts';
import { intentMessage, type Intent } from './creation-intent.ts';
import { removalKey } from './person-names.ts';

type Needs = Pick<Ports, 'persons' | 'outbox' | 'secrets' | 'inOneTransaction'>;

/**
 * The site was deleted while somebody was created for it: whoever we made at the OAuth server has no row to come. The wish to
 * remove them takes the intent's place.
 */
export const abandonCreation = (
  { persons, outbox, secrets, inOneTransaction }: Needs,
  intent: Intent,
  client: OauthClient,
  externalId: string,
): Promise<void> =>
  inOneTransaction(async () => {
    const { id: personId } = await persons.ensure(client.issuer, externalId, true);
    const payload = { personId, siteIds: [intent.siteId], clients: [client.clientId] };
    // One that waits already knows more.
    await outbox.addMerged(
      { topic: 'person.remove', key: removalKey(personId), payload },
      (earlier) => earlier,
      'free',
    );
    await outbox.cancel('user.create', intentMessage(secrets, intent).key);
  });

/** The same for a creation that stopped before it saw that the site was gone; by the site's own client, which stays. */
export const abandonAtGoneSite = async (
  ports: Needs & Pick<Ports, 'sites' | 'identity' | 'settings'>,
  intent: Intent,
): Promise<never> => {
  const site = (await ports.sites.past()).find(({ id }) => id === intent.siteId);
  const client = site === undefined ? null : oauthClientOf(site, intent.provider, ports.settings.globalOauthClient);
  const found = client === null ? null : await ports.identity.findByEmail(client, intent.change.email, []);
  if (client !== null && found !== null) await abandonCreation(ports, intent, client, found.externalId);
  throw new Fault('site-not-found', {});
};
