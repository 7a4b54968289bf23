import { roleAt, type Actor, isUserRole, lower } from '../../domain/actor.ts';
import { isLive, type User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { FoundMe, GetMeCommand } from './commands.ts';

/**
 * The actor's own row at this site, the one that their token names before others; without a site the row that the token names,
 * wherever it is. Null for visitors, and for who has none here. The role is the one that counts now, which may be lower than the
 * row's: OpenStad's panel admits whom this calls an admin. Source: oauth-server.md §4, user-api.md §5.
 */
export const getMe =
  ({ users, sites }: Pick<Ports, 'users' | 'sites'>) =>
  async ({ actor, site }: GetMeCommand): Promise<FoundMe | null> => {
    const siteId = site?.id ?? (await ownSiteId(users, actor));
    const user = siteId === null ? null : await ownRow(users, actor, siteId);
    if (user === null) return null;
    return { user: { ...user, role: countingRole(actor, user) }, site: site ?? (await sites.byId(user.siteId ?? 0)) };
  };

const ownRow = async (users: Ports['users'], actor: Actor, siteId: number): Promise<User | null> => {
  const { userId, personId, roleBySite } = actor;
  if (userId === null || !roleBySite.has(siteId)) return null;
  const named = await users.find(siteId, userId);
  if (named !== null || personId === null) return named;
  // A token of another site: the same person may stand here, too.
  const rows = (await users.person(personId, 'plain'))?.rows ?? [];
  return rows.find((row) => row.siteId === siteId && isLive(row)) ?? null;
};

const ownSiteId = async (users: Ports['users'], { userId }: Actor): Promise<number | null> => {
  if (userId === null) return null;
  const { rows } = await users.actorRows(userId, null);
  return rows.find(({ id }) => id === userId)?.siteId ?? null;
};

/** Lower than the row's where it is not confirmed, or where the token is another site's. */
const countingRole = (actor: Actor, { siteId, role }: User): User['role'] => {
  const counting = lower(roleAt(actor, siteId), role);
  return actor.reach.kind !== 'everywhere' && isUserRole(counting) ? counting : role;
};
