import { byActivity } from '../../activity-types/index.ts';
import { isFault } from '../../domain/fault.ts';
import type { Ports } from '../../ports/index.ts';
import type { DeletedRows, DeleteRowsCommand } from '../anonymization/commands.ts';
import type { DeletedPerson, OnePerson } from './commands.ts';
import { findPerson, isGone, markGone, mayStillManage, noSuchPerson } from './find-person.ts';

type Needs = Pick<Ports, 'clients' | 'persons' | 'users' | 'sites'>;

/**
 * Deletes all rows of the person at the client's sites with what they contributed, by the use case of delete, in one transaction.
 * Again: done, with zero counts, while the tombstone lives. Faults: `user-not-found`, and those of the use case. Source: management-api.md §2.
 */
export const deletePerson =
  (ports: Needs, deleteRows: (command: DeleteRowsCommand) => Promise<DeletedRows>) =>
  (command: OnePerson): Promise<DeletedPerson> => {
    const attempt = async (mayRepeat: boolean): Promise<DeletedPerson> => {
      const found = await findPerson(ports, command);
      if (found === null) return again(ports, command);
      const { actor } = command;
      try {
        return await deleteRows({
          actor,
          site: found.site,
          userId: found.rows[0].id,
          siteIds: actor.client.siteIds,
          alongside: () => markGone(ports, command),
        });
      } catch (error) {
        // Somebody else was there first: what they left is looked at anew, once.
        if (mayRepeat && isFault(error, 'user-not-found')) return attempt(false);
        throw error;
      }
    };
    return attempt(true);
  };

const again = async (ports: Needs, command: OnePerson): Promise<DeletedPerson> => {
  await mayStillManage(ports, command.actor);
  if (!(await isGone(ports, command))) throw noSuchPerson();
  return { users: 0, removed: byActivity(() => 0), oauth: { removal: 'none', values: 'none' }, receipt: null };
};
