import type { Person, User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Added, AddedAs, Message, Messages } from '../../ports/outbox.ts';
import type { PersonRows } from '../../ports/user-store.ts';
import type { OutcomeCall } from '../../ports/audit.ts';
import { oauthClients } from '../oauth-clients.ts';
import { removalKey, whomOf, withdrawalKey } from '../person-keys.ts';
import { isNobodyLeft, remainingRows, rowStatusOf, type RowStatus } from '../row-status.ts';
import { isGenuine } from '../audit/entries.ts';
import type { DeliverMessage, OauthOutcome, RemovalOutcome, ValuesOutcome } from './deliver-message.ts';

/** What the OAuth server has to hear after rows of a person went: nothing, to remove the person, or to withdraw some sites' values. */
export type IdentityCleanup =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'remove' | 'withdraw';
      readonly personId: number;
      readonly siteIds: readonly number[];
      /** The wish, where this call delivers it; null where it was merged into one that was waiting, or is delivered by others. */
      readonly claimed: Message | null;
    };

/**
 * Writes the wish, in the transaction in which the rows go. The person is to be removed when no live row is left; else their
 * values for the sites they left are withdrawn. `operation` is told of the outcome. Source: anonymization.md §2 and §3.
 */
export const enqueueIdentityCleanup = async (
  ports: Pick<Ports, 'outbox' | 'sites' | 'settings' | 'secrets' | 'clock'>,
  { person, rows }: PersonRows,
  gone: readonly User[],
  rowStatus: RowStatus,
  operation: string,
  addedAs: AddedAs,
): Promise<IdentityCleanup> => {
  if (person === null || gone.length === 0) return { kind: 'nothing' };
  const staying = remainingRows(rows, gone, rowStatus);
  const siteIds = sitesLeft(gone, staying);
  const wish = { personId: person.id, siteIds, operations: [operation], ...writtenAbout(ports, person) };
  if (staying.length > 0) return withdraw(ports.outbox, wish, addedAs);
  const clients = await oauthClients(ports);
  const key = removalKey(person.id);
  const payload = { ...wish, clients: clients.clientIds(gone, person.issuer) };
  // A removal may be waiting already, if a row came and went again: what it knew must not get lost.
  const added = await ports.outbox.addMerged(
    { topic: 'person.remove', key, payload },
    (earlier) => ({
      ...payload,
      siteIds: union(earlier.siteIds, payload.siteIds),
      clients: union(earlier.clients, payload.clients),
      operations: union(earlier.operations, payload.operations),
    }),
    addedAs,
  );
  return { kind: 'remove', personId: person.id, siteIds: added.payload.siteIds, claimed: added.claimed };
};

/**
 * The wish to withdraw only: of a person whose last row was anonymized by another program, whom nobody removes but by an operator's word. The
 * person row stays, so that they can be found.
 */
export const withdrawOnly = async (
  ports: Pick<Ports, 'outbox' | 'secrets' | 'clock'>,
  { person }: PersonRows,
  gone: readonly User[],
  operation: string,
): Promise<IdentityCleanup> => {
  const siteIds = sitesLeft(gone, []);
  if (person === null || siteIds.length === 0) return { kind: 'nothing' };
  const wish = { personId: person.id, siteIds, operations: [operation], ...writtenAbout(ports, person) };
  await addWithdrawal(ports.outbox, { ...wish, isLeftBehind: true }, 'free');
  return { kind: 'withdraw', personId: person.id, siteIds, claimed: null };
};

/** Who is meant, and since when: without both no message about a person is carried out. */
export const writtenAbout = (
  { secrets, clock }: Pick<Ports, 'secrets' | 'clock'>,
  person: Pick<Person, 'issuer' | 'externalId'>,
): Pick<Messages['person.remove'], 'whom' | 'writtenAt'> => ({
  whom: whomOf(secrets, person),
  writtenAt: clock.now().toISOString(),
});

const union = <T>(one: readonly T[], other: readonly T[]): readonly T[] => [...new Set([...one, ...other])];

const withdraw = async (
  outbox: Ports['outbox'],
  wish: Messages['person.withdraw-values'],
  addedAs: AddedAs,
): Promise<IdentityCleanup> => {
  const { personId, siteIds } = wish;
  if (siteIds.length === 0) return { kind: 'nothing' };
  const { claimed } = await addWithdrawal(outbox, wish, addedAs);
  return { kind: 'withdraw', personId, siteIds, claimed };
};

/** One may be waiting for the person already: its sites, and who waits for it, must not get lost. */
export const addWithdrawal = (
  outbox: Ports['outbox'],
  { isLeftBehind = false, ...wish }: Messages['person.withdraw-values'],
  addedAs: AddedAs,
): Promise<Added<'person.withdraw-values'>> =>
  outbox.addMerged(
    {
      topic: 'person.withdraw-values',
      key: withdrawalKey(wish.personId),
      payload: { ...wish, isLeftBehind },
    },
    (earlier) => ({
      ...wish,
      isLeftBehind: isLeftBehind || earlier.isLeftBehind === true,
      siteIds: union(earlier.siteIds, wish.siteIds),
      operations: union(earlier.operations, wish.operations),
    }),
    addedAs,
  );

const sitesLeft = (gone: readonly User[], staying: readonly User[]): readonly number[] => {
  const left = gone.flatMap(({ siteId }) =>
    siteId === null || staying.some((row) => row.siteId === siteId) ? [] : [siteId],
  );
  return [...new Set(left)].sort((one, other) => one - other);
};

/** After the commit: delivers at once and waits for it at most one time limit; what is not done by then is `pending`. */
export const awaitIdentityCleanup = async (
  ports: Pick<Ports, 'clock' | 'settings'>,
  deliver: DeliverMessage,
  cleanup: IdentityCleanup,
): Promise<OauthOutcome> => {
  if (cleanup.kind === 'nothing') return { removal: 'none', values: 'none' };
  const { personId, siteIds, claimed } = cleanup;
  const until = ports.clock.now().getTime() + ports.settings.oauthTimeLimitMs;
  const promptly = async (which: Parameters<DeliverMessage>[0]): Promise<string> =>
    (await ports.clock.within(deliver(which), Math.max(0, until - ports.clock.now().getTime()))) ?? 'pending';
  const withdrawn = async (message: Message | null): Promise<ValuesOutcome> => {
    const outcome = await promptly(message ?? { topic: 'person.withdraw-values', key: withdrawalKey(personId) });
    // Where values cannot be withdrawn, none were ever written.
    if (outcome === 'unsupported') return 'none';
    return outcome === 'done' ? 'done' : 'pending';
  };
  if (cleanup.kind === 'withdraw') {
    return { removal: 'kept;reason=rows-elsewhere', values: await withdrawn(claimed) };
  }
  const outcome = await promptly(claimed ?? { topic: 'person.remove', key: removalKey(personId) });
  // What was carried out for another call than this (`not-needed`) has not answered this one.
  const removal = isRemovalOutcome(outcome) ? outcome : 'pending';
  if (!removal.startsWith('kept') || siteIds.length === 0) return { removal, values: 'none' };
  return { removal, values: await withdrawn(null) };
};

const removalOutcomes: Readonly<Record<RemovalOutcome, true>> = {
  ...{ done: true, pending: true, none: true },
  ...{ 'kept;reason=rows-elsewhere': true, 'kept;reason=other-clients': true },
  ...{ 'kept;reason=not-ours': true, 'kept;reason=unsupported': true },
};
/** Whether the contract has this word: no other leaves in a header. */
const isRemovalOutcome = (outcome: string): outcome is RemovalOutcome => Object.hasOwn(removalOutcomes, outcome);

/** Longer than an OAuth server is away; nobody's rows went for such a message, so that nobody's receipt waits for it. */
const withoutOperationMs = 7 * 86_400_000;

type Wish = Pick<Message<'person.remove'> | Message<'person.withdraw-values'>, 'payload' | 'isJustWritten'>;

/**
 * For which of its calls a message still has to be carried out; null: for none, it was, and whoever writes the database has put it
 * back. What came of it stands in the audit since the transaction that settled it, and is missed there by `audit:verify` when it is
 * taken away. None for what was written just now; else one statement for each call that waits, usually one.
 */
export const openOperations = async (
  { audit, secrets, clock, log }: Pick<Ports, 'audit' | 'secrets' | 'clock' | 'log'>,
  call: OutcomeCall,
  { payload: { personId, operations, writtenAt }, isJustWritten }: Wish,
): Promise<readonly string[] | null> => {
  if (isJustWritten === true) return operations;
  const isOpen = await Promise.all(
    operations.map(async (operation) => {
      const rows = await audit.ofOperation(operation);
      return !rows.some((row) => row.call === call && isGenuine(secrets, row));
    }),
  );
  const open = operations.filter((_, at) => isOpen[at]);
  const isTooOld = clock.now().getTime() - new Date(writtenAt).getTime() > withoutOperationMs;
  if (operations.length === 0 ? !isTooOld : open.length > 0) return open;
  log.error({ personId, call }, 'a message of the outbox was carried out before, or is too old: it is not carried out');
  return null;
};

/**
 * What is left of a message that is too old, where no call waits for it: its person is not on their way out any more, as they could
 * never come back, and who has no row is told of. One that was carried out before changes nothing. In the transaction that ends it.
 */
export const endTooOld = async (
  ports: Pick<Ports, 'users' | 'persons' | 'sites' | 'outbox' | 'findings' | 'clock' | 'secrets'>,
  { topic, payload: { personId, operations, whom } }: Message<'person.remove'> | Message<'person.withdraw-values'>,
): Promise<void> => {
  if (operations.length > 0) return;
  const person = (await ports.users.person(personId, 'locked'))?.person ?? null;
  if (person === null || whomOf(ports.secrets, person) !== whom) return;
  // A removal beside a withdrawal says what becomes of them.
  const isLeaving =
    topic !== 'person.remove' && (await ports.outbox.findLocked('person.remove', removalKey(personId))) !== null;
  if (isLeaving) return;
  if (person.state !== 'active') await ports.persons.setState(personId, 'active');
  await noteIfLeftBehind(ports, personId);
};

/** Notes the finding of a person whom no row keeps; answers whether they are one. In a transaction. */
export const noteIfLeftBehind = async (
  ports: Pick<Ports, 'users' | 'sites' | 'findings' | 'clock'>,
  personId: number,
): Promise<boolean> => {
  const held = await ports.users.person(personId, 'locked');
  if (held?.person == null) return false;
  if (!isNobodyLeft(held.rows, [], await rowStatusOf(ports, held.rows))) return false;
  await ports.findings.note(personId, [{ kind: 'left-behind', fields: [] }], ports.clock.now());
  return true;
};
