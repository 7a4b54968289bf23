import { isLive, type User } from '../domain/user.ts';
import type { Ports } from '../ports/index.ts';
import type { AtSite } from './commands.ts';

/**
 * The actor's own row at this site, the one that their token names before others; null for visitors, and for who has none here.
 * Source: oauth-server.md §4.
 */
export const getMe =
  ({ users }: Pick<Ports, 'users'>) =>
  async ({ actor: { userId, personId, roleBySite }, site }: AtSite): Promise<User | null> => {
    if (userId === null || !roleBySite.has(site.id)) return null;
    if (personId === null) return users.find(site.id, userId);
    const rows = (await users.person(personId, 'plain'))?.rows ?? [];
    const here = rows.filter((row) => row.siteId === site.id && isLive(row));
    return here.find((row) => row.id === userId) ?? here[0] ?? null;
  };
