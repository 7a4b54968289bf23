import type { Ports } from '../../ports/index.ts';
import type { OnePerson, PersonView } from './commands.ts';
import { findPerson, noSuchPerson, toldFacts, type FoundPerson } from './find-person.ts';
import { contributedBy, managementSightOf, personView } from './person-view.ts';

type Needs = Pick<Ports, 'persons' | 'users' | 'facts' | 'activities' | 'sites' | 'settings'>;

/** One person of the client's sites, by external id. Fault `user-not-found`. Source: management-api.md §2. */
export const getPerson =
  (ports: Needs) =>
  async (command: OnePerson): Promise<PersonView> => {
    const found = await findPerson(ports, command);
    if (found === null) throw noSuchPerson();
    return viewOfFound(ports, command, found);
  };

export const viewOfFound = async (ports: Needs, { actor }: OnePerson, found: FoundPerson): Promise<PersonView> => {
  const sight = await managementSightOf(ports, actor);
  const one = { rows: found.rows, facts: await toldFacts(ports, actor, found) };
  const contributed = await contributedBy(ports, sight, [one]);
  return personView(one, contributed(one), sight, ports.settings.management.levels);
};
