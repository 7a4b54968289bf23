import { byActivity } from '../../activity-types/index.ts';
import { namesAnywhere, mayHearOfPerson } from '../../domain/people/vouching.ts';
import type { Actor } from '../../domain/actor.ts';
import { noSuchUser } from '../../domain/refusals.ts';
import { mayViewUsers, mustBeAbleToActOn } from '../../domain/users/user-rules.ts';
import type { User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonRows } from '../../ports/user-store.ts';
import { actorNow } from '../actor-now.ts';
import { newOperation, receiptAddress, reportOperation } from '../audit/entries.ts';
import type { OneUser } from '../commands.ts';
import type { DeliverMessage } from '../outbox/deliver-message.ts';
import { awaitIdentityCleanup, enqueueIdentityCleanup, type IdentityCleanup } from '../outbox/identity-cleanup.ts';
import type { OauthOutcome } from '../outbox/deliver-message.ts';
import { isNobodyLeft, rowStatusOf, rowStatusForActor, type RowStatus } from '../row-status.ts';
import { anonymizeRows, forgetFacts } from './execute-plan.ts';
import type { DeleteRowsCommand, DeletedRows } from './commands.ts';
import { planRows, withOrphanedRows } from './plan.ts';
import { subjectsOf } from './planned-side-rows.ts';
import { anonymizedRows, recordOperation, removedCounts, type TouchedRow } from './record-operation.ts';
import { mustBeAbleToTakeAll } from './rights.ts';

type RemoveCommand = OneUser & Pick<DeleteRowsCommand, 'alongside'>;
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
  command: RemoveCommand,
  isChosen: (row: User) => boolean,
): Promise<DeletedRows> => {
  const { cleanup, operation, touchedRows, mayHear, ...done } = await ports.inOneTransaction(() =>
    removeInTransaction(ports, command, isChosen),
  );
  ports.metrics.did('delete');
  reportOperation(ports, operation, touchedRows);
  const oauth = await awaitIdentityCleanup(ports, deliver, cleanup);
  return { ...done, oauth: mayHear ? oauth : null };
};

/** Whose rows go, and which; the right to every one is settled. */
interface Going {
  readonly actor: Actor;
  readonly held: PersonRows;
  readonly rowStatus: RowStatus;
  /** As this actor may learn it. */
  readonly statusForActor: RowStatus;
  /** What is removed. */
  readonly chosen: readonly User[];
  /** What nobody sees, and is only anonymized, as nobody is left. */
  readonly along: readonly User[];
}

interface Removed extends Omit<DeletedRows, 'oauth'> {
  readonly cleanup: IdentityCleanup;
  readonly operation: string;
  /** How many rows it has in the audit. */
  readonly touchedRows: number;
  /** Whether the actor is told what comes of it at the OAuth server. */
  readonly mayHear: boolean;
}

const removeInTransaction = async (
  ports: Needs,
  command: RemoveCommand,
  isChosen: (row: User) => boolean,
): Promise<Removed> => {
  const going = await goingRows(ports, command, isChosen);
  const { actor, held, chosen, along, statusForActor } = going;
  const gone = [...chosen, ...along];
  const anonymized = along.length === 0 ? [] : await anonymizeAlong(ports, going);
  const deleted = await removeChosen(ports, going);
  await forgetFacts(ports, held, gone);
  await command.alongside?.();
  const operation = newOperation(ports);
  const cleanup = await enqueueIdentityCleanup(ports, held, gone, statusForActor, operation, 'claimed');
  await recordOperation(ports, operation, { call: 'delete', actor, cleanup }, [...deleted, ...anonymized]);
  return {
    cleanup,
    operation,
    touchedRows: gone.length,
    mayHear: mayHearOfPerson(actor, gone),
    users: chosen.length,
    removed: byActivity((type) => deleted.reduce((total, { counts }) => total + (counts[type.plural]?.remove ?? 0), 0)),
    receipt: receiptAddress(ports, operation),
  };
};

/** Locks the person, and says which rows go. Faults `user-not-found`, `forbidden`, `conflict` (fixed token). */
const goingRows = async (
  ports: Needs,
  { site, userId, actor: asked }: RemoveCommand,
  isChosen: (row: User) => boolean,
): Promise<Going> => {
  const held = await ports.users.personOf(site.id, userId, 'locked');
  const actor = await actorNow(ports, asked);
  const target = held?.rows.find((row) => row.id === userId);
  if (!held || !target || !mayViewUsers(actor, target, site)) throw noSuchUser();
  const chosen = held.rows.filter(isChosen);
  for (const row of chosen) mustBeAbleToActOn(actor, row);
  const rowStatus = await rowStatusOf(ports, held.rows);
  const statusForActor = rowStatusForActor(actor, chosen, rowStatus);
  const along = withOrphanedRows(held.rows, chosen, statusForActor).filter((row) => !chosen.includes(row));
  mustBeAbleToTakeAll(
    { actor, site },
    target,
    { selected: chosen, chosen: [...chosen, ...along], all: held.rows },
    rowStatus,
    ports.settings.fixedTokenUserIds,
  );
  return { actor, held, rowStatus, statusForActor, chosen, along };
};

/** Rows that go along are anonymized before the chosen ones are removed; answers what the audit says of them. */
const anonymizeAlong = async (ports: Needs, { held, along, statusForActor }: Going): Promise<readonly TouchedRow[]> => {
  const plan = await planRows(ports, { held, chosen: along, rowStatus: statusForActor, lockMode: 'locked' });
  await anonymizeRows(ports, plan);
  return anonymizedRows(plan);
};

/** Removes the chosen rows with all that hangs on them; answers what the audit says of each. */
const removeChosen = async (
  ports: Needs,
  { held, chosen, rowStatus, statusForActor }: Going,
): Promise<readonly TouchedRow[]> => {
  const plan = await planRows(ports, { held, chosen, rowStatus: statusForActor, lockMode: 'locked' });
  const nobodyLeft = isNobodyLeft(held.rows, chosen, statusForActor);
  const ids = chosen.map(({ id }) => id);
  await ports.sideTables.release(
    subjectsOf(chosen.map((user) => ({ user, anywhere: namesAnywhere(user, held.rows, nobodyLeft) }))),
  );
  await ports.activities.removeAllOf(ids);
  await ports.sessions.keepOfPersons(ids);
  await ports.users.remove(chosen);
  return chosen.map((user) => ({
    user,
    site: rowStatus.site(user.siteId),
    disposition: 'deleted',
    digest: null,
    counts: removedCounts(plan, user.id),
  }));
};

/**
 * Removes the row and all that the user contributed at this site, in one transaction; the person at the OAuth server too when it
 * was their last row. Faults: those of `removeRows`. Source: user-api.md §3 "Delete".
 */
export const deleteUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async (command: OneUser): Promise<OauthOutcome | null> =>
    (await removeRows(ports, deliver, command, (row) => row.id === command.userId)).oauth;
