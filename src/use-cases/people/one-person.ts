import { Fault } from '../../domain/fault.ts';
import { hasCome } from '../../domain/people/vouching.ts';
import type { Ports } from '../../ports/index.ts';
import { clientNow, mustStillCount } from '../actor-now.ts';
import { atOnce } from '../commands.ts';
import type { GetPersonCommand, OnePerson, PersonView, SetFactsCommand } from './commands.ts';
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
const viewOfPerson = async (ports: Needs, command: OnePerson, hasWaited: boolean): Promise<ViewedPerson> => {
  if (hasWaited) await mustStillCount(ports, command.actor, command.actor.client.siteIds);
  const found = await findPerson(ports, command);
  if (found === null) throw noSuchPerson();
  return viewOfFound(ports, command, found);
};

interface ViewedPerson {
  readonly view: PersonView;
  readonly isMuch: boolean;
}
const viewOfFound = async (ports: Needs, { actor }: OnePerson, found: FoundPerson): Promise<ViewedPerson> => {
  const sight = await managementSightOf(ports, actor);
  const one = { rows: found.rows, facts: await toldFacts(ports, actor, found) };
  const contributed = await contributedBy(ports, sight, [one]);
  const view = personView(one, contributed(one), sight, ports.settings.management.levels);
  return { view, isMuch: wereMuch([one], [view]) };
};

/**
 * Sets what this client keeps of a person; what is not named stays. Their view is read in turn. Faults: `user-not-found`, `conflict` (`has-not-come`);
 * where that was waited for, what nobody is told any more is not: those of `viewOfPerson`.
 * Source: management-api.md §2.
 */
export const setFacts =
  (ports: Needs & Pick<Ports, 'inOneTransaction'>) =>
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
