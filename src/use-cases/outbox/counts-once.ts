import type { OutcomeCall } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import type { Message } from '../../ports/outbox.ts';
import { isGenuine } from '../audit/mac.ts';
import { removalKey, whomOf } from '../person-names.ts';
import { noteIfLeftBehind } from './note-left-behind.ts';

/** Longer than an OAuth server is away; nobody's rows went for such a message, so that nobody's receipt waits for it. */
const withoutOperationMs = 7 * 86_400_000;

type Wish = Pick<Message<'person.remove'> | Message<'person.withdraw-values'>, 'payload' | 'isJustWritten'>;

/**
 * For which of its calls a message still has to be carried out; null: for none, it was, and whoever writes the database has put it
 * back. What came of it stands in the audit since the transaction that settled it, and is missed there by `audit:verify` when it is
 * taken away. None for what was written just now; else one statement for each call that waits, which is one.
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
    topic !== 'person.remove' && (await ports.outbox.find('person.remove', removalKey(personId))) !== null;
  if (isLeaving) return;
  if (person.state !== 'active') await ports.persons.setState(personId, 'active');
  await noteIfLeftBehind(ports, personId);
};
