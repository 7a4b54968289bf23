import { owns, roleAt } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { atLeast } from '../../domain/role.ts';
import { mayViewUsers } from '../../domain/users/user-rules.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Background } from '../background.ts';
import type { OneUser } from '../commands.ts';
import { isFresh, secondsSince } from '../freshness.ts';
import { refreshLater } from '../person-sync/refresh-later.ts';
import { refreshPerson, type RefreshNeeds } from '../person-sync/refresh-person.ts';
import type { FoundUser, GetUserCommand } from './commands.ts';

/**
 * One user of the site, as the row has them; one who is stale is refreshed in the background. Faults: `user-not-found`; with
 * `refresh`, those of the OAuth server. One statement without refresh. Source: oauth-server.md §3 "The target".
 */
export const getUser = (
  ports: RefreshNeeds,
  background: Background,
): ((command: GetUserCommand) => Promise<FoundUser>) => {
  const later = refreshLater(ports, background);
  return async (command) => {
    const user = await foundUser(ports, command);
    if (user.person === null || !command.refresh || !mayRefresh(command, user)) {
      const found = freshness(ports, user, false);
      if (user.person !== null && found.cache === 'STALE') later(user.person, command.site.id);
      return found;
    }
    const outcome = await refreshPerson(ports)(user.person, command.site.id);
    return freshness(ports, await foundUser(ports, command), outcome === 'refreshed');
  };
};

/** The live row, if this actor may know that it exists. */
export const foundUser = async ({ users }: Pick<Ports, 'users'>, { actor, site, userId }: OneUser): Promise<User> => {
  const user = await users.find(site.id, userId);
  if (user === null || !mayViewUsers(actor, user, site))
    throw new Fault('user-not-found', {}, 'There is no such user at this site.');
  return user;
};

const mayRefresh = ({ actor, site }: GetUserCommand, user: User): boolean =>
  owns(actor, user) || atLeast(roleAt(actor, site.id), 'moderator');

const freshness = (ports: Pick<Ports, 'clock' | 'settings'>, user: User, fetched: boolean): FoundUser => {
  // Nor does it tell of a profile that is not shown.
  if (user.person === null || user.profileWithheld) return { user, cache: null, ageSeconds: null };
  const { fetchedAt } = user.person;
  const ageSeconds = fetchedAt === null ? null : Math.max(0, Math.floor(secondsSince(ports.clock, fetchedAt)));
  if (fetched) return { user, cache: 'MISS', ageSeconds };
  return { user, cache: isFresh(ports, fetchedAt) ? 'HIT' : 'STALE', ageSeconds };
};
