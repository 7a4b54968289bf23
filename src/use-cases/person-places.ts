import type { Profile } from '../domain/people/oauth-profile.ts';
import { atLeast, type UserRole } from '../domain/role.ts';
import type { Place } from '../domain/users/user-rules.ts';
import { isLive, type User } from '../domain/users/user.ts';
import type { OauthClients } from './oauth-clients.ts';

/**
 * Where a person is: at the sites of their live rows, and at those of OAuth clients where they have a role above member, also
 * without a row, and also at clients of none of our sites. `said`: as the OAuth server just said; roles absent: it was not asked.
 * A row at a site that is not known is somewhere, unless the sites were read past the cache.
 */
export const placesOf = (
  rows: readonly User[],
  { issuer, roles = {}, roleElsewhere = null }: Said & { readonly issuer: string | null },
  clients: OauthClients,
): readonly Place[] => {
  const sitesOf = (clientId: string): readonly (number | null)[] => {
    const sites = issuer === null ? [] : clients.sitesOfClient(issuer, clientId);
    // A client of none of our sites: nobody here has a right there.
    return sites.length > 0 ? sites : [null];
  };
  const living = rows.filter((row) => isLive(row) && (clients.site(row.siteId) !== null || !clients.isNow));
  const isOnlyAdded = (clientId: string): boolean => {
    const its = living.filter(({ siteId }) => issuer !== null && clients.clientId(siteId, issuer) === clientId);
    return its.length > 0 && its.every(({ profileWithheld }) => profileWithheld);
  };
  return [
    ...living.map(({ siteId, role, profileWithheld }) => ({
      siteId: clients.site(siteId) === null ? null : siteId,
      role,
      isOnlyAdded: profileWithheld,
    })),
    ...Object.entries(roles).flatMap(([clientId, role]) =>
      isStaff(role) ? sitesOf(clientId).map((siteId) => ({ siteId, role, isOnlyAdded: isOnlyAdded(clientId) })) : [],
    ),
    ...(isStaff(roleElsewhere) ? [{ siteId: null, role: roleElsewhere }] : []),
  ];
};
type Said = Pick<Profile, 'roles' | 'roleElsewhere'>;

const isStaff = (role: UserRole | null): role is UserRole => role !== null && atLeast(role, 'moderator');
