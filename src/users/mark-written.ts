import { mayHaveHappened } from '../domain/fault.ts';
import type { Person } from '../domain/person.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/index.ts';

type Needs = Pick<Ports, 'users' | 'inOneTransaction'>;

/**
 * Has an address written at the OAuth server. Before it goes there the person's rows say that theirs proves nothing, and they say so
 * no more only where it certainly did not get there. Faults: those of `write`. See docs/adr/0022.
 */
export const markedAsWritten = async <T extends { readonly isOtherAddress: boolean }>(
  ports: Needs,
  person: Person,
  write: () => Promise<T>,
): Promise<T> => {
  const marked = await setWritten(ports, person, true, ({ addressWritten }) => !addressWritten);
  const unmark = (): Promise<unknown> => setWritten(ports, person, false, ({ id }) => marked.includes(id));
  try {
    const written = await write();
    if (!written.isOtherAddress) await unmark();
    return written;
  } catch (error) {
    // The mark may stay, but not hide why.
    if (!mayHaveHappened(error)) await unmark().catch(() => undefined);
    throw error;
  }
};

const setWritten = (
  { users, inOneTransaction }: Needs,
  { id }: Person,
  addressWritten: boolean,
  isMeant: (row: User) => boolean,
): Promise<readonly number[]> =>
  inOneTransaction(async () => {
    const rows = ((await users.person(id, 'locked'))?.rows ?? []).filter(isMeant);
    await users.save(rows.map((before) => ({ before, after: { ...before, addressWritten } })));
    return rows.map((row) => row.id);
  });
