import { wantingOf } from '../../domain/people/addresses.ts';
import { changedColumns, mirrored } from '../../domain/people/mirror.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import type { Person } from '../../domain/people/person.ts';
import type { UserField } from '../../domain/users/user-fields.ts';
import { isSeenByAll } from '../../domain/users/user-visibility.ts';
import type { User, UserRow } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import { giveAddresses } from './give-addresses.ts';
import type { OauthClients } from '../oauth-clients.ts';

/** A row of a person of this issuer as the profile says it should be, with its own site's view and its own client's role. */
export const mirrorOf =
  (clients: OauthClients, { issuer, hasUnsaidFields }: Pick<Person, 'issuer' | 'hasUnsaidFields'>, profile: Profile) =>
  (row: User): UserRow =>
    mirrored(
      row,
      profile,
      clients.site(row.siteId),
      clients.clientId(row.siteId, issuer),
      hasUnsaidFields ? 'is-not-said' : 'means-nothing',
    );

interface Saving {
  readonly siteOf: OauthClients['site'];
  readonly through: number | null;
  readonly freedBy?: readonly number[];
}
interface Saved {
  /** Columns in which rows differed. */
  readonly differed: readonly UserField[];
  /** Whether a row that can be seen was left without its address, as somebody else has it at that site. */
  readonly isWithoutAddress: boolean;
}

/**
 * Writes what differs, in one statement; the rows must be locked. `through`: the row that somebody wrote or came through, whose
 * `updatedAt` moves; of the others it does only where everybody sees a difference. `freedBy`: as for `giveAddresses`.
 */
export const saveChanged = async (
  ports: Pick<Ports, 'users' | 'outbox' | 'clock'>,
  rows: readonly User[],
  next: (row: User) => UserRow,
  { siteOf, through, freedBy = [] }: Saving,
): Promise<Saved> => {
  const wanted = rows.map((before) => ({ before, after: next(before) }));
  const arriving = wanted.filter(({ before, after }) => after.email !== null && after.email !== before.email);
  const refused = await giveAddresses(
    ports,
    arriving.map(({ before, after }) => wantingOf(after, before.person?.issuer ?? null)),
    freedBy,
  );
  const updatedAt = ports.clock.now();
  const changes = wanted
    .map(({ before, after }) => ({ before, after: refused.has(before.id) ? { ...after, email: null } : after }))
    .map((change) => ({ ...change, columns: changedColumns(change.before, change.after) }))
    .filter(({ columns }) => columns.length > 0);
  const moves = ({ before, after }: (typeof changes)[number]): boolean =>
    before.id === through || before.role !== after.role || isSeenByAll(before, after, siteOf(before.siteId));
  await ports.users.save(
    changes.map((change) => {
      const { before, after } = change;
      return { before, after: moves(change) ? { ...after, updatedAt } : after };
    }),
  );
  return {
    differed: [...new Set(changes.flatMap(({ columns }) => columns))],
    isWithoutAddress: rows.some(({ id, deletedAt }) => deletedAt === null && refused.has(id)),
  };
};
