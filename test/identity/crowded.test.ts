import { oauthServers } from '../../src/identity/index.ts';
import { silentLog, startOauthWorld } from '../support/oauth-world.ts';
import { permitted } from '../support/permitted.ts';
import { until } from '../support/until.ts';

it('A write that had no connection did certainly not happen: it is busy, and the circuit stays closed', async () => {
  const people = [{ id: 5, email: 'niels@example.org' }];
  const world = await startOauthWorld({ people });
  const identity = oauthServers({
    ...{ allowedHosts: [world.host], globalOauthClient: null, log: silentLog, connections: 1 },
    ...{ timeLimitMs: 2000, breaker: { resetMs: 60_000, leastOperations: 3 } },
  });
  try {
    await world.proxy.behave('hang');
    const hanging = identity.find(world.client(), '5', []).catch((error: unknown) => error);
    await until('it is asked', () => world.proxy.calls() === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await world.proxy.behave('pass');
    const writes = Array.from({ length: 250 }, () =>
      permitted(identity)
        .create(world.client(), { email: 'nieuw@example.org' })
        .catch((error: unknown) => error),
    );
    // Beyond two hundred that wait.
    for (const write of writes.slice(200))
      expect(await write).toMatchObject({ code: 'busy', facts: { retryAfterSeconds: 2 } });
    expect(await hanging).toMatchObject({ code: 'oauth-timeout' });
    await Promise.all(writes);

    expect(await identity.find(world.client(), '5', [])).toMatchObject({ externalId: '5' });
  } finally {
    await identity.close();
    await world.close();
  }
});
