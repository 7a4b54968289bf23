import { mayViewUsers } from '../../domain/users/user-rules.ts';
import { mayView } from '../../domain/users/user-visibility.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import type { StoredTextsCommand } from '../commands.ts';

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
