import type { Person } from '../../domain/person.ts';
import type { UserRow } from '../../domain/user.ts';
import type { Ports } from '../../ports/index.ts';
import { oauthClients } from '../oauth-clients.ts';

/**
 * Whether the OAuth server of a person whose last rows these are has a way to remove them at all: what it has not, no preview
 * may announce. Where no site is at that server any more, it is found out later.
 */
export const removable = async (
  ports: Pick<Ports, 'sites' | 'settings' | 'identity'>,
): Promise<(person: Person | null, rows: readonly Pick<UserRow, 'siteId'>[]) => boolean> => {
  const clients = await oauthClients(ports);
  return (person, rows) => {
    if (person === null) return false;
    const sites = rows.map(({ siteId }) => siteId);
    const client = clients.known(person.issuer, sites);
    return client === null || ports.identity.can(client, 'remove');
  };
};
