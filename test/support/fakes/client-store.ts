import type { Client } from '../../../src/domain/actor.ts';
import type { ClientStore } from '../../../src/ports/credentials.ts';
import type { FakeClock } from './clock.ts';
import type { FakeDatabase, State, StoredClient } from './state.ts';

export const fakeClientStore = (database: FakeDatabase, clock: FakeClock): ClientStore => {
  const live = (state: State): readonly StoredClient[] =>
    [...state.clients.values()].filter(({ revokedAt }) => revokedAt === null);
  const changed = (id: number, change: (client: StoredClient) => Partial<StoredClient>): Promise<boolean> =>
    database.write((state) => {
      const client = live(state).find((one) => one.id === id);
      if (client === undefined) return false;
      state.clients.set(id, { ...client, ...change(client) });
      return true;
    });
  return {
    add: (client) =>
      database.write((state) => {
        if ([...state.clients.values()].some(({ key }) => key === client.key)) throw new Error('this key is taken');
        const id = database.nextId();
        const blank = { lastUsedAt: null, previous: null, previousExpiresAt: null, revokedAt: null };
        state.clients.set(id, { ...client, ...blank, id });
        return id;
      }),
    byId: async (id) =>
      live(database.state)
        .map(withoutSecrets)
        .find((one) => one.id === id) ?? null,
    byKey: async (key) => {
      const found = live(database.state).find((one) => one.key === key);
      if (found === undefined) return null;
      const { secret, previous, previousExpiresAt } = found;
      return { ...withoutSecrets(found), secret, previous, previousExpiresAt };
    },
    byToken: async (fingerprint) => {
      const token = database.state.clientTokens.get(fingerprint);
      const client = live(database.state).find(({ id }) => id === token?.clientId);
      if (token === undefined || client === undefined || token.expiresAt <= clock.now()) return null;
      const { scopes, createdAt, expiresAt } = token;
      return { client: withoutSecrets(client), scopes, createdAt, expiresAt };
    },
    all: async () =>
      live(database.state)
        .map(withoutSecrets)
        .sort((one, other) => one.id - other.id),
    rotate: (id, secret, previousExpiresAt) =>
      changed(id, (client) => ({ secret, previous: client.secret, previousExpiresAt })),
    revoke: async (id, at) => {
      const found = await changed(id, () => ({ revokedAt: at }));
      await database.write(({ clientTokens }) => {
        for (const token of clientTokens.values()) if (token.clientId === id) clientTokens.delete(token.fingerprint);
      });
      return found;
    },
    addToken: (token) =>
      database.write(({ clientTokens }) => {
        clientTokens.set(token.fingerprint, token);
      }),
    endToken: (fingerprint, clientId) =>
      database.write(({ clientTokens }) => {
        if (clientTokens.get(fingerprint)?.clientId === clientId) clientTokens.delete(fingerprint);
      }),
    noteUse: async ({ id, lastUsedAt }, at) => {
      if (lastUsedAt !== null && lastUsedAt.getTime() > at.getTime() - 60_000) return;
      await changed(id, () => ({ lastUsedAt: at }));
    },
    forgetExpired: (now) =>
      database.write(({ clientTokens }) => {
        for (const token of clientTokens.values()) if (token.expiresAt < now) clientTokens.delete(token.fingerprint);
      }),
  };
};

const withoutSecrets = ({ id, name, key, scopes, siteIds, issuer, createdAt, lastUsedAt }: StoredClient): Client => ({
  id,
  name,
  key,
  scopes,
  siteIds: [...siteIds].sort((one, other) => one - other),
  issuer,
  createdAt,
  lastUsedAt,
});
