import { Fault, isFault, mayHaveHappened } from '../../domain/fault.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { isRoleToWrite, permitCreation, permitRole } from '../../domain/permit.ts';
import type { Actor, UserRole } from '../../domain/actor.ts';
import type { Person } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { personLeaseName } from '../person-keys.ts';
import { addressTaken } from '../person-sync/write-rows.ts';
import { abandonCreation, noteLeftByCreation } from './abandon-creation.ts';
import {
  beingRemoved,
  endIntent,
  endsCreation,
  leavesNobody,
  finishAfterMs,
  intentMessage,
  later,
  checkCreation,
  type Intent,
  type CreationRights,
  type RightsNow,
  type WhoAsks,
} from './creation-intent.ts';
import { adoptPerson, checkAddable } from './adopt-person.ts';
import { insertRow, markLoginSet } from './insert-user.ts';

type Needs = Omit<Ports, 'inOneSnapshot'>;
/** What was done at the OAuth server, for when a later step fails. */
interface Done {
  creating: boolean;
  made: string | null;
  /** Something that a later try has to finish. */
  wrote: boolean;
}

/**
 * Who carries it out. A message of the outbox only follows up what the request left: nobody is made at the OAuth server by an old
 * wish. Whoever asked has no answer, or was told that it failed, and asks again.
 */
type Part = 'begins' | 'follows-up';

/**
 * The steps of a creation, under its lease; safe to run again after a stop at any of them. Answers the new row's id, or null
 * when there is nothing to follow up. When it fails, what was certainly not begun at the OAuth server is forgotten; else the intent
 * stays, to be followed up.
 */
export const finishCreation =
  (ports: Needs) =>
  async (intent: Intent, lease: Lease, whoAsks: WhoAsks, part: Part): Promise<number | null> => {
    const { creating, made } = intent;
    const done: Done = { creating, made, wrote: creating };
    try {
      return await takeStepsOrAbandon(ports, intent, lease, whoAsks, done, part);
    } catch (error) {
      const left = { ...intent, creating: done.creating, made: done.made };
      // Of a creation that is over nothing is left to finish.
      const isEnded = isOver(error) || (part === 'follows-up' && endsCreation(error));
      if (isEnded || !(done.wrote || mayHaveHappened(error)))
        await ports.inOneTransaction(() => endIntent(ports, intent));
      // The message that follows it up says the same: it is tried again, and is as old as it is.
      else if (part === 'begins') await ports.outbox.add(intentMessage(ports.secrets, left), later(ports, 5_000));
      throw error;
    }
  };

const takeStepsOrAbandon = async (
  ports: Needs,
  intent: Intent,
  lease: Lease,
  whoAsks: WhoAsks,
  done: Done,
  part: Part,
): Promise<number | null> => {
  try {
    return await takeSteps(ports, intent, lease, rightsNow(ports, intent, whoAsks), done, part);
  } catch (error) {
    if (isOver(error) && done.made !== null) await abandonCreation(ports, intent, done.made);
    throw error;
  }
};

/** Whoever we made at the OAuth server for it has no row to come: the site is gone or elsewhere, the right is, or the address. */
const isOver = (error: unknown): boolean =>
  leavesNobody(error) || (isFault(error, 'conflict') && error.facts.rule === addressTaken().facts.rule);

const rightsNow =
  (ports: Needs, { siteId, provider, change, issuer }: Intent, whoAsks: WhoAsks): RightsNow =>
  async () => {
    const rights = await checkCreation(ports, { actor: await whoAsks(), siteId, provider, change });
    // The lease is on the address at the server of then.
    if (rights.client.issuer !== issuer)
      throw new Fault('oauth-not-configured', { provider }, 'This site is at another OAuth server by now.');
    return rights;
  };

const takeSteps = async (
  ports: Needs,
  intent: Intent,
  lease: Lease,
  rights: RightsNow,
  done: Done,
  part: Part,
): Promise<number | null> => {
  const { client, clients } = await rights();
  // Roles at every client of ours: somebody may be an admin where they have no row yet.
  const found = await ports.identity.findByEmail(client, intent.change.email, clients.allClientIds(client.issuer));
  const { made } = done;
  // Their address is another by now, or they are gone there: no row comes that would keep them.
  if (made !== null && found?.externalId !== made)
    await ports.inOneTransaction(() => noteLeftByCreation(ports, { issuer: client.issuer, made }));
  if (found !== null) {
    // Before anything is written there: it is followed up, should this stop half-way.
    if (part === 'begins') await ports.outbox.add(intentMessage(ports.secrets, intent), later(ports, finishAfterMs));
    // Also whom this creation made before it was interrupted: they may have logged in since, or been made staff by another site.
    const profile = await adoptPerson(ports, rights, found);
    // Another profile than the one found: this site's values were written into it.
    done.wrote ||= profile !== found;
    await giveRole(ports, lease, rights, intent.issuer, profile, 'was-there');
    return insertRow(ports, lease, intent, rights, { profile, createdByUs: found.externalId === made });
  }
  if (part === 'follows-up') {
    await ports.inOneTransaction(() => endIntent(ports, intent));
    return null;
  }
  // The questions may have taken the lease's time.
  await lease.assertHeld();
  const profile = await createThere(ports, intent, lease, rights, done);
  await giveRole(ports, lease, rights, intent.issuer, profile, 'made-now');
  return insertRow(ports, lease, intent, rights, { profile, createdByUs: true });
};

const createThere = async (
  ports: Needs,
  intent: Intent,
  lease: Lease,
  rights: RightsNow,
  done: Done,
): Promise<Profile> => {
  const begun = { ...intent, creating: true };
  await ports.outbox.add(intentMessage(ports.secrets, begun), later(ports, finishAfterMs));
  const now = await rights();
  const permit = permitCreation(now);
  try {
    const profile = await ports.identity.create(permit);
    Object.assign(done, { creating: true, wrote: true, made: profile.externalId } satisfies Done);
    await noteMade(ports, lease, { ...begun, made: profile.externalId }, now.actor);
    return profile;
  } catch (error) {
    // Refused, or never heard of: nothing is left behind.
    done.creating = done.made !== null || mayHaveHappened(error);
    throw error;
  }
};

/**
 * Only by the id that the server answered they are ours: somebody may come there by themselves with the address, and be nobody of ours.
 * Their person row is there from here on, so that until they have a row at a site, too, a login of theirs is noted, be it refused, and
 * whoever made them with a phone number is known to others who add them.
 */
const noteMade = (
  ports: Needs,
  lease: Lease,
  intent: Intent & { readonly made: string },
  actor: Actor,
): Promise<void> =>
  ports.inOneTransaction(async () => {
    const how = { lease, isNewByPost: true };
    const { person, rows } = await ports.persons.ensureWithRows(intent.issuer, intent.made, true, how);
    await ports.outbox.add(intentMessage(ports.secrets, intent), later(ports, finishAfterMs));
    // With a row from a login, or from another site, they are somebody's already.
    if (rows.length > 0) return;
    if (!person.isUnclaimed) await ports.persons.setUnclaimed(person.id, true);
    await markLoginSet(ports, person, intent, actor, true);
  });

/** Whether this call has just made somebody, whom nobody can have met yet. */
type Presence = 'was-there' | 'made-now';

/**
 * The role is written at the OAuth server first. Without a wish, one that the person has at this client stays theirs. It is written
 * under their lease, also of whom we have just made: neither what they log in by nor what they are may be set elsewhere between our
 * look and our write.
 */
const giveRole = async (
  ports: Needs,
  lease: Lease,
  rights: RightsNow,
  issuer: string,
  profile: Profile,
  presence: Presence,
): Promise<void> => {
  if (presence === 'was-there') {
    const now = await rights();
    // By this look nothing would be written behind the lease either.
    if (!isRoleToWrite(now.change, roleAtClient(now, profile, presence))) return;
  }
  const ofPerson = personLeaseName(ports.secrets, { issuer, externalId: profile.externalId });
  return ports.withLease(ofPerson, async (inner) => {
    await lease.assertHeld();
    await writeRole(ports, inner, rights, issuer, profile, presence);
  });
};

/** The lease was taken a moment ago. */
const writeRole = async (
  ports: Needs,
  lease: Lease,
  rights: RightsNow,
  issuer: string,
  found: Profile,
  presence: Presence,
): Promise<void> => {
  const { identity } = ports;
  const isNew = presence === 'made-now';
  const loginSetAt = isNew
    ? (await untouched(ports, issuer, found)).loginSetAt
    : await ports.persons.loginSetAt(issuer, found.externalId);
  const profile = isNew ? found : await foundNow(ports, lease, rights, found);
  const now = await rights();
  const permit = permitRole(now, profile.externalId, roleAtClient(now, profile, presence), loginSetAt);
  if (permit === null) return;
  try {
    await identity.update(permit);
  } catch (error) {
    // Removed there between our look-up and this: no refusal, but a reason to come back.
    const isRefusal = isFault(error, 'oauth-refused') && !mayHaveHappened(error);
    if (isRefusal && (await identity.find(now.client, profile.externalId, [])) === null) throw beingRemoved();
    throw error;
  }
};

/** Fault `busy` where somebody made just now has come, or was added elsewhere, all the same: another look sees who they are. */
const untouched = async (
  { persons }: Pick<Ports, 'persons'>,
  issuer: string,
  { externalId }: Profile,
): Promise<Person> => {
  const held = await persons.withRows(issuer, externalId);
  if (held?.person?.isUnclaimed !== true || held.rows.length > 0)
    throw new Fault('busy', { retryAfterSeconds: 1 }, 'This person is being written by somebody else: try again.');
  return held.person;
};

/**
 * Somebody who was there, as they are behind their lease, where a role is about to be written; each rule about them is asked again, as
 * they may be somebody's admin by now. One call of the server, which a role that they have already is spared.
 */
const foundNow = async (ports: Needs, lease: Lease, rights: RightsNow, found: Profile): Promise<Profile> => {
  const seen = await rights();
  if (!isRoleToWrite(seen.change, roleAtClient(seen, found, 'was-there'))) return found;
  const profile = await ports.identity.find(
    seen.client,
    found.externalId,
    seen.clients.allClientIds(seen.client.issuer),
  );
  if (profile === null) throw beingRemoved();
  await lease.assertHeld();
  await checkAddable(ports, await rights(), profile);
  return profile;
};

/** Null: none. Fault `busy`: it is not known. */
const roleAtClient = ({ client }: CreationRights, { roles = {} }: Profile, presence: Presence): UserRole | null => {
  // Somebody made just now has none; of somebody who was there it must be known.
  if (presence === 'was-there' && !Object.hasOwn(roles, client.clientId))
    throw new Fault('busy', { retryAfterSeconds: 1 }, 'This site was registered as another OAuth client meanwhile.');
  return roles[client.clientId] ?? null;
};
