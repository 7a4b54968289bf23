import type { Actor } from '../domain/actor.ts';
import type { Ports } from '../ports/index.ts';
import type { ActorQuestion } from './commands.ts';

/** Who a verified token speaks for; null when the user is gone, soft-deleted or anonymized, or the session has ended. One statement. Source: user-api.md §1. */
export const actorOf =
  ({ users }: Pick<Ports, 'users'>) =>
  async ({ userId, jti, provider, everywhere }: ActorQuestion): Promise<Actor | null> => {
    const { rows, session } = await users.actorRows(userId, jti ?? null);
    const own = rows.find((row) => row.id === userId);
    if (own?.anonymizedAt !== null || (jti !== undefined && session === null)) return null;
    // The token's own row speaks for its site; where an old database has several rows elsewhere, the oldest does.
    const inOrder = [own, ...rows.filter((row) => row.id !== userId).sort((one, other) => one.id - other.id)];
    const roleBySite = new Map(
      inOrder.reverse().flatMap((row) => (row.siteId === null ? [] : [[row.siteId, row.role] as const])),
    );
    return {
      userId,
      personId: own.personId,
      roleBySite,
      roleEverywhere: everywhere ? own.role : null,
      provider,
      jti: jti ?? null,
    };
  };
