import type { Profile } from '../domain/oauth-profile.ts';
import { atLeast } from '../domain/role.ts';
import type { Place } from '../domain/user-rules.ts';
import { isLive, type User } from '../domain/user.ts';
import type { OauthClients } from './oauth-clients.ts';

/**
 * Where a person is: at the sites of their live rows, and at those of OAuth clients where they have a role above member, also
 * without a row. `roles`: as the OAuth server just said, by client id; absent: it was not asked.
 */
export const placesOf = (
  rows: readonly User[],
  { issuer, roles = {} }: { readonly issuer: string | null; readonly roles?: Profile['roles'] },
  clients: OauthClients,
): readonly Place[] => {
  const sitesOf = (clientId: string): readonly (number | null)[] => {
    const sites = issuer === null ? [] : clients.sitesOfClient(issuer, clientId);
    // A client of none of our sites: nobody here has a right there.
    return sites.length > 0 ? sites : [null];
  };
  return [
    ...rows.filter((row) => isLive(row) && clients.site(row.siteId) !== null),
    ...Object.entries(roles).flatMap(([clientId, role]) =>
      role !== null && atLeast(role, 'moderator') ? sitesOf(clientId).map((siteId) => ({ siteId, role })) : [],
    ),
  ];
};
