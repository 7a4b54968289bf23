import { Fault } from '../../domain/fault.ts';
import type { Ports } from '../../ports/index.ts';
import type { DeliverMessage } from '../outbox/deliver-message.ts';
import { writtenAbout } from '../outbox/identity-cleanup.ts';
import { removalKey } from '../person-keys.ts';

/**
 * An operator's word for a person of whom no row is left here (finding `left-behind`): the wish to remove them at the OAuth server,
 * and what came of it. It is asked there as ever whether somebody else needs them. Fault `conflict` while a row is there, also a
 * hidden one: it would keep what it holds for ever. Source: oauth-server.md §3, docs/adr/0017.
 */
export const removeLeftBehind =
  (ports: Pick<Ports, 'users' | 'outbox' | 'secrets' | 'clock' | 'inOneTransaction'>, deliver: DeliverMessage) =>
  async (personId: number): Promise<string | null> => {
    const key = removalKey(personId);
    await ports.inOneTransaction(async () => {
      const held = await ports.users.person(personId, 'locked');
      if (held?.person == null) throw new Fault('not-found', {}, `There is no person ${personId}.`);
      if (held.rows.length > 0)
        throw new Fault(
          'conflict',
          { rule: 'rows-are-left' },
          `Users ${held.rows.map(({ id }) => id).join(', ')} still are this person’s: anonymize or delete them first.`,
        );
      const about = writtenAbout(ports, held.person);
      const payload = { personId, siteIds: [], clients: [], operations: [], ...about };
      await ports.outbox.addMerged(
        { topic: 'person.remove', key, payload },
        (earlier) => ({ ...earlier, ...about }),
        'free',
      );
    });
    return deliver({ topic: 'person.remove', key });
  };
