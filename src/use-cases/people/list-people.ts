import { invalidValues } from '../../domain/invalid-values.ts';
import type { Site } from '../../domain/site.ts';
import type { Ports } from '../../ports/index.ts';
import type { ListedPeople, ListPeopleCommand } from './commands.ts';
import { contributedBy, sightOf, type Sight } from './people.ts';
import { personView } from './person-view.ts';

type Needs = Pick<Ports, 'people' | 'activities' | 'sites' | 'settings'>;

/** One page of the people of the client's sites, one entry a person, with the exact total: four statements. Source: management-api.md §2. */
export const listPeople =
  (ports: Needs) =>
  async ({ actor, page, perPage, isExpert, isSelected, siteName }: ListPeopleCommand): Promise<ListedPeople> => {
    const sight = await sightOf(ports, actor);
    const query = {
      siteIds: meantSites(sight, siteName).flatMap((site) => (mayList(sight, site) ? [site.id] : [])),
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

/** As for a visitor who asks for one of them: where a site hides its people, nobody is listed either. */
const mayList = ({ asClient }: Sight, { config: { users } }: Site): boolean =>
  asClient || users.viewableByRole === null || users.viewableByRole === 'all';
