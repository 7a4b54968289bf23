import { Fault } from '../../domain/fault.ts';
import { hasCome } from '../../domain/withheld.ts';
import type { Ports } from '../../ports/index.ts';
import { clientNow } from '../actor-now.ts';
import type { PersonView, SetFactsCommand } from './commands.ts';
import { findPerson, noSuchPerson } from './find-person.ts';
import { viewOfFound } from './get-person.ts';

type Needs = Pick<
  Ports,
  'persons' | 'users' | 'clients' | 'facts' | 'activities' | 'sites' | 'settings' | 'inOneTransaction'
>;

/** Sets what back offices keep of a person; what is not named stays. Faults: `user-not-found`, `conflict` (`has-not-come`). Source: management-api.md §2. */
export const setFacts =
  (ports: Needs) =>
  async ({ facts, ...command }: SetFactsCommand): Promise<PersonView> => {
    const found = await ports.inOneTransaction(async () => {
      const held = await findPerson(ports, command, 'locked');
      await clientNow(ports, command.actor);
      if (held === null) throw noSuchPerson();
      // What others keep of them is not shown to this client, and so not its to change.
      if (!hasCome(held.rows)) throw hasNotCome();
      const before = await ports.facts.of(held.person.id);
      await ports.facts.save(held.person.id, { ...before, ...facts });
      return held;
    });
    return viewOfFound(ports, command, found);
  };

const hasNotCome = (): Fault =>
  new Fault(
    'conflict',
    { rule: 'has-not-come' },
    'This person was added by address, and has not logged in at any of your sites: nothing is kept of them until they have.',
  );
