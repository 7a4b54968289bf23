import { owns } from '../../domain/actor.ts';
import { addressesWritten, isWithheldFrom } from '../../domain/people/vouching.ts';
import { wantingOf } from '../../domain/people/assign-addresses.ts';
import { Fault, isFault, mayHaveHappened } from '../../domain/fault.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { isLive, type Person, type User } from '../../domain/users/user.ts';
import { judgedChange, realChangeOf, type AskedChange } from '../../domain/users/write-rules.ts';
import {
  firstSightErrors,
  rowLimitErrors,
  changedRow,
  isEmptyChange,
  type UserChange,
} from '../../domain/users/user-change.ts';
import { extraDataErrors } from '../../domain/users/extra-data.ts';
import { mayViewUsers, mustBeAbleToActOn, changesWholePerson } from '../../domain/users/user-rules.ts';
import { noSuchUser } from '../../domain/refusals.ts';
import { oauthUnsupported } from '../../ports/identity-provider.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { actorNow } from '../actor-now.ts';
import { oauthClients } from '../oauth-clients.ts';
import { personLeaseName, addressFingerprint } from '../person-keys.ts';
import {
  callOffRefresh,
  fetchProfile,
  mirrorProfile,
  mirrorRows,
  wishForRefresh,
  type WishedRefresh,
} from '../person-sync/refresh-person.ts';
import { addressTaken, giveAddresses, mustBeGivable } from '../person-sync/write-rows.ts';
import type { ShownUser, UpdateUserCommand } from './commands.ts';
import { foundPerson, foundUser } from './get-user.ts';
import { mustFit, personElsewhere, unholdable, writeChange, type Wanted } from './write-change.ts';

type Needs = Omit<Ports, 'inOneSnapshot'>;

/**
 * Writes through: lease on the person → the OAuth server (read, merge, write) → all rows of the person in one transaction.
 * A row without a person is its own truth. If the OAuth server refuses or does not answer, no row takes the asked change now; if it
 * did happen there, rows follow within about a minute. What the server said before it stays, and where nobody knows what happened, so
 * do the marks of a new login and the message that reads the person anew.
 * Faults: `user-not-found`, `forbidden`, `invalid-values`, `conflict`, `precondition-failed`, `busy`, those of the OAuth server.
 * Source: user-api.md §3 "Update".
 */
export const updateUser =
  (ports: Needs) =>
  async (command: UpdateUserCommand): Promise<ShownUser> => {
    const { user, rows } = await foundPerson(ports, command);
    const real = await checkChange(ports, { ...command, user }, rows);
    if (isEmptyChange(command.change) && command.stillMatches === undefined) return unchangedUser(ports, command);
    const { person } = user;
    if (person === null) return updateRowWithoutPerson(ports, command);
    const clients = await oauthClients(ports);
    if (!ports.identity.can(clients.credentials(person.issuer, [command.site.id]), 'update')) {
      mustStillMatch(command, user);
      if (isEmptyChange(real)) return unchangedUser(ports, command);
      throw oauthUnsupported('update');
    }
    return ports.withLease(personLeaseName(ports.secrets, person), (lease) =>
      updatePerson(ports, command, { ...user, person }, rows, lease),
    );
  };

/**
 * What of the asked change would really change this user, once all rules agree, and every value fits. Nothing was written anywhere.
 * `said`: the person as the OAuth server has just shown them, with their roles at all clients of ours: who is staff somewhere
 * without a row is staff, too. Source: user-api.md §1–4.
 */
const checkChange = async (
  ports: Needs,
  asked: AskedChange,
  rows: readonly User[],
  said?: Pick<Profile, 'roles' | 'roleElsewhere'>,
): Promise<UserChange> => {
  const { actor, user, site } = asked;
  mustBeAbleToActOn(actor, user);
  const real = realChangeOf(asked);
  mustFit(firstSightErrors(user, real, site));
  mustFit([
    ...extraDataErrors(real.extraData ?? {}, site.config, user.extraData),
    ...(user.person === null ? [] : unholdable(ports.identity, real)),
    ...rowLimitErrors(user, real, site),
  ]);
  return judgedChange(asked, await personElsewhere(ports, asked, await oauthClients(ports), rows, said));
};

/** Nothing is written, and the user shown to whoever still may act on them: the body may have come slowly. */
const unchangedUser = async (ports: Needs, command: UpdateUserCommand): Promise<ShownUser> => {
  const actor = await actorNow(ports, command.actor);
  const user = await foundUser(ports, { ...command, actor });
  mustBeAbleToActOn(actor, user);
  return { actor, user };
};

const updateRowWithoutPerson = (ports: Needs, command: UpdateUserCommand): Promise<ShownUser> =>
  ports.inOneTransaction(async () => {
    const held = await ports.users.personOf(command.site.id, command.userId, 'locked');
    const actor = await actorNow(ports, command.actor);
    const commandNow = { ...command, actor };
    const before = shownTo(commandNow, held?.rows ?? []);
    if (before.person !== null)
      throw new Fault('busy', { retryAfterSeconds: 1 }, 'The user was linked to a person meanwhile.');
    mustStillMatch(commandNow, before);
    const real = await checkChange(ports, { ...commandNow, user: before }, [before]);
    if (isEmptyChange(real)) return { actor, user: before };
    const written = real.email == null ? null : addressFingerprint(ports.secrets, real.email);
    const after = { ...changedRow(before, real), addressWritten: addressesWritten([before], written) };
    const arriving = real.email == null ? [] : [wantingOf(after, null)];
    if ((await giveAddresses(ports, arriving)).size > 0) throw addressTaken();
    await ports.users.save([{ before, after: { ...after, updatedAt: ports.clock.now() } }]);
    if (real.email !== undefined && !owns(commandNow.actor, before)) await ports.sessions.endOfUsers([before.id]);
    return { actor, user: await foundUser(ports, commandNow) };
  });

const updatePerson = async (
  ports: Needs,
  command: UpdateUserCommand,
  target: User & { readonly person: Person },
  rows: readonly User[],
  lease: Lease,
): Promise<ShownUser> => {
  const { person } = target;
  // Whoever waited for the lease may have waited for somebody who gave the person a row: then it has to be asked once more, of all.
  const seen =
    (await seenThere(ports, command, target, rows, lease)) ?? (await seenThere(ports, command, target, null, lease));
  if (seen === null) throw new Fault('busy', { retryAfterSeconds: 1 }, 'The person came to another site meanwhile.');
  if (seen.wished === null) return unchangedUser(ports, command);
  const { fresh, wished, wanted } = seen;
  const written = await write(ports, command, wanted, lease).catch(async (error: unknown) => {
    // It certainly did not happen there.
    if (!mayHaveHappened(error)) await callOffRefresh(ports, wished);
    throw error;
  });
  await mirrorProfile(ports, lease, person.id, written.profile, {
    changedThrough: { userId: fresh.id, change: wanted.real },
    saysAll: written.saysAll,
    endsSessions: written.isOtherAddress && !owns(command.actor, fresh),
    wished: wished.message,
  }).catch((error: unknown) => {
    throw isFault(error, 'busy') ? doneThere(error) : error;
  });
  const { actor } = written;
  return { actor, user: await foundUser(ports, { ...command, actor }) };
};

interface Seen {
  readonly fresh: User;
  /** Null: there is nothing to write. */
  readonly wished: WishedRefresh | null;
  readonly wanted: Wanted;
}

/** How long an update may take before somebody else looks how it ended. */
const healAfterMs = 60_000;

/**
 * The person as the OAuth server shows them, in all their rows; and in the same unit, behind the locks, what of the change is to be
 * written there, with a message that puts our rows right if we never come back from it. What was heard stays, also where the change
 * is refused. `rows`: the person's as they were known before the lease; null: they are read. Null: there are more by now.
 */
const seenThere = async (
  ports: Needs,
  command: UpdateUserCommand,
  { person, profileWithheld }: User & { readonly person: Person },
  rows: readonly User[] | null,
  lease: Lease,
): Promise<Seen | null> => {
  // For a withheld row all roles are needed, to know whether its person has been claimed.
  const isWide = profileWithheld || changesWholePerson(command.change, command.site.config);
  const known = rows ?? (await ports.users.person(person.id, 'plain'))?.rows ?? [];
  const profile = await fetchProfile(ports, person, command.site.id, isWide ? 'all-clients' : 'clients-of-rows', known);
  if (profile === null) {
    // Whoever waited for the lease may have waited for the removal of this person: then the row says so.
    const now = await foundPerson(ports, command);
    await checkChange(ports, { ...command, user: now.user }, now.rows);
    throw new Fault(
      'oauth-refused',
      { mayHaveHappened: false },
      'The OAuth server does not know this person any more.',
    );
  }
  const seen = await ports.inOneTransaction(async () => {
    // What others changed there is ours to know before anything is compared: else an old ETag could never be renewed.
    const { rows: rowsNow, endRefresh } = await mirrorRows(ports, lease, person.id, profile);
    const all = await rowsNow();
    // Of their roles there nothing was heard.
    if (!isWide && all.some(({ siteId }) => !known.some((row) => row.siteId === siteId))) return null;
    const wanted = await orFault(() => wantedNow(ports, command, person, all, profile));
    const isToWrite = !isFault(wanted) && !isEmptyChange(wanted.real);
    if (!isToWrite) await endRefresh();
    const dueAt = new Date(ports.clock.now().getTime() + healAfterMs);
    return { wanted, wished: isToWrite ? await wishForRefresh(ports, person.id, dueAt) : null };
  });
  if (seen === null) return null;
  const { wanted, wished } = seen;
  if (isFault(wanted)) throw wanted;
  return { fresh: wanted.user, wished, wanted };
};

/** A refusal as an answer: what the unit has written stays. */
const orFault = async <T>(work: () => Promise<T>): Promise<T | Fault> => {
  try {
    return await work();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
};

/** `rows`: all of the person, as they are now. */
const wantedNow = async (
  ports: Needs,
  command: UpdateUserCommand,
  person: Person,
  rows: readonly User[],
  profile: Profile,
): Promise<Wanted> => {
  // Another program may have given the row to somebody else.
  const isTheirs = rows.some(({ id }) => id === command.userId);
  const found = isTheirs ? { user: shownTo(command, rows), rows } : await foundPerson(ports, command);
  mustStillMatch(command, found.user);
  const real = await checkChange(ports, { ...command, user: found.user }, found.rows, profile);
  // What is said of it is not this one's any more.
  if (found.user.personId !== person.id)
    throw new Fault('busy', { retryAfterSeconds: 1 }, 'The user was given to another person meanwhile.');
  if (real.email != null) await mustBeGivable(ports, wantingOf(changedRow(found.user, real), person.issuer));
  return { person, user: found.user, rows, profile, real };
};

/** As `foundUser`, among rows that were read. */
const shownTo = ({ actor, site, userId }: UpdateUserCommand, rows: readonly User[]): User => {
  const user = rows.find((row) => row.id === userId && row.siteId === site.id && isLive(row));
  if (user === undefined || !mayViewUsers(actor, user, site)) throw noSuchUser();
  return user;
};

const write = async (
  ports: Needs,
  command: UpdateUserCommand,
  wanted: Wanted,
  lease: Lease,
): ReturnType<typeof writeChange> => {
  const { person, user, real } = wanted;
  if (real.email != null && isWithheldFrom(command.actor, user))
    await mustBeFreeThere(ports, person, command.site.id, real.email);
  return writeChange(ports, command, wanted, lease);
};

/** Whoever repeats it finds nothing left to write, and is shown what came of it. */
const doneThere = (cause: Fault<'busy'>): Fault<'busy'> =>
  new Fault('busy', cause.facts, 'It is done at the OAuth server, and follows here within a minute.', { cause });

/**
 * Asked in both cases, and refused alike: whether the row's person was there before is not told. As the server compares, or what it
 * refuses when it is written would tell.
 */
const mustBeFreeThere = async (ports: Needs, person: Person, siteId: number, email: string): Promise<void> => {
  const clients = await oauthClients(ports);
  const client = clients.credentials(person.issuer, [siteId]);
  if (!(await ports.identity.isAddressFree(client, email, person.externalId))) throw addressTaken();
};

const mustStillMatch = ({ stillMatches }: UpdateUserCommand, user: User): void => {
  if (stillMatches !== undefined && !stillMatches(user))
    throw new Fault('precondition-failed', {}, 'The user changed since you read it: read it again.');
};
