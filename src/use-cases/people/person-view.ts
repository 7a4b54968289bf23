import type { ActivityType } from '../../activity-types/definition.ts';
import { activityTypes } from '../../activity-types/index.ts';
import type { Json } from '../../domain/json.ts';
import { levelOf, type Level } from '../../domain/people/person-facts.ts';
import { displayName, fullName, mayView, mayViewKey } from '../../domain/users/user-visibility.ts';
import type { UserField } from '../../domain/users/user-fields.ts';
import { visitor, includes, type Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/sites/site.ts';
import { areLarge, areMany, type User } from '../../domain/users/user.ts';
import type { PersonAtSites } from '../../ports/people.ts';
import type { Ports } from '../../ports/index.ts';
import type { ClientActor } from '../clients/commands.ts';
import type { PersonView } from './commands.ts';

/**
 * A person as one entry, however many sites: of each value the first that one of their rows has and this sight may see.
 * Source: management-api.md §2, user-api.md §2.
 */
export const personView = (
  { rows, facts }: PersonAtSites,
  { messages, votes }: Contributed,
  { viewer, asClient, withDetails, sites }: ManagementSight,
  levels: readonly Level[],
): PersonView => {
  const [first] = rows;
  const key = (name: string): Json =>
    firstOf(rows, (row) => {
      const site = sites.get(row.siteId ?? 0);
      const isSeen = site !== undefined && mayViewKey(viewer, name, row, site);
      return isSeen ? (row.extraData[name] ?? null) : null;
    });
  const field = (name: Extract<UserField, 'email' | 'city'>): string | null =>
    firstOf(rows, (row) => (mayView(viewer, name, row, sites.get(row.siteId ?? 0) ?? null) ? row[name] : null));
  const shown = firstOf(rows, (row) => {
    const site = sites.get(row.siteId ?? 0);
    return site === undefined ? null : displayName(row, site.config);
  });
  const name = asClient ? (firstOf(rows, fullName) ?? shown) : shown;
  return {
    id: first.id,
    ...(asClient ? { uid: first.person?.externalId ?? null } : {}),
    imageUrl: manualText(key('image_url')),
    fullName: name,
    level: levelOf(facts.points, levels),
    slug: slugOf(name, first.id),
    description: manualText(key('bio')),
    createdAt: rows.reduce((earliest, { createdAt }) => (createdAt < earliest ? createdAt : earliest), first.createdAt),
    ...facts,
    messages,
    votes,
    ...(withDetails
      ? {
          details: {
            email: field('email'),
            age: manualNumber(key('age')),
            city: field('city'),
            occupation: manualText(key('occupation')),
            interests: manualText(key('interests')),
          },
        }
      : {}),
  };
};

const firstOf = <R, T>(rows: readonly R[], read: (row: R) => T | null): T | null =>
  rows.reduce<T | null>((found, row) => found ?? read(row), null);

/** As the manual shows it: `nature,economy` for a list. */
const manualText = (value: Json): string | null => {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number') return String(value);
  if (!Array.isArray(value)) return null;
  const words = (value as readonly Json[]).filter((word) => typeof word === 'string' || typeof word === 'number');
  return words.length === 0 ? null : words.join(',');
};

const manualNumber = (value: Json): number | null => {
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
};

/**
 * A name for addresses: `Jean Dupont`, 21 → `jean-dupont-21`. The id makes it unique and keeps it so without a table of its own; it follows
 * the name, and with the name it goes. Source: management-api.md §2, docs/adr/0012.
 */
const slugOf = (name: string | null, id: number): string => {
  const words = (name ?? '')
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80);
  return words === '' ? String(id) : `${words}-${id}`;
};

/** With whose eyes a client of the management API looks: as a visitor, unless its token says that it may manage people. Source: management-api.md §2. */
export interface ManagementSight {
  readonly viewer: Actor;
  readonly asClient: boolean;
  readonly withDetails: boolean;
  /** The client's sites that are still there; of these, those that are meant. */
  readonly sites: ReadonlyMap<number, Site>;
  /** All of them that are still there. */
  readonly clientSiteIds: readonly number[];
}

/** No statement while the sites are known. */
export const managementSightOf = async (
  { sites }: Pick<Ports, 'sites'>,
  actor: ClientActor,
  isMeant: (site: Site) => boolean = () => true,
): Promise<ManagementSight> => {
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

interface Contributed {
  readonly messages: number;
  readonly votes: number;
}

/** Whether it was much to read these people: their sites may have filled their rows, and what they contributed was counted. */
export const wereMuch = (people: readonly PersonAtSites[], views: readonly PersonView[]): boolean =>
  areMany(views.reduce((sum, { messages, votes }) => sum + messages + votes, 0)) ||
  areLarge(people.flatMap(({ rows }) => rows));

/** How much each of some people contributed at their rows' sites, as far as this sight reaches; one statement. By the id of their first row. */
export const contributedBy = async (
  { activities }: Pick<Ports, 'activities'>,
  { asClient, sites }: Pick<ManagementSight, 'asClient' | 'sites'>,
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
  const kinds = new Map(activityTypes.map(({ table, countsAs }) => [table, countsAs] as const));
  return (person) => {
    const own = found.filter(({ userId }) => person.rows.some((row) => row.id === userId));
    const sum = (kind: ActivityType['countsAs']): number =>
      own.reduce((total, { table, n }) => (kinds.get(table) === kind ? total + n : total), 0);
    return { messages: sum('message'), votes: sum('vote') };
  };
};
