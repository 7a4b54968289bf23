import type { Actor } from '../actor.ts';
import { sameJson } from '../json.ts';
import type { Site } from '../sites/site.ts';
import { seesUsersOf } from './user-rules.ts';
import { isFieldAt, namingAt } from './user-visibility.ts';

/**
 * Whether an answer that was begun by one reading of a site may go on by another: nothing of what the site's config shows became less.
 * Of names and extraData any change ends it, as they are shown by the first reading.
 */
export const showsNoLess = (actor: Actor, before: Site, now: Site): boolean =>
  before === now ||
  ((seesUsersOf(actor, now) || !seesUsersOf(actor, before)) &&
    (now.config.votes.isViewable || !before.config.votes.isViewable) &&
    sameJson(valuesShown(before), valuesShown(now)));

const valuesShown = (site: Site): (string | boolean | null)[][] => [
  [namingAt(site.config), isFieldAt(site, 'nickName')],
  ...[...site.config.users.extraData].map(([key, { viewableBy }]) => [key, ...(viewableBy ?? [null])]).sort(),
];
