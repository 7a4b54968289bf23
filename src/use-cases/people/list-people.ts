import { invalidValues } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { seesUsersOf } from '../../domain/users/user-rules.ts';
import type { Ports } from '../../ports/index.ts';
import type { FewPeople, PeopleQuery } from '../../ports/people.ts';
import type { ListedPeople, ListPeopleCommand } from './commands.ts';
import { isExternalId } from './find-person.ts';
import { contributedBy, managementSightOf, personView, type ManagementSight } from './person-view.ts';

type Needs = Pick<Ports, 'people' | 'persons' | 'activities' | 'sites' | 'settings'>;

/** A page that begins so soon, at sites of so few rows together, costs next to nothing. */
const nearOffset = 1000;
const fewRows = 2000;

/**
 * One page of the people of the client's sites, one entry a person, with the exact total: five statements, one for each twenty people beyond
 * the first, and two more by `email`. It waits in turn, what may read through much of the sites in another. Faults: those of `inTurn`, `busy` where it took too long. Source: management-api.md §2.
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
    uid,
    email,
    inTurn = atOnce,
  }: ListPeopleCommand): Promise<ListedPeople> => {
    const sight = await managementSightOf(ports, actor);
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
    const read = async (limited: PeopleQuery) => {
      const asked = await amongAsked(ports, limited, { uid, email });
      return [await ports.people.page(asked, perPage, offset), await ports.people.count(asked)] as const;
    };
    // One person at most, found by an index.
    const isOfOne = uid !== undefined && email === undefined;
    const isCostly = !isOfOne && (offset > nearOffset || (await ports.people.sizeOf(query.siteIds)) > fewRows);
    const maxSeconds = sight.asClient ? 15 : 3;
    // Whatever it costs to find them, their sites may have filled their rows.
    const [found, total] = await (isCostly
      ? inTurn(() => read({ ...query, maxSeconds }), { isLarge: () => true })
      : inTurn(() => read(query), { isCheap: true, isLarge: () => true }));
    const contributed = await contributedBy(ports, sight, found);
    const { levels } = ports.settings.management;
    return { people: found.map((person) => personView(person, contributed(person), sight, levels)), total };
  };

/** With those whom the question names, where it does: one statement for `uid`, two for `email`. */
const amongAsked = async (
  ports: Pick<Ports, 'people' | 'persons'>,
  query: PeopleQuery,
  { uid, email }: { readonly uid: string | undefined; readonly email: string | undefined },
): Promise<PeopleQuery> => {
  const byId = uid === undefined ? null : await withExternalId(ports, query.issuer, uid);
  const byAddress = email === undefined ? null : await ports.people.withAddress(query, email);
  if (byId === null || byAddress === null) {
    const among = byId ?? byAddress;
    return among === null ? query : { ...query, among };
  }
  const both = byAddress.personIds.filter((id) => byId.personIds.includes(id));
  return { ...query, among: { personIds: both, ids: [] } };
};

const withExternalId = async ({ persons }: Pick<Ports, 'persons'>, issuer: string, uid: string): Promise<FewPeople> => {
  const known = isExternalId(uid) ? await persons.byExternalId(issuer, uid) : null;
  return { personIds: known === null ? [] : [known.id], ids: [] };
};

const atOnce = <T>(work: () => Promise<T>): Promise<T> => work();

/** A site's name is its editors' to choose, also as another's is: its domain is not. Fault `invalid-values` where several are called so. */
const meantSites = ({ sites }: ManagementSight, name: string | undefined): readonly Site[] => {
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
