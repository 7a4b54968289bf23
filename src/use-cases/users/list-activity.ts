import type { ActivityType } from '../../activity-types/definition.ts';
import { activityTypes } from '../../activity-types/index.ts';
import { owns, roleAt, atLeast, isRole } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { mayViewUsers } from '../../domain/users/user-rules.ts';
import { isLive, type User } from '../../domain/users/user.ts';
import type { Contribution } from '../../ports/activity-store.ts';
import type { Ports } from '../../ports/index.ts';
import { oauthClients } from '../oauth-clients.ts';
import type { ActivityItem, ListActivityCommand, ListedActivity } from './commands.ts';

type Needs = Pick<Ports, 'users' | 'activities' | 'sites' | 'settings'>;
interface RowAtSite {
  readonly user: User;
  readonly site: Site;
  /** The owner, or a moderator at this site: sees everything there. */
  readonly seesAll: boolean;
}

/**
 * What a person contributed. The owner sees everything; a moderator of this site everything at the sites where they are one; anybody
 * else this site only, and there what its ideas' `viewableByRole` and `votes.isViewable` allow. At most six statements.
 * Source: user-api.md §3 "Activity".
 */
export const listActivity =
  (ports: Needs) =>
  async (command: ListActivityCommand): Promise<ListedActivity> => {
    const rows = await rowsInView(ports, command);
    const authors = new Map(rows.map((row) => [row.user.id, row]));
    const asked = activityTypes.filter((type) => command.kinds.has(type.plural));
    const kinds = await Promise.all(
      asked.map(async (type) => {
        const found = await ports.activities.contributions(type, [...authors.keys()]);
        return [type.plural, found.flatMap((one) => itemInView(command, type, one, authors))] as const;
      }),
    );
    return { sites: [...new Map(rows.map(({ site }) => [site.id, site])).values()], kinds: Object.fromEntries(kinds) };
  };

const rowsInView = async (
  ports: Needs,
  { actor, site, userId, includeOtherSites }: ListActivityCommand,
): Promise<readonly RowAtSite[]> => {
  const held = await ports.users.personOf(site.id, userId, 'plain');
  const target = held?.rows.find((row) => row.id === userId);
  if (!held || !target || !mayViewUsers(actor, target, site))
    throw new Fault('user-not-found', {}, 'There is no such user at this site.');
  const { site: siteOf } = await oauthClients(ports);
  const isModeratorAt = (siteId: number): boolean => atLeast(roleAt(actor, siteId), 'moderator');
  // Which row of somebody else's site is which of one's own is nothing that a right at one's own tells.
  const seesAllAt = (siteId: number): boolean =>
    owns(actor, target) || (isModeratorAt(site.id) && isModeratorAt(siteId));
  return held.rows
    .filter((user) => isLive(user) && (user.siteId === site.id || includeOtherSites))
    .flatMap((user) => {
      const its = siteOf(user.siteId);
      return its === null ? [] : [{ user, site: its, seesAll: seesAllAt(its.id) }];
    })
    .filter((row) => row.seesAll || row.site.id === site.id);
};

const itemInView = (
  { actor, site }: ListActivityCommand,
  type: ActivityType,
  { row, idea }: Contribution,
  authors: ReadonlyMap<number, RowAtSite>,
): readonly ActivityItem[] => {
  const author = authors.get(row.userId);
  if (author === undefined) return [];
  const item = { row, idea, site: author.site };
  if (author.seesAll) return [item];
  const standsUnder = type.belongsTo === 'idea' ? idea : row;
  // A vote on an idea that is gone, or hidden from this actor, would tell of the idea.
  if (standsUnder === null || !type.isPublic(site.config.votes.isViewable)) return [];
  const needed = standsUnder.viewableByRole ?? 'all';
  return isRole(needed) && atLeast(roleAt(actor, site.id), needed) ? [item] : [];
};
