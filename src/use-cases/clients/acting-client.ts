import { visitor, type Client, type Scope } from '../../domain/actor.ts';
import type { Ports } from '../../ports/index.ts';
import type { ClientActor } from './commands.ts';
import { tokenFingerprint } from './tokens.ts';

type Needs = Pick<Ports, 'clients' | 'secrets' | 'clock'>;

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
