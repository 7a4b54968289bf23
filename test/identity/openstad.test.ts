import { oauthServers } from '../../src/identity/index.ts';
import { describeIdentityProvider } from '../contract/identity-provider.ts';
import { silentLog, startOauthWorld } from '../support/oauth-world.ts';

describeIdentityProvider(
  'An OpenStad OAuth server',
  async (people) => {
    const world = await startOauthWorld({ people });
    const identity = oauthServers({
      allowedHosts: [world.host],
      globalOauthClient: null,
      timeLimitMs: 3000,
      log: silentLog,
    });
    return {
      identity,
      client: (clientId) => world.client(clientId),
      people: () => world.server.people(),
      close: async () => {
        await identity.close();
        await world.close();
      },
    };
  },
  ['endedLogin'],
);
