import type { Actor } from '../../domain/actor.ts';
import { mustBeAbleToCreate, type Creation } from '../../domain/users/creation-rules.ts';
import { Fault } from '../../domain/fault.ts';
import { oauthClientOf } from '../../domain/sites/oauth-client.ts';
import { mustBeCreator } from '../../domain/users/user-rules.ts';
import type { Ports } from '../../ports/index.ts';
import type { Intent } from './creation-intent.ts';
import { oauthClients, oauthClientsNow, type OauthClients } from '../oauth-clients.ts';

/** All that the rules ask about, of one moment: the client is the one that the rights are asked for. */
export interface CreationRights extends Creation {
  readonly clients: OauthClients;
}
/** Whoever asked for it, as they stand at the moment of the question. Fault `unauthenticated` when they are gone. */
export type WhoAsks = () => Promise<Actor>;
/** The rights to it as of now; asked before each write, as whoever waited for a lease or another machine knows nothing any more. */
export type RightsNow = () => Promise<CreationRights>;

type Needs = Pick<Ports, 'users' | 'sites' | 'settings' | 'identity'>;
type Asked = Pick<Intent, 'siteId' | 'provider' | 'change'> & { readonly actor: Actor };

/**
 * Whether this actor may create this user at this site, with every field and, for a role, at every site that shares the client. Asked
 * again before each write: nothing of it holds longer. Faults: `site-not-found`, `oauth-not-configured`, `forbidden`. No statement
 * while the sites are known, two where a role is given. Source: user-api.md §1 and §3 "Create", docs/reference/neighbours.md.
 */
export const checkCreation = async (ports: Needs, asked: Asked): Promise<CreationRights> =>
  checked(ports, asked, await (asked.change.role === undefined ? oauthClients(ports) : oauthClientsNow(ports)));

/** The same by what is known of the sites, to refuse before anything is read: it proves nothing. Faults as above. */
export const checkCreationAsKnown = async (ports: Needs, asked: Asked): Promise<CreationRights> => {
  const known = await oauthClients(ports);
  // Another instance may just have made it.
  return known.site(asked.siteId) === null ? checkCreation(ports, asked) : checked(ports, asked, known);
};

const checked = (
  ports: Pick<Needs, 'settings'>,
  { actor, siteId, provider, change }: Asked,
  clients: OauthClients,
): CreationRights => {
  const site = clients.site(siteId);
  if (site === null) throw new Fault('site-not-found', {});
  mustBeCreator(actor, site);
  const client = oauthClientOf(site, provider, ports.settings.globalOauthClient);
  if (client === null)
    throw new Fault('oauth-not-configured', { provider }, 'This site has no OAuth server of that name.');
  const sitesOfClient = clients.sitesOfClient(client.issuer, client.clientId);
  const rights = { actor, site, client, clients, change, sitesOfClient };
  mustBeAbleToCreate(rights);
  return rights;
};
