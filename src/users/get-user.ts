import { owns, roleAt } from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import { atLeast } from '../domain/role.ts';
import { mayViewUsers } from '../domain/user-rules.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/index.ts';
import type { FoundUser, GetUserCommand, OneUser } from './commands.ts';
import { refreshPerson } from './refresh-person.ts';

type Needs = Parameters<typeof refreshPerson>[0];

/** One user of the site. Faults: `user-not-found`; with `refresh`, those of the OAuth server. One statement without refresh. */
export const getUser =
  (ports: Needs) =>
  async (command: GetUserCommand): Promise<FoundUser> => {
    const user = await foundUser(ports, command);
    if (!command.refresh || user.person === null || !mayRefresh(command, user)) return freshness(ports, user, false);
    const outcome = await refreshPerson(ports)(user.person, command.site.id);
    return freshness(ports, await foundUser(ports, command), outcome === 'refreshed');
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

const freshness = ({ clock, settings }: Pick<Ports, 'clock' | 'settings'>, user: User, fetched: boolean): FoundUser => {
  if (user.person === null) return { user, cache: null, ageSeconds: null };
  const { fetchedAt } = user.person;
  const ageSeconds =
    fetchedAt === null ? null : Math.max(0, Math.floor((clock.now().getTime() - fetchedAt.getTime()) / 1000));
  if (fetched) return { user, cache: 'MISS', ageSeconds };
  return { user, cache: ageSeconds !== null && ageSeconds <= settings.freshSeconds ? 'HIT' : 'STALE', ageSeconds };
};
