import { owns, roleAt, atLeast } from '../../domain/actor.ts';
import { isFault } from '../../domain/fault.ts';
import { noSuchUser } from '../../domain/refusals.ts';
import { mayViewUsers } from '../../domain/users/user-rules.ts';
import { mayView } from '../../domain/users/user-visibility.ts';
import type { User, Person } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow, type ActorNowNeeds } from '../actor-now.ts';
import type { Background } from '../background.ts';
import type { OneUser, StoredTextsCommand } from '../commands.ts';
import { isFresh, secondsSince, shortMemory } from '../freshness.ts';
import { refreshPerson, type RefreshNeeds } from '../person-sync/refresh-person.ts';
import type { FoundUser, GetUserCommand } from './commands.ts';

/**
 * One user of the site, as the row has them; one who is stale is refreshed in the background. Faults: `user-not-found`; with
 * `refresh`, those of the OAuth server, and `unauthenticated` for who counts no more once it has answered. One statement without refresh. Source: oauth-server.md §3 "The target".
 */
export const getUser = (
  ports: RefreshNeeds & ActorNowNeeds,
  background: Background,
): ((command: GetUserCommand) => Promise<FoundUser>) => {
  const later = refreshLater(ports, background);
  return async (command) => {
    const user = await foundUser(ports, command);
    if (user.person === null || !command.refresh || !mayRefresh(command, user)) {
      const found = freshness(ports, command, user, false);
      if (user.person !== null && found.cache === 'STALE') later(user.person, command.site.id);
      return found;
    }
    const outcome = await refreshPerson(ports)(user.person, command.site.id);
    const commandNow = { ...command, actor: await actorNow(ports, command.actor) };
    return freshness(ports, commandNow, await foundUser(ports, commandNow), outcome === 'refreshed');
  };
};

/** The live row, if this actor may know that it exists. */
export const foundUser = async ({ users }: Pick<Ports, 'users'>, { actor, site, userId }: OneUser): Promise<User> => {
  const user = await users.find(site.id, userId);
  if (user === null || !mayViewUsers(actor, user, site)) throw noSuchUser();
  return user;
};

/**
 * Which of these texts the row holds to the letter: sent back in a whole form, they change nothing, whatever rule they broke when
 * somebody else wrote them. Of a field that the actor may not see, and of a user who is not there, it says nothing.
 */
export const storedTexts =
  (ports: Pick<Ports, 'users' | 'clients'>) =>
  async ({ actor, site, userId, texts }: StoredTextsCommand): Promise<readonly string[]> => {
    const [now, user] = await Promise.all([actorNow(ports, actor), ports.users.find(site.id, userId)]);
    if (user === null || !mayViewUsers(now, user, site)) return [];
    return texts.flatMap(([field, text]) => (user[field] === text && mayView(now, field, user, site) ? [field] : []));
  };

/** The same, with all rows of the person: the row alone where it has none. */
export const foundPerson = async (
  { users }: Pick<Ports, 'users'>,
  { actor, site, userId }: OneUser,
): Promise<{ readonly user: User; readonly rows: readonly User[] }> => {
  const rows = (await users.personOf(site.id, userId, 'plain'))?.rows ?? [];
  const user = rows.find(({ id }) => id === userId);
  if (user === undefined || !mayViewUsers(actor, user, site)) throw noSuchUser();
  return { user, rows };
};

const mayRefresh = ({ actor, site }: GetUserCommand, user: User): boolean =>
  owns(actor, user) || atLeast(roleAt(actor, site.id), 'moderator');

const freshness = (
  ports: Pick<Ports, 'clock' | 'settings'>,
  { actor }: GetUserCommand,
  user: User,
  fetched: boolean,
): FoundUser => {
  // A withheld profile shows no freshness.
  if (user.person === null || user.profileWithheld) return { actor, user, cache: null, ageSeconds: null };
  const { fetchedAt } = user.person;
  const ageSeconds = fetchedAt === null ? null : Math.max(0, Math.floor(secondsSince(ports.clock, fetchedAt)));
  if (fetched) return { actor, user, cache: 'MISS', ageSeconds };
  return { actor, user, cache: isFresh(ports, fetchedAt) ? 'HIT' : 'STALE', ageSeconds };
};

/** Begins to refresh a person and does not wait for it. */
type RefreshLater = (person: Person, siteId: number) => void;

/** Beyond it nobody is noted down: who is still stale will be asked for again. */
const maxAtOnce = 8;
const pauseMs = 10_000;

/**
 * Refreshes whoever was looked at while stale: once however many look, a few at a time, and not again at once where it failed.
 * Source: oauth-server.md §3 "The target".
 */
const refreshLater = (ports: RefreshNeeds, background: Background): RefreshLater => {
  const refresh = refreshPerson(ports);
  const running = new Set<number>();
  const inVain = shortMemory<true>(ports.clock);
  const attempt = async (person: Person, siteId: number): Promise<void> => {
    try {
      const outcome = await refresh(person, siteId, 'if-stale');
      if (outcome !== 'refreshed') inVain.keep(String(person.id), true, ports.settings.freshSeconds * 1000);
    } catch (error) {
      inVain.keep(String(person.id), true, pauseMs);
      // The OAuth server's trouble is told where it was met; whoever looked has their answer.
      if (!isFault(error)) throw error;
    } finally {
      running.delete(person.id);
    }
  };
  return (person, siteId) => {
    if (person.state !== 'active' || running.size >= maxAtOnce || running.has(person.id)) return;
    if (inVain.find(String(person.id)) !== null) return;
    running.add(person.id);
    background.watch(attempt(person, siteId));
  };
};
