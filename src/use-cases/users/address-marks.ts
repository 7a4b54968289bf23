import type { Actor } from '../../domain/actor.ts';
import { addressesWritten, loginSetBy } from '../../domain/people/vouching.ts';
import { mayHaveHappened } from '../../domain/fault.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import { type Person, isLive, type User, type UserRow } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { addressFingerprint } from '../person-keys.ts';

type Needs = Pick<Ports, 'users' | 'secrets' | 'inOneTransaction'>;
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

/**
 * Writes a new e-mail address or phone at the OAuth server. Before the write, the person is marked with the sites that set it; the
 * mark is taken back only where the write certainly did not get there and nobody else has set anything since. Faults: those of
 * `write`. See vouching.ts.
 */
export const withLoginMark = async <T>(
  ports: Pick<Ports, 'users' | 'persons' | 'inOneTransaction'>,
  { actor, user, person: { id } }: { readonly actor: Actor; readonly user: User; readonly person: Person },
  lease: Lease,
  write: () => Promise<T>,
): Promise<T> => {
  const { before, after } = await ports.inOneTransaction(async () => {
    const held = await ports.users.person(id, 'locked');
    const rows = held?.rows.filter((row) => isLive(row)) ?? [];
    const loginSetAt = held?.person?.loginSetAt ?? null;
    const marked = loginSetBy(actor, user, rows, loginSetAt);
    await ports.persons.setLoginSetAt(id, marked);
    return { before: loginSetAt, after: marked };
  });
  const unmark = (): Promise<void> =>
    ports.inOneTransaction(async () => {
      // Behind the lock of the person: whoever has the lease by now may have set the same.
      const held = await ports.users.person(id, 'locked');
      await lease.assertHeld();
      if (held?.person?.loginSetAt?.join(' ') === after?.join(' ')) await ports.persons.setLoginSetAt(id, before);
    });
  return write().catch(async (error: unknown) => {
    // The mark may stay, but not hide why.
    if (!mayHaveHappened(error)) await unmark().catch(() => undefined);
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
