import type { Ports } from '../../ports/index.ts';
import { mustStillCount } from '../actor-now.ts';
import { atOnce } from '../commands.ts';
import type { GetPersonCommand, OnePerson, PersonView } from './commands.ts';
import { findPerson, noSuchPerson, toldFacts, type FoundPerson } from './find-person.ts';
import { contributedBy, managementSightOf, personView, wereMuch } from './person-view.ts';

type Needs = Pick<Ports, 'persons' | 'users' | 'clients' | 'facts' | 'activities' | 'sites' | 'settings'>;

/**
 * One person of the client's sites, by external id; in turn, as their sites may have filled their rows, and what they contributed is
 * counted. Faults: `user-not-found`, those of `inTurn`; `unauthenticated` for a client that waited and counts no more. Source: management-api.md §2.
 */
export const getPerson =
  (ports: Needs) =>
  async ({ inTurn = atOnce, ...command }: GetPersonCommand): Promise<PersonView> => {
    const read = (hasWaited = false): Promise<ViewedPerson> => viewOfPerson(ports, command, hasWaited);
    return (await inTurn(read, { isCheap: true, isLarge: ({ isMuch }) => isMuch })).view;
  };

/** As they are now. Faults: `user-not-found`; `unauthenticated` for a client that waited and counts no more. */
export const viewOfPerson = async (ports: Needs, command: OnePerson, hasWaited: boolean): Promise<ViewedPerson> => {
  if (hasWaited) await mustStillCount(ports, command.actor, command.actor.client.siteIds);
  const found = await findPerson(ports, command);
  if (found === null) throw noSuchPerson();
  return viewOfFound(ports, command, found);
};

interface ViewedPerson {
  readonly view: PersonView;
  readonly isMuch: boolean;
}
export const viewOfFound = async (ports: Needs, { actor }: OnePerson, found: FoundPerson): Promise<ViewedPerson> => {
  const sight = await managementSightOf(ports, actor);
  const one = { rows: found.rows, facts: await toldFacts(ports, actor, found) };
  const contributed = await contributedBy(ports, sight, [one]);
  const view = personView(one, contributed(one), sight, ports.settings.management.levels);
  return { view, isMuch: wereMuch([one], [view]) };
};
