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
    const named = await users.find(site.id, userId);
    if (named !== null || personId === null) return named;
    // A token of another site: the same person may stand here, too.
    const rows = (await users.person(personId, 'plain'))?.rows ?? [];
    return rows.find((row) => row.siteId === site.id && isLive(row)) ?? null;
  };
