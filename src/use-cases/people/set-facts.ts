import { Fault } from '../../domain/fault.ts';
import { hasCome } from '../../domain/people/vouching.ts';
import type { Ports } from '../../ports/index.ts';
import { clientNow } from '../actor-now.ts';
import { atOnce } from '../commands.ts';
import type { PersonView, SetFactsCommand } from './commands.ts';
import { findPerson, noSuchPerson } from './find-person.ts';
import { viewOfFound, viewOfPerson } from './get-person.ts';

type Needs = Pick<
  Ports,
  'persons' | 'users' | 'clients' | 'facts' | 'activities' | 'sites' | 'settings' | 'inOneTransaction'
>;

/**
 * Sets what this client keeps of a person; what is not named stays. Their view is read in turn. Faults: `user-not-found`, `conflict` (`has-not-come`);
 * where that was waited for, what nobody is told any more is not: those of `viewOfPerson`.
 * Source: management-api.md §2.
 */
export const setFacts =
  (ports: Needs) =>
  async ({ facts, inTurn = atOnce, ...command }: SetFactsCommand): Promise<PersonView> => {
    const found = await ports.inOneTransaction(async () => {
      const held = await findPerson(ports, command, 'locked');
      await clientNow(ports, command.actor);
      if (held === null) throw noSuchPerson();
      if (!hasCome(held.rows)) throw hasNotCome();
      const kept = { personId: held.person.id, clientId: command.actor.client.id };
      await ports.facts.save(kept, { ...(await ports.facts.of(kept)), ...facts });
      return held;
    });
    const view = (hasWaited = false) =>
      hasWaited ? viewOfPerson(ports, command, hasWaited) : viewOfFound(ports, command, found);
    // It is done, whatever it takes to show it.
    return (await inTurn(view, { isCheap: true, patient: true, isLarge: ({ isMuch }) => isMuch })).view;
  };

const hasNotCome = (): Fault =>
  new Fault(
    'conflict',
    { rule: 'has-not-come' },
    'This person was added by address, and has not logged in at any of your sites: nothing is kept of them until they have.',
  );
