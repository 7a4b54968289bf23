import { changedColumns, mirrored } from '../domain/mirror.ts';
import type { Profile } from '../domain/oauth-profile.ts';
import type { UserField } from '../domain/user-fields.ts';
import type { User, UserRow } from '../domain/user.ts';
import type { Ports } from '../ports/index.ts';
import type { OauthClients } from './oauth-clients.ts';

/** A row of a person of this issuer as the profile says it should be, with its own site's view and its own client's role. */
export const mirrorOf =
  (clients: OauthClients, issuer: string, profile: Profile) =>
  (row: User): UserRow =>
    mirrored(row, profile, clients.site(row.siteId), clients.clientId(row.siteId, issuer));

/** Writes what differs, in one statement; the rows must be locked. Answers in which columns rows differed. */
export const saveChanged = async (
  { users, clock }: Pick<Ports, 'users' | 'clock'>,
  rows: readonly User[],
  next: (row: User) => UserRow,
): Promise<readonly UserField[]> => {
  const now = clock.now();
  const changes = rows
    .map((before) => ({ before, after: next(before) }))
    .map((change) => ({ ...change, columns: changedColumns(change.before, change.after) }))
    .filter(({ columns }) => columns.length > 0);
  await users.save(changes.map(({ before, after }) => ({ before, after: { ...after, updatedAt: now } })));
  return [...new Set(changes.flatMap(({ columns }) => columns))];
};
