import type { Actor } from '../../domain/actor.ts';
import { addressesWritten } from '../../domain/address-proof.ts';
import { mayHaveHappened } from '../../domain/fault.ts';
import { loginSetBy } from '../../domain/login-set.ts';
import type { Profile } from '../../domain/oauth-profile.ts';
import type { Person } from '../../domain/person.ts';
import { isLive, type User, type UserRow } from '../../domain/user.ts';
import type { Ports } from '../../ports/index.ts';
import { writtenName } from '../person-names.ts';

type Needs = Pick<Ports, 'users' | 'secrets' | 'inOneTransaction'>;
interface Written {
  readonly isOtherAddress: boolean;
  readonly profile: Pick<Profile, 'email'>;
}

/**
 * Has an address written at the OAuth server. Before it goes there the person's rows say that it proves nothing, and they say so
 * no more only where it certainly did not get there. Faults: those of `write`. See docs/adr/0022.
 */
export const markedAsWritten = async <T extends Written>(
  ports: Needs,
  person: Person,
  email: string,
  write: () => Promise<T>,
): Promise<T> => {
  const before = await mark(ports, person, email);
  const unmark = (): Promise<unknown> =>
    setWritten(ports, person, (row) => (before.has(row.id) ? (before.get(row.id) ?? null) : row.addressWritten));
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
 * Has by what somebody logs in written at the OAuth server. Before it goes there their person says at which sites it was set, and as
 * before only where it certainly did not get there. Faults: those of `write`. See login-set.ts.
 */
export const markedAsSet = async <T>(
  ports: Pick<Ports, 'users' | 'persons' | 'inOneTransaction'>,
  { actor, user, person: { id } }: { readonly actor: Actor; readonly user: User; readonly person: Person },
  write: () => Promise<T>,
): Promise<T> => {
  const before = await ports.inOneTransaction(async () => {
    const held = await ports.users.person(id, 'locked');
    const rows = held?.rows.filter((row) => isLive(row)) ?? [];
    const loginSetAt = held?.person?.loginSetAt ?? null;
    await ports.persons.setLoginSetAt(id, loginSetBy(actor, user, rows, loginSetAt));
    return loginSetAt;
  });
  return write().catch(async (error: unknown) => {
    // The mark may stay, but not hide why.
    if (!mayHaveHappened(error))
      await ports.inOneTransaction(() => ports.persons.setLoginSetAt(id, before)).catch(() => undefined);
    throw error;
  });
};

const mark = (ports: Needs, person: Person, email: string): Promise<ReadonlyMap<number, UserRow['addressWritten']>> => {
  const name = writtenName(ports.secrets, email);
  return setWritten(ports, person, (row) => addressesWritten([row], name));
};

/** Answers what the rows that changed said before. */
const setWritten = (
  { users, inOneTransaction }: Needs,
  { id }: Person,
  written: (row: User) => UserRow['addressWritten'],
): Promise<ReadonlyMap<number, UserRow['addressWritten']>> =>
  inOneTransaction(async () => {
    const rows = (await users.person(id, 'locked'))?.rows ?? [];
    const changes = rows
      .map((before) => ({ before, after: { ...before, addressWritten: written(before) } }))
      .filter(({ before, after }) => before.addressWritten !== after.addressWritten);
    await users.save(changes);
    return new Map(changes.map(({ before }) => [before.id, before.addressWritten]));
  });
