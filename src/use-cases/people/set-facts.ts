import type { Ports } from '../../ports/index.ts';
import { clientNow } from '../actor-now.ts';
import type { PersonView, SetFactsCommand } from './commands.ts';
import { findPerson, noSuchPerson } from './find-person.ts';
import { viewOfFound } from './get-person.ts';

type Needs = Pick<
  Ports,
  'persons' | 'users' | 'clients' | 'facts' | 'activities' | 'sites' | 'settings' | 'inOneTransaction'
>;

/** Sets what back offices keep of a person; what is not named stays. Fault `user-not-found`. Source: management-api.md §2. */
export const setFacts =
  (ports: Needs) =>
  async ({ facts, ...command }: SetFactsCommand): Promise<PersonView> => {
    const found = await ports.inOneTransaction(async () => {
      const held = await findPerson(ports, command, 'locked');
      await clientNow(ports, command.actor);
      if (held === null) throw noSuchPerson();
      const before = await ports.facts.of(held.person.id);
      await ports.facts.save(held.person.id, { ...before, ...facts });
      return held;
    });
    return viewOfFound(ports, command, found);
  };
