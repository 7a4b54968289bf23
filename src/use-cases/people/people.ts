import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import { visitor, type Actor, includes } from '../../domain/actor.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonAtSites } from '../../ports/people-store.ts';
import type { ClientActor } from '../clients/commands.ts';

/** With whose eyes a client looks: as a visitor, unless its token says that it may manage people. Source: management-api.md §2. */
export interface Sight {
  readonly viewer: Actor;
  readonly asClient: boolean;
  readonly withDetails: boolean;
  /** The client's sites that are still there; of these, those that are meant. */
  readonly sites: ReadonlyMap<number, Site>;
  /** All of them that are still there. */
  readonly clientSiteIds: readonly number[];
}

/** No statement while the sites are known. */
export const sightOf = async (
  { sites }: Pick<Ports, 'sites'>,
  actor: ClientActor,
  isMeant: (site: Site) => boolean = () => true,
): Promise<Sight> => {
  const { scopes, siteIds } = actor.client;
  const found = await Promise.all(siteIds.map((id) => sites.byId(id)));
  const asClient = includes(scopes, 'authentication');
  return {
    viewer: asClient ? actor : visitor,
    asClient,
    withDetails: includes(scopes, 'admin'),
    sites: new Map(found.flatMap((site) => (site !== null && isMeant(site) ? [[site.id, site] as const] : []))),
    clientSiteIds: found.flatMap((site) => (site === null ? [] : [site.id])),
  };
};

export interface Contributed {
  readonly messages: number;
  readonly votes: number;
}
const messageKinds: readonly ActivityPlural[] = ['ideas', 'articles', 'arguments'];

/** How much each of some people contributed at their rows' sites, as far as this sight reaches; one statement. By the id of their first row. */
export const contributedBy = async (
  { activities }: Pick<Ports, 'activities'>,
  { asClient, sites }: Pick<Sight, 'asClient' | 'sites'>,
  people: readonly PersonAtSites[],
): Promise<(person: PersonAtSites) => Contributed> => {
  const rows = people.flatMap((person) => person.rows);
  const isSeen = (type: (typeof activityTypes)[number], row: User): boolean =>
    asClient || type.isPublic(sites.get(row.siteId ?? 0)?.config.votes.isViewable ?? false);
  const asked = activityTypes.map((type) => ({
    type,
    userIds: rows.filter((row) => isSeen(type, row)).map(({ id }) => id),
  }));
  const found = await activities.counts(asked, asClient ? 'all' : 'public');
  const plurals = new Map<string, ActivityPlural>(activityTypes.map(({ table, plural }) => [table, plural]));
  return (person) => {
    const own = found.filter(({ userId }) => person.rows.some((row) => row.id === userId));
    const sum = (kinds: readonly ActivityPlural[]): number =>
      own.reduce((total, { table, n }) => {
        const plural = plurals.get(table);
        return plural !== undefined && kinds.includes(plural) ? total + n : total;
      }, 0);
    return { messages: sum(messageKinds), votes: sum(['votes']) };
  };
};
