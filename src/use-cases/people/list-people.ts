import type { Ports } from '../../ports/index.ts';
import type { ListedPeople, ListPeopleCommand } from './commands.ts';
import { contributedBy, sightOf } from './people.ts';
import { personView } from './person-view.ts';

type Needs = Pick<Ports, 'people' | 'activities' | 'sites' | 'settings'>;

/** One page of the people of the client's sites, one entry a person, with the exact total: four statements. Source: management-api.md §2. */
export const listPeople =
  (ports: Needs) =>
  async ({ actor, page, perPage, isExpert, isSelected, siteName }: ListPeopleCommand): Promise<ListedPeople> => {
    const sight = await sightOf(ports, actor, (site) => siteName === undefined || site.name === siteName);
    const query = {
      siteIds: [...sight.sites.keys()],
      clientSiteIds: sight.clientSiteIds,
      issuer: actor.client.issuer,
      audience: sight.asClient ? 'everybody' : 'listed',
      ...(isExpert === undefined ? {} : { isExpert }),
      ...(isSelected === undefined ? {} : { isSelected }),
    } as const;
    const [found, total] = await Promise.all([
      ports.people.page(query, perPage, (page - 1) * perPage),
      ports.people.count(query),
    ]);
    const contributed = await contributedBy(ports, sight, found);
    const { levels } = ports.settings.management;
    return { people: found.map((person) => personView(person, contributed(person), sight, levels)), total };
  };
