import { wantingOf } from '../domain/addresses.ts';
import { extraDataLimitErrors } from '../domain/extra-data-limits.ts';
import { Fault, mayHaveHappened } from '../domain/fault.ts';
import { withUnsaid } from '../domain/mirror.ts';
import type { Profile } from '../domain/oauth-profile.ts';
import type { Person } from '../domain/person.ts';
import { changedRow, isEmptyChange, profileChangeOf, type UserChange } from '../domain/user-change.ts';
import { owns } from '../domain/actor.ts';
import { perSiteFields } from '../domain/user-fields.ts';
import { reachesPerson } from '../domain/user-rules.ts';
import { isStillMade, isWithheldFrom, ofSiteOnly } from '../domain/withheld.ts';
import type { User } from '../domain/user.ts';
import { oauthCannot } from '../ports/identity-provider.ts';
import type { Ports } from '../ports/index.ts';
import type { Lease } from '../ports/leases.ts';
import { actorNow } from './actor-now.ts';
import { checkChange, mustFit } from './check-change.ts';
import type { UpdateUserCommand } from './commands.ts';
import { foundUser } from './get-user.ts';
import { addressTaken, giveAddresses, mustBeGivable } from './give-addresses.ts';
import { oauthClients } from './oauth-clients.ts';
import { personLease, refreshKey } from './person-names.ts';
import { fetchProfile, mirrorProfile } from './refresh-person.ts';

type Needs = Omit<Ports, 'inOneSnapshot'>;
/** How long an update may take before somebody else looks how it ended. */
const healAfterMs = 60_000;

/**
 * Writes through: lease on the person → the OAuth server (read, merge, write) → all rows of the person in one transaction.
 * A row without a person is its own truth. If the OAuth server refuses or does not answer, nothing changed here.
 * Faults: `user-not-found`, `forbidden`, `invalid-values`, `conflict`, `changed-meanwhile`, `busy`, those of the OAuth server.
 * Source: user-api.md §3 "Update".
 */
export const updateUser =
  (ports: Needs) =>
  async (command: UpdateUserCommand): Promise<User> => {
    const user = await foundUser(ports, command);
    const real = await checkChange(ports, command, user);
    if (isEmptyChange(command.change) && command.stillMatches === undefined) return user;
    const { person } = user;
    if (person === null) return updateHere(ports, command);
    const clients = await oauthClients(ports);
    if (!ports.identity.can(clients.credentials(person.issuer, [command.site.id]), 'update')) {
      mustStillMatch(command, user);
      if (isEmptyChange(real)) return user;
      throw oauthCannot('update');
    }
    return ports.withLease(personLease(ports.secrets, person), (lease) => updateThere(ports, command, person, lease));
  };

/** With the actor as they stand now. */
const askedNow = async (ports: Needs, command: UpdateUserCommand): Promise<UpdateUserCommand> => ({
  ...command,
  actor: await actorNow(ports, command.actor),
});

const updateHere = (ports: Needs, asked: UpdateUserCommand): Promise<User> =>
  ports.inOneTransaction(async () => {
    await ports.users.personOf(asked.site.id, asked.userId, 'locked');
    const command = await askedNow(ports, asked);
    const before = await foundUser(ports, command);
    if (before.person !== null)
      throw new Fault('busy', { retryAfterSeconds: 1 }, 'The user was linked to a person meanwhile.');
    mustStillMatch(command, before);
    const real = await checkChange(ports, command, before);
    if (isEmptyChange(real)) return before;
    const after = changedRow(before, real);
    const arriving = real.email == null ? [] : [wantingOf(after, null)];
    if ((await giveAddresses(ports, arriving)).size > 0) throw addressTaken();
    await ports.users.save([{ before, after: { ...after, updatedAt: ports.clock.now() } }]);
    if (real.email !== undefined && !owns(command.actor, before)) await ports.sessions.endOfUsers([before.id]);
    return foundUser(ports, command);
  });

const updateThere = async (ports: Needs, asked: UpdateUserCommand, person: Person, lease: Lease): Promise<User> => {
  const rolesAt = reachesPerson(asked.change, asked.site.config) ? 'all-clients' : 'clients-of-rows';
  const profile = await fetchProfile(ports, person, asked.site.id, rolesAt);
  if (profile === null)
    throw new Fault(
      'oauth-refused',
      { mayHaveHappened: false },
      'The OAuth server does not know this person any more.',
    );
  // What others changed there is ours to know before anything is compared: else an old ETag could never be renewed.
  await mirrorProfile(ports, lease, person.id, profile);
  const command = await askedNow(ports, asked);
  const fresh = await foundUser(ports, command);
  mustStillMatch(command, fresh);
  const real = await checkChange(ports, command, fresh, profile);
  // Given to another person past us: what is said of it is not this one's any more.
  if (fresh.personId !== person.id)
    throw new Fault('busy', { retryAfterSeconds: 1 }, 'The user was given to another person meanwhile.');
  if (isEmptyChange(real)) return fresh;
  if (real.email != null) {
    await mustBeGivable(ports, wantingOf(changedRow(fresh, real), person.issuer));
    if (isWithheldFrom(command.actor, fresh)) await mustBeFreeThere(ports, person, command.site.id, real.email);
  }
  const there = await changeThere(ports, command, fresh, real);
  await lease.assertHeld();
  const unsaid = await unsaidBeside(ports, fresh, profile, there);
  const written = isEmptyChange(there) ? profile : await writeThere(ports, command, person, unsaid ?? profile, there);
  await mirrorProfile(ports, lease, person.id, written, {
    written: { userId: fresh.id, change: real },
    saysAll: unsaid !== null,
    endsSessions: there.email !== undefined && !owns(command.actor, fresh),
  });
  return foundUser(ports, command);
};

/**
 * What of a change is for the OAuth server. Through the row of somebody who was added by their address and has not logged in,
 * others write what is theirs everywhere into the row only, but where they were made by it. Source: user-api.md §3 "Create".
 */
const changeThere = async (
  { users }: Needs,
  { actor, site }: UpdateUserCommand,
  user: User,
  real: UserChange,
): Promise<UserChange> => {
  if (!isWithheldFrom(actor, user) || user.personId === null) return real;
  const rows = (await users.person(user.personId, 'plain'))?.rows ?? [];
  return isStillMade(user, rows) ? real : ofSiteOnly(real, site.config);
};

/** Asked in both cases, and refused alike: whether the row's person was there before is not told. */
const mustBeFreeThere = async (ports: Needs, person: Person, siteId: number, email: string): Promise<void> => {
  const clients = await oauthClients(ports);
  const holder = await ports.identity.findByEmail(clients.credentials(person.issuer, [siteId]), email, []);
  if (holder !== null && holder.externalId !== person.externalId) throw addressTaken();
};

/**
 * The profile with what only rows of an adopted database hold, where one of the five per-site fields is said: it is written along,
 * as what is cleared there could not be told from what was never said. Null: there is nothing of the kind.
 */
const unsaidBeside = async (
  ports: Needs,
  { person }: User,
  profile: Profile,
  real: UserChange,
): Promise<Profile | null> => {
  if (person?.hasUnsaidFields !== true || !perSiteFields.some((field) => real[field] !== undefined)) return null;
  const [clients, held] = [await oauthClients(ports), await ports.users.person(person.id, 'plain')];
  const canHold = (text: string): boolean => ports.identity.refusesText(text) === null;
  return { ...profile, extraData: withUnsaid(profile.extraData ?? {}, held?.rows ?? [], clients.site, canHold) };
};

/** The write itself, with a message that heals our rows if we never come back from it. */
const writeThere = async (
  ports: Needs,
  { site }: UpdateUserCommand,
  person: Person,
  profile: Profile,
  real: UserChange,
): Promise<Profile> => {
  const clients = await oauthClients(ports);
  const credentials = clients.credentials(person.issuer, [site.id]);
  const clientId = clients.clientId(site.id, person.issuer);
  const roles = real.role === undefined || clientId === null ? {} : { [clientId]: real.role };
  const healing = { topic: 'person.refresh', key: refreshKey(person.id), payload: { personId: person.id } } as const;
  const others = await ports.outbox.find(healing.topic, healing.key);
  await ports.outbox.add(healing, new Date(ports.clock.now().getTime() + healAfterMs));
  try {
    const change = {
      ...profileChangeOf(real, profile.extraData ?? {}, site),
      ...(real.role === undefined ? {} : { roles }),
    };
    mustFit(extraDataLimitErrors(profile.extraData ?? {}, change.extraData ?? {}, site.id));
    const answer = await ports.identity.update(credentials, person.externalId, change);
    return { ...answer, roles: { ...profile.roles, ...roles } };
  } catch (error) {
    // Nothing happened there: nothing to heal, unless somebody before us left in doubt.
    if (!mayHaveHappened(error) && others === null) await ports.outbox.cancel(healing.topic, healing.key);
    throw error;
  }
};

const mustStillMatch = ({ stillMatches }: UpdateUserCommand, user: User): void => {
  if (stillMatches !== undefined && !stillMatches(user))
    throw new Fault('changed-meanwhile', {}, 'The user changed since you read it: read it again.');
};
