import { type Actor, maxSites, scopes as allScopes, type Client } from '../../domain/actor.ts';
import { Fault, type FieldError, invalidValues } from '../../domain/fault.ts';
import { defaultIssuerOf } from '../../domain/sites/oauth-client.ts';
import { mustBePlatformAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import type { CreateClientCommand, CreatedClient, OneClient, RotatedClient } from './commands.ts';

type Needs = Pick<
  Ports,
  'clients' | 'facts' | 'users' | 'sites' | 'secrets' | 'clock' | 'settings' | 'log' | 'inOneTransaction'
>;

/** Prefixes by which leak scanners find what must not lie about. */
export const keyPrefix = 'civ_';
export const secretPrefix = 'civ_secret_';

/**
 * Who may manage by program: for platform admins, and at the command line. Faults: `forbidden`, `invalid-values`, `not-found`.
 * Source: management-api.md §3.
 */
export const clients = (ports: Needs) => {
  const newSecret = (): string => `${secretPrefix}${ports.secrets.newToken()}`;
  /** In one transaction, behind the question whether the actor still may: the body came slowly, perhaps. */
  const asPlatformAdmin = <T>(actor: Actor, change: () => Promise<T>): Promise<T> =>
    ports.inOneTransaction(async () => {
      mustBePlatformAdmin(await actorNow(ports, actor));
      return change();
    });
  return {
    createClient: async ({ actor, name, scopes, siteIds }: CreateClientCommand): Promise<CreatedClient> => {
      const secret = newSecret();
      const { id, ...client } = await asPlatformAdmin(actor, async () => {
        const made = {
          name,
          // Public, and unique without being guessed at: 22 characters of it are enough.
          key: `${keyPrefix}${ports.secrets.newToken().slice(0, 22)}`,
          scopes: allScopes.filter((scope) => scopes.includes(scope)),
          siteIds: [...new Set(siteIds)].sort((one, other) => one - other),
          issuer: await issuerOf(ports, siteIds),
          createdAt: ports.clock.now(),
        };
        return {
          ...made,
          id: await ports.clients.add({ ...made, secret: ports.secrets.fingerprint('client secret', secret) }),
        };
      });
      ports.log.info({ clientId: id, siteIds: client.siteIds, actorId: actor.userId }, 'a management client was made');
      return { client: { ...client, id, lastUsedAt: null } satisfies Client, secret };
    },

    listClients: async ({ actor }: { readonly actor: Actor }): Promise<readonly Client[]> => {
      mustBePlatformAdmin(actor);
      return ports.clients.all();
    },

    rotateClient: async ({ actor, clientId }: OneClient): Promise<RotatedClient> => {
      const secret = newSecret();
      const overlapMs = ports.settings.management.rotationOverlapSeconds * 1000;
      const previousExpiresAt = new Date(ports.clock.now().getTime() + overlapMs);
      await asPlatformAdmin(actor, async () => {
        if (
          !(await ports.clients.rotate(clientId, ports.secrets.fingerprint('client secret', secret), previousExpiresAt))
        )
          throw noSuchClient();
      });
      ports.log.info({ clientId, actorId: actor.userId }, 'a management client has a new secret');
      return { secret, previousExpiresAt };
    },

    revokeClient: async ({ actor, clientId }: OneClient): Promise<void> => {
      await asPlatformAdmin(actor, async () => {
        if (!(await ports.clients.revoke(clientId, ports.clock.now()))) throw noSuchClient();
        await ports.facts.removeOfClient(clientId);
      });
      ports.log.info({ clientId, actorId: actor.userId }, 'a management client was revoked');
    },
  };
};

/** The OAuth server that all the sites share: with several, an external id would name several people. */
const issuerOf = async ({ sites, settings }: Needs, siteIds: CreateClientCommand['siteIds']): Promise<string> => {
  if (siteIds.length > maxSites)
    throw invalidValues([{ pointer: '/siteIds', detail: `must be ${maxSites} sites at most` }]);
  const found = await sites.readNow(siteIds);
  const missing = siteIds.flatMap((id, index): FieldError[] =>
    found.some((site) => site.id === id) ? [] : [{ pointer: `/siteIds/${index}`, detail: 'is no site' }],
  );
  if (missing.length > 0) throw invalidValues(missing);
  const issuers = new Set(
    found.map((site) => defaultIssuerOf(site.config, settings.globalOauthClient?.issuer ?? null)),
  );
  const [issuer = null] = issuers;
  if (issuers.size > 1) throw invalidValues([{ pointer: '/siteIds', detail: 'must share one OAuth server' }]);
  if (issuer === null) throw invalidValues([{ pointer: '/siteIds', detail: 'must have an OAuth server' }]);
  return issuer;
};

const noSuchClient = (): Fault<'not-found'> => new Fault('not-found', {}, 'There is no such client.');
