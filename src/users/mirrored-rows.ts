import { changedColumns, mirrored } from '../domain/mirror.ts';
import type { Profile } from '../domain/oauth-profile.ts';
import type { User, UserRow } from '../domain/user.ts';
import type { Ports } from '../ports/index.ts';
import type { OauthClients } from './oauth-clients.ts';

/** A row of a person of this issuer as the profile says it should be, with its own site's view and its own client's role. */
export const mirrorOf =
  (clients: OauthClients, issuer: string, profile: Profile) =>
  (row: User): UserRow =>
    mirrored(row, profile, clients.site(row.siteId), clients.clientId(row.siteId, issuer));

/** Writes what differs, in one statement; the rows must be locked. */
export const saveChanged = async (
  { users, clock }: Pick<Ports, 'users' | 'clock'>,
  rows: readonly User[],
  next: (row: User) => UserRow,
): Promise<void> => {
  const now = clock.now();
  await users.save(
    rows
      .map((before) => ({ before, after: next(before) }))
      .filter(({ before, after }) => changedColumns(before, after).length > 0)
      .map(({ before, after }) => ({ before, after: { ...after, updatedAt: now } })),
  );
};
