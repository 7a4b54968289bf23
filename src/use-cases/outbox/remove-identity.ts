import { isInRecord, mayHaveHappened } from '../../domain/fault.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import { permitRemoval, type RemovePermit } from '../../domain/permit.ts';
import type { Person } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import type { Message } from '../../ports/outbox.ts';
import { recordOutcome } from '../audit/entries.ts';
import { oauthClients } from '../oauth-clients.ts';
import { mustBeWhom, personLeaseName } from '../person-keys.ts';
import { rowStatusOf } from '../row-status.ts';
import { endTooOld, openOperations, addWithdrawal } from './identity-cleanup.ts';
import type { HandlerResult, MessageHandler } from './deliver-message.ts';
import type { RemovalOutcome } from './deliver-message.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'persons'
  | 'findings'
  | 'sites'
  | 'settings'
  | 'identity'
  | 'secrets'
  | 'outbox'
  | 'audit'
  | 'clock'
  | 'log'
  | 'withLease'
  | 'inOneTransaction'
>;
type Removal = Message<'person.remove'>;

/**
 * Removes a person at the OAuth server when nobody needs them any more: ask whether they are needed elsewhere → claim (state
 * `removing`, unless a row came) → call → settle (tombstone; the person row goes). Source: anonymization.md §3.
 */
export const removeIdentity =
  (ports: Needs): MessageHandler<'person.remove'> =>
  async (message) => {
    const operations = await openOperations(ports, 'oauth-removal', message);
    if (operations === null) return { outcome: 'not-needed', settle: () => endTooOld(ports, message) };
    return removeFor(ports, { ...message, payload: { ...message.payload, operations } });
  };

const removeFor = async (ports: Needs, message: Removal): Promise<HandlerResult> => {
  const person = await ports.persons.find(message.payload.personId);
  // Nobody is left to remove; what became of them is not for this message to say.
  if (person === null) return { outcome: 'done', settle: () => record(ports, message, 'unknown') };
  mustBeWhom(ports, person, message.payload.whom);
  return ports.withLease(personLeaseName(ports.secrets, person), (lease) => removeOnce(ports, message, person, lease));
};

const removeOnce = async (ports: Needs, message: Removal, person: Person, lease: Lease): Promise<HandlerResult> => {
  const { siteIds, clients: leaving, personId } = message.payload;
  const clients = await oauthClients(ports);
  const credentials = clients.credentials(person.issuer, siteIds, message.attempts);
  const canRemove = ports.identity.can(credentials, 'remove');
  // Asked before the claim, so that a server that is away does not keep the person from coming back; a removal that was
  // called for already is not asked about again: it may have happened.
  if (canRemove && person.state === 'active' && person.isOursToRemove) {
    const ourClients = clients.allAt(person.issuer);
    if (await isNeededElsewhere(ports, credentials, person, ourClients, leaving))
      return kept(ports, message, 'other-clients');
  }
  // The questions may have taken the lease's time.
  await lease.assertHeld();
  const claim = await ports.inOneTransaction(async () => {
    const taken = await claimPerson(ports, person, credentials);
    // Last, as whoever adds to the message has locked the person before it.
    await ports.outbox.holdOn(message, heldForMs(ports));
    return taken;
  });
  if (typeof claim === 'string') return kept(ports, message, claim);
  if (!canRemove) return kept(ports, message, 'unsupported');
  try {
    await ports.identity.remove(claim.permit);
  } catch (error) {
    if (!mayHaveHappened(error)) await ports.persons.setState(personId, 'active');
    throw error;
  }
  return {
    outcome: 'done' satisfies RemovalOutcome,
    settle: async () => {
      await ports.persons.addTombstone(person.issuer, person.externalId);
      await ports.persons.remove(personId, claim.hasRows);
      await record(ports, message, 'done');
    },
  };
};

/** The call waits for a connection as long as it may take itself; what came of it has to be written down then (`deliverMessage`). */
const heldForMs = ({ settings }: Needs): number => 2 * settings.oauthTimeLimitMs + 30_000;

/**
 * Where the server is well and not even the roles can be picked from what it says of this person, nobody can tell, and removing
 * does not need it: else spoiling a record would make somebody who cannot be forgotten. Only who came to us first (`isOursToRemove`) is asked
 * about. Source: oauth-server.md §1.
 */
const isNeededElsewhere = async (
  { identity, log }: Needs,
  credentials: OauthClient,
  { id: personId, externalId }: Person,
  ourClients: readonly OauthClient[],
  leaving: readonly string[],
): Promise<boolean> => {
  try {
    return await identity.isNeededElsewhere(credentials, externalId, ourClients, leaving);
  } catch (error) {
    if (!isInRecord(error)) throw error;
    log.warn({ personId }, 'a person is removed whose record at the OAuth server cannot be read');
    return false;
  }
};

/** The person stays there, so their values for the sites they left have to go; that message also ends our person row. */
const kept = (
  ports: Needs,
  message: Removal,
  reason: 'other-clients' | 'rows-elsewhere' | 'not-ours' | 'unsupported',
): HandlerResult => {
  const outcome = `kept;reason=${reason}` satisfies RemovalOutcome;
  const { personId, siteIds, operations, whom, writtenAt } = message.payload;
  return {
    outcome,
    settle: async () => {
      await ports.persons.setState(personId, 'active');
      await addWithdrawal(ports.outbox, { personId, siteIds, operations, whom, writtenAt }, 'free');
      await record(ports, message, outcome);
    },
  };
};

const record = (ports: Needs, { payload }: Removal, outcome: RemovalOutcome | 'unknown'): Promise<void> =>
  recordOutcome(ports, 'oauth-removal', outcome, payload.operations);

/** Or why they are not taken. */
type Claim =
  | 'rows-elsewhere'
  | 'not-ours'
  | {
      readonly permit: RemovePermit;
      /** Whether rows that do not keep the person still point to it. */
      readonly hasRows: boolean;
    };

/**
 * Takes a person for removal (state `removing`), inside a transaction. A row that came first wins: it keeps the person. Writing
 * the state is what locks the person: whoever enrols them waits for this, or was here before, and then their row is seen.
 */
const claimPerson = async (
  ports: Pick<Ports, 'users' | 'persons' | 'sites'>,
  { id: personId }: Pick<Person, 'id'>,
  client: OauthClient,
): Promise<Claim> => {
  await ports.persons.setState(personId, 'removing');
  const held = await ports.users.person(personId, 'plain');
  const rows = held?.rows ?? [];
  const { retainsPerson } = await rowStatusOf(ports, rows);
  const permit = held?.person == null ? 'not-ours' : permitRemoval(client, held.person, rows.filter(retainsPerson));
  if (typeof permit !== 'string') return { permit, hasRows: rows.length > 0 };
  await ports.persons.setState(personId, 'active');
  return permit;
};
