import { roleAt, type Actor } from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import { oauthClientOf, type OauthClient } from '../domain/oauth-client.ts';
import type { UserRole } from '../domain/role.ts';
import type { Site } from '../domain/site.ts';
import { mayGrant, mustBeCreator, mustWriteNewFields, refuse } from '../domain/user-rules.ts';
import type { Ports } from '../ports/index.ts';
import type { Intent } from './creation-intent.ts';
import { oauthClients, type OauthClients } from './oauth-clients.ts';

/** Who creates, where, and as which client, all of one moment: the client is the one that the rights were asked for. */
export interface CreationRights {
  readonly actor: Actor;
  readonly site: Site;
  readonly client: OauthClient;
  readonly clients: OauthClients;
}
/** Whoever asked for it, as they stand at the moment of the question. Fault `unauthenticated` when they are gone. */
export type WhoAsks = () => Promise<Actor>;
/** The rights to it as of now; asked before each write, as whoever waited for a lease or another machine knows nothing any more. */
export type RightsNow = () => Promise<CreationRights>;

/**
 * Whether this actor may create this user at this site, with every field and, for a role, at every site that shares the client. Asked
 * again before each write: nothing of it holds longer. Faults: `site-not-found`, `oauth-not-configured`, `forbidden`. No statement
 * while the sites are known. Source: user-api.md §1 and §3 "Create", docs/adr/0022.
 */
export const checkCreation = async (
  ports: Pick<Ports, 'sites' | 'settings'>,
  { actor, siteId, provider, change }: Pick<Intent, 'siteId' | 'provider' | 'change'> & { readonly actor: Actor },
): Promise<CreationRights> => {
  const site = await ports.sites.byId(siteId);
  if (site === null) throw new Fault('site-not-found', {});
  mustBeCreator(actor, site);
  const client = oauthClientOf(site, provider, ports.settings.globalOauthClient);
  if (client === null)
    throw new Fault('oauth-not-configured', { provider }, 'This site has no OAuth server of that name.');
  const clients = await oauthClients(ports);
  mustWriteNewFields(actor, site, change, [
    ...new Set([siteId, ...clients.sitesOfClient(client.issuer, client.clientId)]),
  ]);
  return { actor, site, client, clients };
};

/** The same for the role itself, once it is known which one the person has at this client: `null` is none. */
export const mustBeGrantable = (
  { actor, client, clients }: CreationRights,
  wanted: UserRole | undefined,
  present: UserRole | null,
): void => {
  const sites = clients.sitesOfClient(client.issuer, client.clientId);
  // Nobody asked for one: that of whoever is known is given by itself, as to whoever logs in.
  if (wanted !== undefined && !sites.every((siteId) => mayGrant(roleAt(actor, siteId), present ?? 'all', wanted)))
    refuse(actor, 'role-not-grantable', 'role');
};
