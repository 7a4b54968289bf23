import { includes, isScope, scopes as allScopes, visitor, type Scope, type Client } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import type { ClientSecrets } from '../../ports/credentials.ts';
import type { Ports } from '../../ports/index.ts';
import type { Credentials, GrantedToken, KnownToken, ClientActor } from './commands.ts';

type Needs = Pick<Ports, 'clients' | 'secrets' | 'clock'>;
type OneToken = Credentials & { readonly token: string };

/** "This access token is valid for two hours": so say, too, `src/http/management/token-routes.ts`, SECURITY.md, docs/back-offices.md and docs/reference/management-api.md. Source: management-api.md §1. */
export const tokenSeconds = 7200;

/**
 * Tokens of a client: 32 random bytes, of which only the fingerprint is kept. Faults: `invalid-client`, `token-refused`.
 * Source: management-api.md §1.
 */
export const tokens = (ports: Needs) => {
  const { clients, secrets, clock } = ports;
  const authenticated = clientWith(ports);
  return {
    grantToken: async ({
      scopes: asked,
      ...credentials
    }: Credentials & { readonly scopes: readonly string[] }): Promise<GrantedToken> => {
      const client = await authenticated(credentials);
      const scopes = grantable(asked, client.scopes);
      const token = secrets.newToken();
      const createdAt = clock.now();
      const expiresAt = new Date(createdAt.getTime() + tokenSeconds * 1000);
      await clients.addToken({
        fingerprint: tokenFingerprint(ports, token),
        clientId: client.id,
        scopes,
        createdAt,
        expiresAt,
      });
      await clients.noteUse(client, createdAt);
      return { token, scopes, createdAt, expiresAt };
    },
    revokeToken: async ({ token, ...credentials }: OneToken): Promise<void> => {
      const client = await authenticated(credentials);
      await clients.endToken(tokenFingerprint(ports, token), client.id);
    },
    /** null: not a token of this client that counts. */
    introspectToken: async ({ token, ...credentials }: OneToken): Promise<KnownToken | null> => {
      const client = await authenticated(credentials);
      const known = await clients.byToken(tokenFingerprint(ports, token));
      if (known?.client.id !== client.id) return null;
      const { scopes, createdAt, expiresAt } = known;
      return { key: client.key, scopes, createdAt, expiresAt };
    },
  };
};

const tokenFingerprint = ({ secrets }: Pick<Ports, 'secrets'>, token: string): string =>
  secrets.fingerprint('client token', token);

/** In the order of the scopes, each once; the least there is for whom asks for none. */
const grantable = (asked: readonly string[], allowed: readonly Scope[]): readonly Scope[] => {
  const wanted: readonly string[] = asked.length === 0 ? ['public'] : [...new Set(asked)];
  const scopes = wanted.filter(isScope);
  if (scopes.length < wanted.length || !scopes.every((scope) => includes(allowed, scope)))
    throw new Fault(
      'token-refused',
      { error: 'invalid_scope' },
      `The scopes are ${allScopes.join(', ')}; this client may ask for ${allowed.join(' ')}.`,
    );
  return scopes;
};

/**
 * The client with this key, if the secret is its own: the present one, or the one before until its overlap is over. A wrong key
 * costs what a wrong secret costs: two comparisons are made whatever is known. Fault `invalid-client`. Source: management-api.md §1.
 */
const clientWith =
  ({ clients, secrets, clock }: Pick<Ports, 'clients' | 'secrets' | 'clock'>) =>
  async ({ key, secret }: Credentials): Promise<Client> => {
    const found = await clients.byKey(key);
    const { secret: present, previous, previousExpiresAt } = found ?? nobody;
    const isPresent = secrets.matches('client secret', secret, present);
    const isPrevious =
      secrets.matches('client secret', secret, previous ?? nothing) && isBefore(clock.now(), previousExpiresAt);
    if (found === null || !(isPresent || isPrevious))
      throw new Fault('invalid-client', { scheme: 'Basic' }, 'The client is not known, or its secret is another.');
    return found;
  };

/** The fingerprint of nothing that anybody can send. */
const nothing = '0'.repeat(64);
const nobody: ClientSecrets = { secret: nothing, previous: nothing, previousExpiresAt: null };

const isBefore = (now: Date, expiresAt: Date | null): boolean => expiresAt !== null && now < expiresAt;

/** Who a management token, or a bare API key, speaks for: one statement, and once a minute one that notes it. Source: user-api.md §1. */
export const actingClient = (ports: Needs) => {
  const { clients, clock } = ports;
  return {
    clientByToken: async (token: string): Promise<ClientActor | null> => {
      const found = await clients.byToken(tokenFingerprint(ports, token));
      if (found === null) return null;
      await clients.noteUse(found.client, clock.now());
      return actorOf(found.client, found.scopes);
    },
    clientByKey: async (key: string): Promise<ClientActor | null> => {
      const client = await clients.byKey(key);
      if (client === null) return null;
      await clients.noteUse(client, clock.now());
      return actorOf(client, ['public']);
    },
  };
};

const actorOf = ({ id, issuer, siteIds }: Client, scopes: readonly Scope[]): ClientActor => ({
  ...visitor,
  client: { id, issuer, siteIds, scopes },
});
