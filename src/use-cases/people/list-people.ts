import { invalidValues } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { seesUsersOf } from '../../domain/users/user-rules.ts';
import type { Ports } from '../../ports/index.ts';
import type { FewPeople, ListedPerson, PeopleQuery } from '../../ports/people.ts';
import { mustStillCount, type ActorNowNeeds } from '../actor-now.ts';
import { atOnce } from '../commands.ts';
import type { ListedPeople, ListPeopleCommand, PersonView } from './commands.ts';
import { mustStillBeShownBySites } from '../still-shown.ts';
import { isExternalId } from './find-person.ts';
import { contributedBy, managementSightOf, personView, wereMuch, type ManagementSight } from './person-view.ts';

type Needs = Pick<Ports, 'people' | 'persons' | 'activities' | 'sites' | 'settings' | 'clock'> & ActorNowNeeds;

/** A page that begins so soon, at sites of so few rows together, costs next to nothing. */
const nearOffset = 1000;
const fewRows = 2000;

/** So many rows are read at a time, or those of one person: each may be what its site filled it with. */
const rowsAtOnce = 20;

/**
 * One page of the people of the client's sites, one entry a person, with the exact total: who they are in one turn, what may read through
 * much of the sites in one of what is costly; and then some of them in each, as their sites may have filled their rows, and what they contributed
 * is counted. Four statements, two more by `email`, and two for each twenty rows. Faults: those of `inTurn`, `busy` where it took too
 * long, or a site shows less by then, `unauthenticated` for a client that waited and counts no more. Source: management-api.md §2.
 */
export const listPeople =
  (ports: Needs) =>
  async ({ actor, page, perPage, inTurn = atOnce, ...asked }: ListPeopleCommand): Promise<ListedPeople> => {
    const sight = await managementSightOf(ports, actor);
    const query = peopleQuery(actor, sight, asked);
    const offset = (page - 1) * perPage;
    const stillCounts = async (hasWaited: boolean): Promise<void> => {
      if (!hasWaited) return;
      await mustStillCount(ports, actor, actor.client.siteIds);
      await mustStillBeShownBySites(ports, sight.viewer, [...sight.sites.values()]);
    };
    const isCostly = await isCostlyPage(ports, query, asked, offset);
    const choose = async (hasWaited = false) => {
      await stillCounts(hasWaited);
      const limited = await amongAsked(
        ports,
        isCostly ? { ...query, maxSeconds: sight.asClient ? 15 : 3 } : query,
        asked,
      );
      return [await ports.people.page(limited, perPage, offset), await ports.people.count(limited)] as const;
    };
    const [chosen, total] = await inTurn(choose, { isCheap: !isCostly });
    const people: PersonView[] = [];
    for (const some of fewAtATime(chosen)) {
      const isFurther = people.length > 0;
      if (isFurther) await ports.clock.nextTurn();
      const view = async (hasWaited = false) => {
        await stillCounts(hasWaited || isFurther);
        const found = await ports.people.rowsOf(query, some);
        const contributed = await contributedBy(ports, sight, found);
        const views = found.map((one) => personView(one, contributed(one), sight, ports.settings.management.levels));
        return { views, isMuch: wereMuch(found, views) };
      };
      // Who they are was looked for already: it is not refused any more.
      const { views } = await inTurn(view, { isCheap: true, patient: true, isLarge: ({ isMuch }) => isMuch });
      people.push(...views);
    }
    return { people, total };
  };

type Asked = Omit<ListPeopleCommand, 'actor' | 'page' | 'perPage' | 'inTurn'>;

const peopleQuery = (
  { client }: ListPeopleCommand['actor'],
  sight: ManagementSight,
  { isExpert, isSelected, siteName }: Asked,
): PeopleQuery => ({
  // As for a visitor who asks for one of them: where a site hides its people, nobody is listed either.
  siteIds: meantSites(sight, siteName).flatMap((site) => (seesUsersOf(sight.viewer, site) ? [site.id] : [])),
  clientId: client.id,
  clientSiteIds: sight.clientSiteIds,
  issuer: client.issuer,
  audience: sight.asClient ? 'everybody' : 'listed',
  ...(isExpert === undefined ? {} : { isExpert }),
  ...(isSelected === undefined ? {} : { isSelected }),
});

/** But for whom is asked for by id: one person at most, found by an index. */
const isCostlyPage = async (
  { people }: Pick<Ports, 'people'>,
  { siteIds }: PeopleQuery,
  { uid, email }: Asked,
  offset: number,
): Promise<boolean> => {
  if (uid !== undefined && email === undefined) return false;
  return offset > nearOffset || (await people.sizeOf(siteIds)) > fewRows;
};

function* fewAtATime(people: readonly ListedPerson[]): Generator<readonly ListedPerson[]> {
  for (let from = 0, to = 0; from < people.length; from = to) {
    for (let rows = 0; to < people.length; to += 1) {
      rows += people[to]?.rowIds.length ?? 0;
      if (rows > rowsAtOnce && to > from) break;
    }
    yield people.slice(from, to);
  }
}

/** With those whom the question names, where it does: one statement for `uid`, two for `email`. */
const amongAsked = async (
  ports: Pick<Ports, 'people' | 'persons'>,
  query: PeopleQuery,
  { uid, email }: Asked,
): Promise<PeopleQuery> => {
  const byId = uid === undefined ? null : await withExternalId(ports, query, uid);
  const byAddress = email === undefined ? null : await ports.people.withAddress(query, email);
  if (byId === null || byAddress === null) {
    const among = byId ?? byAddress;
    return among === null ? query : { ...query, among };
  }
  const both = byAddress.personIds.filter((id) => byId.personIds.includes(id));
  return { ...query, among: { personIds: both, ids: [] } };
};

const withExternalId = async (
  { persons }: Pick<Ports, 'persons'>,
  { siteIds, issuer }: PeopleQuery,
  uid: string,
): Promise<FewPeople> => {
  const id = isExternalId(uid) ? await persons.idAt(siteIds, issuer, uid) : null;
  return { personIds: id === null ? [] : [id], ids: [] };
};

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
