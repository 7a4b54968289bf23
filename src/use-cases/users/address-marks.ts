import type { Actor } from '../../domain/actor.ts';
import { addressesWritten, loginSetBy } from '../../domain/people/vouching.ts';
import { mayHaveHappened } from '../../domain/fault.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { type Person, isLive, type User, type UserRow } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { addressFingerprint } from '../person-keys.ts';

type Needs = Pick<Ports, 'users' | 'secrets' | 'inOneTransaction' | 'log'>;
interface AddressWrite {
  readonly isOtherAddress: boolean;
  readonly profile: Pick<Profile, 'email'>;
}

/**
 * Has an address written at the OAuth server. Before it goes there the person's rows say that it proves nothing, and they say so
 * no more only where it certainly did not get there, and nobody else has said anything since. Faults: those of `write`. See
 * docs/reference/neighbours.md.
 */
export const withAddressMark = async <T extends AddressWrite>(
  ports: Needs,
  person: Person,
  email: string,
  lease: Lease,
  write: () => Promise<T>,
): Promise<T> => {
  const ours = await mark(ports, person, email);
  const unmark = (): Promise<unknown> =>
    setAddressWritten(
      ports,
      person,
      (row) => {
        const mark = ours.get(row.id);
        return mark?.after === row.addressWritten ? mark.before : row.addressWritten;
      },
      lease,
    );
  const written = await write().catch(async (error: unknown) => {
    // The mark may stay, but not hide why.
    if (!mayHaveHappened(error)) await unmark().catch(() => undefined);
    throw error;
  });
  const answered = written.profile.email;
  if (!written.isOtherAddress) await unmark();
  // The server may have made another one of it.
  else if (answered != null && answered !== email) await mark(ports, person, answered);
  return written;
};

type LoginNeeds = Pick<Ports, 'users' | 'persons' | 'inOneTransaction' | 'log'>;
type LoginSetAt = Person['loginSetAt'];

/**
 * Writes a new e-mail address or phone at the OAuth server. Before the write, the person is marked with the sites that set it; the
 * mark is taken back only where the write certainly did not get there and nobody else has set anything since. Faults: those of
 * `write`. See vouching.ts.
 */
export const withLoginMark = <T>(
  ports: LoginNeeds,
  { actor, user, person: { id } }: { readonly actor: Actor; readonly user: User; readonly person: Person },
  lease: Lease,
  write: () => Promise<T>,
): Promise<T> => {
  const marked = (rows: readonly User[], before: LoginSetAt): LoginSetAt => loginSetBy(actor, user, rows, before);
  // Whoever has the lease by now may have set the same.
  return withLoginSetAt(ports, id, marked, () => lease.assertHeld(), write);
};

/**
 * Gives a role by which a platform admin says who somebody is. The word counts from before the write on: whoever repeats a call that was
 * lost, or whose process died, finds no change, and would never record it. It is taken back only where the role certainly was not
 * given, whoever has the lease by then: one word more is asked for rather than none. Faults: those of `write`.
 */
export const withWord = async <T>(
  ports: LoginNeeds,
  { id }: Person,
  lease: Lease,
  write: () => Promise<T>,
): Promise<T> => {
  await lease.assertHeld();
  return withLoginSetAt(
    ports,
    id,
    () => null,
    () => Promise.resolve(),
    write,
  );
};

/** `mayTakeBack` rejects where it may not, behind the lock of the person. */
const withLoginSetAt = async <T>(
  { users, persons, inOneTransaction, log }: LoginNeeds,
  id: number,
  set: (liveRows: readonly User[], before: LoginSetAt) => LoginSetAt,
  mayTakeBack: () => Promise<void>,
  write: () => Promise<T>,
): Promise<T> => {
  const { before, after } = await inOneTransaction(async () => {
    const held = await users.person(id, 'locked');
    const earlier = held?.person?.loginSetAt ?? null;
    const now = set(held?.rows.filter((row) => isLive(row)) ?? [], earlier);
    await persons.setLoginSetAt(id, now);
    return { before: earlier, after: now };
  });
  const takeBack = (): Promise<void> =>
    inOneTransaction(async () => {
      const held = await users.person(id, 'locked');
      await mayTakeBack();
      if (held?.person?.loginSetAt?.join(' ') === after?.join(' ')) await persons.setLoginSetAt(id, before);
    });
  return write().catch(async (error: unknown) => {
    // It may stay, but not hide why.
    if (!mayHaveHappened(error))
      await takeBack().catch((reason: unknown) => {
        log.warn({ personId: id, err: reason }, 'what was said of who set a login could not be taken back');
      });
    throw error;
  });
};

const mark = (ports: Needs, person: Person, email: string): Promise<ReadonlyMap<number, Mark>> => {
  const name = addressFingerprint(ports.secrets, email);
  return setAddressWritten(ports, person, (row) => addressesWritten([row], name));
};

interface Mark {
  readonly before: UserRow['addressWritten'];
  readonly after: UserRow['addressWritten'];
}

/** Answers what the rows that changed said before, and say now. With a lease: only while it is held, as its next holder may have written. */
const setAddressWritten = (
  { users, inOneTransaction }: Needs,
  { id }: Person,
  written: (row: User) => UserRow['addressWritten'],
  lease?: Lease,
): Promise<ReadonlyMap<number, Mark>> =>
  inOneTransaction(async () => {
    const rows = (await users.person(id, 'locked'))?.rows ?? [];
    await lease?.assertHeld();
    const changes = rows
      .map((before) => ({ before, after: { ...before, addressWritten: written(before) } }))
      .filter(({ before, after }) => before.addressWritten !== after.addressWritten);
    await users.save(changes);
    return new Map(
      changes.map(({ before, after }) => [before.id, { before: before.addressWritten, after: after.addressWritten }]),
    );
  });
