import { oauthServers } from '../../src/identity/index.ts';
import { describeIdentityProvider } from '../contract/identity-provider.ts';
import { aVisitor } from '../support/visitor.ts';
import { silentLog, startOauthWorld } from '../support/oauth-world.ts';

describeIdentityProvider(
  'An OpenStad OAuth server',
  async (people) => {
    const world = await startOauthWorld({ people });
    const identity = oauthServers({
      allowedHosts: [world.host],
      globalOauthClient: null,
      timeLimitMs: 20_000,
      log: silentLog,
    });
    return {
      identity,
      client: (clientId) => world.client(clientId),
      comeBack: async (wish) => {
        const visitor = aVisitor();
        const sent = await visitor.open(await identity.authorizationAddress(world.client('client-1'), wish));
        const page = await visitor.follow(sent, [world.url]);
        const back = await visitor.follow(await visitor.choose(page, 5), [world.url]);
        return { address: back.onward ?? '', externalId: '5' };
      },
      people: () => world.server.people(),
      close: async () => {
        await identity.close();
        await world.close();
      },
    };
  },
  ['endedLogin'],
);
