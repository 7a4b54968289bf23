import { invalidValues } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { seesUsersOf } from '../../domain/users/user-rules.ts';
import type { Ports } from '../../ports/index.ts';
import type { PeopleQuery } from '../../ports/people.ts';
import type { ListedPeople, ListPeopleCommand } from './commands.ts';
import { contributedBy, sightOf, personView, type Sight } from './person-view.ts';

type Needs = Pick<Ports, 'people' | 'activities' | 'sites' | 'settings'>;

/** A page that begins so soon, at sites of so few rows together, costs next to nothing. */
const nearOffset = 1000;
const fewRows = 2000;

/**
 * One page of the people of the client's sites, one entry a person, with the exact total: five statements. What may read through much
 * of the sites waits in turn. Faults: those of `inTurn`, `busy` where it took too long. Source: management-api.md §2.
 */
export const listPeople =
  (ports: Needs) =>
  async ({
    actor,
    page,
    perPage,
    isExpert,
    isSelected,
    siteName,
    inTurn = atOnce,
  }: ListPeopleCommand): Promise<ListedPeople> => {
    const sight = await sightOf(ports, actor);
    const offset = (page - 1) * perPage;
    const query: PeopleQuery = {
      // As for a visitor who asks for one of them: where a site hides its people, nobody is listed either.
      siteIds: meantSites(sight, siteName).flatMap((site) => (seesUsersOf(sight.viewer, site) ? [site.id] : [])),
      clientId: actor.client.id,
      clientSiteIds: sight.clientSiteIds,
      issuer: actor.client.issuer,
      audience: sight.asClient ? 'everybody' : 'listed',
      ...(isExpert === undefined ? {} : { isExpert }),
      ...(isSelected === undefined ? {} : { isSelected }),
    };
    const read = async (limited: PeopleQuery) =>
      [await ports.people.page(limited, perPage, offset), await ports.people.count(limited)] as const;
    const isCostly = offset > nearOffset || (await ports.people.sizeOf(query.siteIds)) > fewRows;
    const maxSeconds = sight.asClient ? 15 : 3;
    const [found, total] = await (isCostly ? inTurn(() => read({ ...query, maxSeconds })) : read(query));
    const contributed = await contributedBy(ports, sight, found);
    const { levels } = ports.settings.management;
    return { people: found.map((person) => personView(person, contributed(person), sight, levels)), total };
  };

const atOnce = <T>(work: () => Promise<T>): Promise<T> => work();

/** A site's name is its editors' to choose, also as another's is: its domain is not. Fault `invalid-values` where several are called so. */
const meantSites = ({ sites }: Sight, name: string | undefined): readonly Site[] => {
  const all = [...sites.values()];
  if (name === undefined) return all;
  const byDomain = all.filter(({ domain }) => domain === name);
  const meant = byDomain.length > 0 ? byDomain : all.filter((site) => site.name === name);
  if (meant.length > 1)
    throw invalidValues([
      { pointer: 'sub_application_name', detail: 'is the name of several of your sites: give the domain of one' },
    ]);
  return meant;
};
