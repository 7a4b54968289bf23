import { byActivity } from '../../activity-types/index.ts';
import { namesAnywhere, mayHearOfPerson } from '../../domain/people/vouching.ts';
import { Fault } from '../../domain/fault.ts';
import { mayViewUsers, mustBeAbleToActOn } from '../../domain/users/user-rules.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import { newOperation, receiptAddress, reportOperation } from '../audit/entries.ts';
import type { OneUser } from '../commands.ts';
import type { DeliverMessage } from '../outbox/deliver-message.ts';
import { awaitIdentityCleanup, enqueueIdentityCleanup } from '../outbox/identity-cleanup.ts';
import type { OauthOutcome } from '../outbox/deliver-message.ts';
import { rowStatusOf, rowStatusForActor } from '../row-status.ts';
import { anonymizeRows, forgetFacts } from './execute-plan.ts';
import type { DeleteRowsCommand, DeletedRows } from './commands.ts';
import { planRows, withOrphanedRows, type AnonymizationPlan } from './plan.ts';
import { subjectsOf } from './planned-side-rows.ts';
import { anonymizedRows, recordOperation, removedCounts } from './record-operation.ts';
import { mustBeAbleToTakeAll } from './rights.ts';

export type Needs = Pick<
  Ports,
  | 'users'
  | 'facts'
  | 'clients'
  | 'sessions'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'settings'
  | 'clock'
  | 'startDigest'
  | 'identity'
  | 'outbox'
  | 'audit'
  | 'secrets'
  | 'metrics'
  | 'log'
  | 'inOneTransaction'
>;

/**
 * Deletes all rows of the user's person at some sites, in one transaction: all or nothing. Faults: those of `removeRows`.
 * Source: management-api.md §2.
 */
export const deleteRows =
  (ports: Needs, deliver: DeliverMessage) =>
  (command: DeleteRowsCommand): Promise<DeletedRows> =>
    removeRows(ports, deliver, command, (row) => row.siteId !== null && command.siteIds.includes(row.siteId));

/**
 * Removes the chosen rows of a person with all that they contributed, in one transaction; the person at the OAuth server too when
 * nobody is left. The right is asked for every row, those that go along among them, before the first is touched. Faults:
 * `user-not-found`, `forbidden`, `conflict` (fixed token; `referred-to` by a table we do not know), `busy`.
 */
export const removeRows = async (
  ports: Needs,
  deliver: DeliverMessage,
  command: OneUser & Pick<DeleteRowsCommand, 'alongside'>,
  isChosen: (row: User) => boolean,
): Promise<DeletedRows> => {
  const { site, userId, alongside } = command;
  const {
    cleanup,
    operation: name,
    rows,
    mayHear,
    ...done
  } = await ports.inOneTransaction(async () => {
    const held = await ports.users.personOf(site.id, userId, 'locked');
    const actor = await actorNow(ports, command.actor);
    const user = held?.rows.find((row) => row.id === userId);
    if (!held || !user || !mayViewUsers(actor, user, site))
      throw new Fault('user-not-found', {}, 'There is no such user at this site.');
    const chosen = held.rows.filter(isChosen);
    for (const row of chosen) mustBeAbleToActOn(actor, row);
    const rowStatus = await rowStatusOf(ports, held.rows);
    const isGoing = (row: User): boolean => chosen.includes(row);
    const statusForActor = rowStatusForActor(actor, chosen, rowStatus);
    const unkept = withOrphanedRows(held.rows, chosen, statusForActor).filter((row) => !isGoing(row));
    mustBeAbleToTakeAll(
      { actor, site },
      user,
      { selected: chosen, chosen: [...chosen, ...unkept], all: held.rows },
      rowStatus,
      ports.settings.fixedTokenUserIds,
    );
    const planFor = (rows: readonly User[]): Promise<AnonymizationPlan> =>
      planRows(ports, null, held, rows, statusForActor, 'locked');
    const along = unkept.length === 0 ? null : await planFor(unkept);
    if (along !== null) await anonymizeRows(ports, along);
    const plan = await planFor(chosen);
    const touched = chosen.map((row) => ({
      user: row,
      site: rowStatus.site(row.siteId),
      disposition: 'deleted' as const,
      digest: null,
      counts: removedCounts(plan, row.id),
    }));
    const nobodyLeft = !held.rows.some((row) => !isGoing(row) && statusForActor.retainsPerson(row));
    const ids = chosen.map(({ id }) => id);
    await ports.sideTables.release(
      subjectsOf(chosen.map((user) => ({ user, anywhere: namesAnywhere(user, held.rows, nobodyLeft) }))),
    );
    await ports.activities.removeAllOf(ids);
    await ports.sessions.keepOfPersons(ids);
    await ports.users.remove(chosen);
    await forgetFacts(ports, held, [...chosen, ...unkept]);
    await alongside?.();
    const operation = newOperation(ports);
    const wish = await enqueueIdentityCleanup(
      ports,
      held,
      [...chosen, ...unkept],
      statusForActor,
      operation,
      'claimed',
    );
    await recordOperation(ports, operation, { call: 'delete', actor, cleanup: wish }, [
      ...touched,
      ...(along === null ? [] : anonymizedRows(along)),
    ]);
    const removed = byActivity((type) =>
      touched.reduce((total, { counts }) => total + (counts[type.plural]?.remove ?? 0), 0),
    );
    const receipt = receiptAddress(ports, operation);
    const mayHear = mayHearOfPerson(actor, [...chosen, ...unkept]);
    const rows = chosen.length + unkept.length;
    return { cleanup: wish, operation, mayHear, rows, users: chosen.length, removed, receipt };
  });
  ports.metrics.did('delete');
  reportOperation(ports, name, rows);
  const oauth = await awaitIdentityCleanup(ports, deliver, cleanup);
  return { ...done, oauth: mayHear ? oauth : null };
};

/**
 * Removes the row and all that the user contributed at this site, in one transaction; the person at the OAuth server too when it
 * was their last row. Faults: those of `removeRows`. Source: user-api.md §3 "Delete".
 */
export const deleteUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async (command: OneUser): Promise<OauthOutcome | null> =>
    (await removeRows(ports, deliver, command, (row) => row.id === command.userId)).oauth;
