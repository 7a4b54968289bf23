import { Fault } from '../domain/fault.ts';
import { mustBeAbleToActOn, mayViewUsers } from '../domain/user-rules.ts';
import type { Ports } from '../ports/index.ts';
import type { User } from '../domain/user.ts';
import { planRows, withWhatNobodyKeeps, type AnonymizationPlan } from './anonymization-plan.ts';
import { namedByFixedToken } from './anonymization-rights.ts';
import { anonymizeRows } from './anonymize-rows.ts';
import { anonymizedRows, newDeed, recordDeed, removedCounts } from './audit-deed.ts';
import type { OauthOutcome, OneUser } from './commands.ts';
import type { DeliverMessage } from './deliver-message.ts';
import { standingOf } from './living-rows.ts';
import { awaitParting, partFrom } from './parting.ts';
import { subjectsOf } from './planned-side-rows.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'sessions'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'settings'
  | 'clock'
  | 'startDigest'
  | 'outbox'
  | 'audit'
  | 'receipts'
  | 'tally'
  | 'inOneTransaction'
>;

/**
 * Removes the row and all that the user contributed at this site, in one transaction; the person at the OAuth server too when it
 * was their last row. Faults: `user-not-found`, `forbidden`, `conflict` (fixed token; `referred-to` by a table we do not know), `busy`. Source: user-api.md §3 "Delete".
 */
export const deleteUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async ({ actor, site, userId }: OneUser): Promise<OauthOutcome> => {
    const parting = await ports.inOneTransaction(async () => {
      const held = await ports.users.personOf(site.id, userId, 'locked');
      const user = held?.rows.find((row) => row.id === userId);
      if (!held || !user || !mayViewUsers(actor, user, site))
        throw new Fault('user-not-found', {}, 'There is no such user at this site.');
      mustBeAbleToActOn(actor, user);
      if (ports.settings.fixedTokenUserIds.includes(userId)) throw namedByFixedToken();
      const standing = await standingOf(ports, held.rows);
      const unkept = withWhatNobodyKeeps(held.rows, [user], standing).filter((row) => row.id !== userId);
      const planFor = (rows: readonly User[]): Promise<AnonymizationPlan> =>
        planRows(ports, { site, view: 'summary' }, held, rows, standing, 'locked');
      const along = unkept.length === 0 ? null : await planFor(unkept);
      if (along !== null) await anonymizeRows(ports, along);
      const counts = removedCounts(await planFor([user]), userId);
      const nobodyLeft = !held.rows.some((row) => row.id !== userId && standing.keepsAlive(row));
      await ports.sideTables.release(subjectsOf([user], nobodyLeft));
      await ports.activities.removeAllOf([userId]);
      await ports.users.remove([user]);
      const deed = newDeed(ports);
      const wish = await partFrom(ports, held, [user, ...unkept], standing, deed.name);
      await recordDeed(ports, deed, { call: 'delete', actor, parting: wish }, [
        { user, fate: 'deleted', digest: null, counts },
        ...(along === null ? [] : anonymizedRows(along)),
      ]);
      return wish;
    });
    ports.tally.did('delete');
    return awaitParting(ports, deliver, parting);
  };
