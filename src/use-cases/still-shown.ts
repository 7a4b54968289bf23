import type { Actor } from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import { sameJson } from '../domain/json.ts';
import type { Site } from '../domain/sites/site.ts';
import { seesUsersOf } from '../domain/users/user-rules.ts';
import { isFieldAt, namingAt } from '../domain/users/user-visibility.ts';
import type { Ports } from '../ports/index.ts';
import { mustStillCount, type ActorNowNeeds } from './actor-now.ts';

type Needs = ActorNowNeeds & Pick<Ports, 'sites'>;

/**
 * Before an answer goes on that its reader takes in pieces: the actor still counts at these sites, and they still show what they showed
 * when it began, to visitors, too. Answers who the actor is now. One statement at most; none for visitors. Faults of `mustStillCount`; `busy` where a site shows less.
 */
export const mustStillCountAndBeShown = async (ports: Needs, actor: Actor, sites: readonly Site[]): Promise<Actor> => {
  const now = await mustStillCount(
    ports,
    actor,
    sites.map(({ id }) => id),
  );
  await mustStillBeShownBySites(ports, actor, sites);
  return now;
};

/**
 * The same of the sites alone, without asking whether the actor still counts: for what has not waited since that was asked. They are those
 * of the cache, as for every call that begins now: usually no statement. Fault `busy`.
 */
export const mustStillBeShownBySites = async (
  { sites }: Pick<Ports, 'sites'>,
  actor: Actor,
  before: readonly Site[],
): Promise<void> => {
  for (const site of before) {
    const now = await sites.byId(site.id);
    if (now === null || !showsNoLess(actor, site, now))
      throw new Fault('busy', { retryAfterSeconds: 1 }, 'What this site shows was changed meanwhile: ask again.');
  }
};

/**
 * Whether an answer that was begun by one reading of a site may go on by another: nothing of what the site's config shows became less.
 * Of names and extraData any change ends it, as they are shown by the first reading.
 */
const showsNoLess = (actor: Actor, before: Site, now: Site): boolean =>
  before === now ||
  ((seesUsersOf(actor, now) || !seesUsersOf(actor, before)) &&
    (now.config.votes.isViewable || !before.config.votes.isViewable) &&
    sameJson(valuesShown(before), valuesShown(now)));

const valuesShown = (site: Site): (string | boolean | null)[][] => [
  [namingAt(site.config), isFieldAt(site, 'nickName')],
  ...[...site.config.users.extraData].map(([key, { viewableBy }]) => [key, ...(viewableBy ?? [null])]).sort(),
];
