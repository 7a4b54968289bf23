import { isOpenTo } from '../../activity-types/definition.ts';
import { activityTypes, type ActivityPlural } from '../../activity-types/index.ts';
import { owns, roleAt, type Actor, atLeast } from '../../domain/actor.ts';
import { mayHearOfPerson } from '../../domain/people/vouching.ts';
import { noSuchUser } from '../../domain/refusals.ts';
import type { Site } from '../../domain/sites/site.ts';
import { mayViewUsers } from '../../domain/users/user-rules.ts';
import { isLive, type User } from '../../domain/users/user.ts';
import type { Contribution, ContributionSize } from '../../ports/activity-store.ts';
import type { Ports } from '../../ports/index.ts';
import type { ActorNowNeeds } from '../actor-now.ts';
import { oauthClients } from '../oauth-clients.ts';
import { atOnce } from '../commands.ts';
import type { ActivityItem, ListActivityCommand, ListedActivity } from './commands.ts';
import { mustStillCountAndBeShown } from '../still-shown.ts';

type Needs = Pick<Ports, 'users' | 'activities' | 'sites' | 'settings'> & ActorNowNeeds;
/** Without the row itself, which can be large and would be held as long as the answer is read. */
interface Author {
  readonly userId: number;
  readonly site: Site;
  /** The owner, or a moderator at this site: sees everything there. */
  readonly seesAll: boolean;
  readonly isOwn: boolean;
}

/**
 * What is little is read in one go: so many contributions of all kinds, and so many bytes of text. To find that out, no more is read of
 * each kind.
 */
const little = { count: 300, bytes: 64_000 };
/** Of what is more, the order is found by going through all of it, by few at a time and for so long at most … */
const maxSeconds = 15;
/** … and so much is held at a time: what reading it takes is a piece of work that nothing can cut in two. */
const slice = { count: 200, bytes: 256_000 };

/**
 * What a person contributed. The owner sees everything; a moderator of this site everything at the sites where they are one; anybody
 * else this site only, and there what its ideas' `viewableByRole` and `votes.isViewable` allow. At most six statements, and one for who waited, unless it is much:
 * then its order is read, and the rest slice by slice as it is asked for, of an actor who still counts at sites that still show it. Faults:
 * `user-not-found`, those of `inTurn`, `busy`; `unauthenticated` in the middle. Source: user-api.md §3 "Activity".
 */
export const listActivity =
  (ports: Needs) =>
  async (command: ListActivityCommand): Promise<ListedActivity> => {
    const rows = await rowsInView(ports, command);
    const sites = [...new Map(rows.map(({ site }) => [site.id, site])).values()];
    const seen = { command, authors: new Map(rows.map((row) => [row.userId, row])) };
    const asked = activityTypes.filter((type) => command.kinds.has(type.plural));
    const { inTurn = atOnce } = command;
    // What turned out to be more was read as far as that: its turn lasts longer, so that others go on.
    const read = async (hasWaited = false) =>
      wholeActivity(ports.activities, asked, hasWaited ? await stillSeen(ports, seen) : seen);
    const whole = await inTurn(read, { isCheap: true, isLarge: (found) => found === null });
    const listed = { sites, asked: asked.map(({ plural }) => plural), isMuch: whole === null };
    if (whole !== null) return { ...listed, inOrder: () => Promise.resolve((of) => [picked(whole, of)]) };
    return {
      ...listed,
      inOrder: async () => {
        const ordered = await inTurn(() => ports.activities.inOrder(asked, [...seen.authors.keys()], maxSeconds));
        return (of) => slicesOf(ports, picked(ordered, of), seen);
      },
    };
  };

const picked = <T extends { readonly type: Type }>(all: readonly T[], of: ActivityPlural | 'all'): readonly T[] =>
  of === 'all' ? all : all.filter(({ type }) => type.plural === of);

type Type = (typeof activityTypes)[number];
interface Seen {
  readonly command: ListActivityCommand;
  readonly authors: ReadonlyMap<number, Author>;
}

/** All as one list, newest first, kinds and then ids deciding; null where it is more than a little. */
const wholeActivity = async (
  activities: Needs['activities'],
  asked: readonly Type[],
  seen: Seen,
): Promise<readonly ActivityItem[] | null> => {
  const bounds = { limit: little.count + 1, bytes: little.bytes };
  const found = await Promise.all(
    asked.map(async (type) => ({ type, all: await activities.contributions(type, [...seen.authors.keys()], bounds) })),
  );
  const sizes = found.flatMap(({ all }) => all.map(({ bytes }) => bytes));
  const bytes = sizes.reduce((sum, one) => sum + one, 0);
  if (sizes.length > little.count || bytes > little.bytes) return null;
  return found
    .flatMap(({ type, all }) => all.flatMap(({ one }) => itemInView(seen, type, one)))
    .sort((one, other) => other.row.createdAt.getTime() - one.row.createdAt.getTime());
};

/** In this order, and each as it is when it is read: what has gone meanwhile is left out, what was hidden, too. */
async function* slicesOf(
  ports: Pick<Needs, 'activities' | 'sites'> & ActorNowNeeds,
  ordered: readonly ContributionSize<Type>[],
  seen: Seen,
): AsyncGenerator<readonly ActivityItem[]> {
  const { inTurn = atOnce } = seen.command;
  const read = async (some: readonly ContributionSize<Type>[]): Promise<readonly ActivityItem[]> => {
    const seenNow = await stillSeen(ports, seen);
    const types = [...new Set(some.map(({ type }) => type))];
    const byType = new Map(
      await Promise.all(
        types.map(async (type) => {
          const ids = some.flatMap((one) => (one.type === type ? [one.id] : []));
          const found = await ports.activities.contributionsOf(type, ids);
          return [type, new Map(found.map((one) => [one.row.id, one]))] as const;
        }),
      ),
    );
    return some.flatMap(({ type, id }) => {
      const one = byType.get(type)?.get(id);
      return one === undefined ? [] : itemInView(seenNow, type, one);
    });
  };
  for (const some of cut(ordered)) {
    const items = await inTurn(() => read(some), { isCheap: true, patient: true, isLarge: () => true });
    if (items.length > 0) yield items;
  }
}

/** What still is in view for who waited. Faults: of `mustStillCountAndBeShown`; `user-not-found`. */
const stillSeen = async (ports: Pick<Needs, 'sites'> & ActorNowNeeds, seen: Seen): Promise<Seen> => {
  const { actor, site } = seen.command;
  // What is one's own is shown by no role, and by whatever a site says.
  const others = [...seen.authors.values()].flatMap((row) => (row.isOwn ? [] : [site, row.site]));
  const sites = [...new Map(others.map((one) => [one.id, one])).values()];
  return ofWhoStillOwns(seen, await mustStillCountAndBeShown(ports, actor, sites));
};

/** Without rows that are the actor's own no more: removed or anonymized meanwhile, perhaps at a site far from this. */
const ofWhoStillOwns = ({ command, authors }: Seen, { rowIds }: Actor): Seen => {
  const left = [...authors].filter(([id, { isOwn }]) => !isOwn || rowIds.includes(id));
  if (authors.has(command.userId) && !left.some(([id]) => id === command.userId)) throw noSuchUser();
  return { command, authors: new Map(left) };
};

function* cut(ordered: readonly ContributionSize<Type>[]): Generator<readonly ContributionSize<Type>[]> {
  for (let from = 0, to = 0; from < ordered.length; from = to) {
    for (let bytes = 0; to < ordered.length && to - from < slice.count; to += 1) {
      bytes += ordered[to]?.bytes ?? 0;
      // One that is larger than a slice is a slice of its own.
      if (bytes > slice.bytes && to > from) break;
    }
    yield ordered.slice(from, to);
  }
}

const rowsInView = async (
  ports: Needs,
  { actor, site, userId, includeOtherSites }: ListActivityCommand,
): Promise<readonly Author[]> => {
  const held = await ports.users.personOf(site.id, userId, 'plain');
  const target = held?.rows.find((row) => row.id === userId);
  if (!held || !target || !mayViewUsers(actor, target, site)) throw noSuchUser();
  const { site: siteOf } = await oauthClients(ports);
  const isOwn = owns(actor, target);
  const isModeratorAt = (siteId: number): boolean => atLeast(roleAt(actor, siteId), 'moderator');
  // Which row of somebody else's site is which of one's own is nothing that a right at one's own tells.
  const seesAllAt = (siteId: number): boolean => isOwn || (isModeratorAt(site.id) && isModeratorAt(siteId));
  // Nor is whose a row is that was added by address, nor who is at a site that hides its people from this role.
  const isJoined = (user: User, its: Site): boolean =>
    user.id === target.id || (mayHearOfPerson(actor, [target, user]) && mayViewUsers(actor, user, its));
  return held.rows
    .filter((user) => isLive(user) && (user.siteId === site.id || includeOtherSites))
    .flatMap((user) => {
      const its = siteOf(user.siteId);
      if (its === null || !isJoined(user, its)) return [];
      return [{ userId: user.id, site: its, isOwn, seesAll: seesAllAt(its.id) }];
    })
    .filter((row) => row.seesAll || row.site.id === site.id);
};

const itemInView = (
  { command: { actor, site }, authors }: Seen,
  type: Type,
  { row, idea }: Contribution,
): readonly ActivityItem[] => {
  const author = authors.get(row.userId);
  if (author === undefined) return [];
  const item = { type, row, idea, site: author.site };
  if (author.seesAll) return [item];
  const isOpen = isOpenTo(roleAt(actor, site.id), type, { votesAreViewable: site.config.votes.isViewable, idea });
  return isOpen ? [item] : [];
};
