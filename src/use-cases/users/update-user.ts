import { owns } from '../../domain/actor.ts';
import { addressesWritten, isWithheldFrom } from '../../domain/people/vouching.ts';
import { wantingOf } from '../../domain/people/assign-addresses.ts';
import { Fault, isFault } from '../../domain/fault.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import type { Person, User } from '../../domain/users/user.ts';
import { judgedChange, realChangeOf, type AskedChange } from '../../domain/users/write-rules.ts';
import {
  firstSightErrors,
  rowLimitErrors,
  changedRow,
  isEmptyChange,
  type UserChange,
} from '../../domain/users/user-change.ts';
import { extraDataErrors } from '../../domain/users/extra-data.ts';
import { mustBeAbleToActOn, changesWholePerson } from '../../domain/users/user-rules.ts';
import { oauthUnsupported } from '../../ports/identity-provider.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { actorNow } from '../actor-now.ts';
import { oauthClients } from '../oauth-clients.ts';
import { personLeaseName, addressFingerprint } from '../person-keys.ts';
import { fetchProfile, mirrorProfile } from '../person-sync/refresh-person.ts';
import { addressTaken, giveAddresses, mustBeGivable } from '../person-sync/write-rows.ts';
import type { UpdateUserCommand } from './commands.ts';
import { foundUser } from './get-user.ts';
import { mustFit, personElsewhere, unholdable, writeChange } from './write-change.ts';

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
  async (command: UpdateUserCommand): Promise<User> => {
    const user = await foundUser(ports, command);
    const real = await checkChange(ports, { ...command, user });
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
      updatePerson(ports, command, { ...user, person }, lease),
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
  return judgedChange(asked, await personElsewhere(ports, asked, await oauthClients(ports), said));
};

/** Nothing is written, and the user shown to whoever still may act on them: the body may have come slowly. */
const unchangedUser = async (ports: Needs, command: UpdateUserCommand): Promise<User> => {
  const actor = await actorNow(ports, command.actor);
  const user = await foundUser(ports, { ...command, actor });
  mustBeAbleToActOn(actor, user);
  return user;
};

const updateRowWithoutPerson = (ports: Needs, command: UpdateUserCommand): Promise<User> =>
  ports.inOneTransaction(async () => {
    await ports.users.personOf(command.site.id, command.userId, 'locked');
    const commandNow = { ...command, actor: await actorNow(ports, command.actor) };
    const before = await foundUser(ports, commandNow);
    if (before.person !== null)
      throw new Fault('busy', { retryAfterSeconds: 1 }, 'The user was linked to a person meanwhile.');
    mustStillMatch(commandNow, before);
    const real = await checkChange(ports, { ...commandNow, user: before });
    if (isEmptyChange(real)) return before;
    const written = real.email == null ? null : addressFingerprint(ports.secrets, real.email);
    const after = { ...changedRow(before, real), addressWritten: addressesWritten([before], written) };
    const arriving = real.email == null ? [] : [wantingOf(after, null)];
    if ((await giveAddresses(ports, arriving)).size > 0) throw addressTaken();
    await ports.users.save([{ before, after: { ...after, updatedAt: ports.clock.now() } }]);
    if (real.email !== undefined && !owns(commandNow.actor, before)) await ports.sessions.endOfUsers([before.id]);
    return foundUser(ports, commandNow);
  });

const updatePerson = async (
  ports: Needs,
  command: UpdateUserCommand,
  { person, profileWithheld }: User & { readonly person: Person },
  lease: Lease,
): Promise<User> => {
  // For a withheld row all roles are needed, to know whether its person has been claimed.
  const isWide = profileWithheld || changesWholePerson(command.change, command.site.config);
  const rolesAt = isWide ? 'all-clients' : 'clients-of-rows';
  const profile = await fetchProfile(ports, person, command.site.id, rolesAt);
  if (profile === null) {
    // Whoever waited for the lease may have waited for the removal of this person: then the row says so.
    await checkChange(ports, { ...command, user: await foundUser(ports, command) });
    throw new Fault(
      'oauth-refused',
      { mayHaveHappened: false },
      'The OAuth server does not know this person any more.',
    );
  }
  // What others changed there is ours to know before anything is compared: else an old ETag could never be renewed.
  await mirrorProfile(ports, lease, person.id, profile);
  const fresh = await foundUser(ports, command);
  mustStillMatch(command, fresh);
  const real = await checkChange(ports, { ...command, user: fresh }, profile);
  // Another program gave the row to somebody else: what is said of it is not this one's any more.
  if (fresh.personId !== person.id)
    throw new Fault('busy', { retryAfterSeconds: 1 }, 'The user was given to another person meanwhile.');
  if (isEmptyChange(real)) return unchangedUser(ports, command);
  if (real.email != null) {
    await mustBeGivable(ports, wantingOf(changedRow(fresh, real), person.issuer));
    if (isWithheldFrom(command.actor, fresh)) await mustBeFreeThere(ports, person, command.site.id, real.email);
  }
  const written = await writeChange(ports, command, { person, user: fresh, profile, real }, lease);
  await mirrorProfile(ports, lease, person.id, written.profile, {
    changedThrough: { userId: fresh.id, change: real },
    saysAll: written.saysAll,
    endsSessions: written.isOtherAddress && !owns(command.actor, fresh),
  }).catch((error: unknown) => {
    throw isFault(error, 'busy') ? doneThere(error) : error;
  });
  return foundUser(ports, command);
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
