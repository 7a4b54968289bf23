import { oauthServers } from '../../src/identity/index.ts';
import { silentLog, startOauthWorld } from '../support/oauth-world.ts';

test('Somebody whose unique code was taken away is refused, again and again, and nobody else notices', async () => {
  const world = await startOauthWorld({
    clients: [{ id: 1, clientId: 'client-1', clientSecret: 'secret-1', authTypes: ['UniqueCode'] }],
    people: [
      { id: 5, roles: { 'client-1': 'member' } },
      { id: 6, roles: { 'client-1': 'member' }, uniqueCodesAt: ['client-1'] },
    ],
  });
  const identity = oauthServers({
    allowedHosts: [world.host],
    globalOauthClient: null,
    timeLimitMs: 10_000,
    log: silentLog,
  });
  const [without, withCode] = await Promise.all([5, 6].map((id) => world.server.tokenFor(id, 'client-1')));

  for (let time = 0; time < 20; time += 1)
    await expect(identity.holder(world.client(), without ?? '')).rejects.toMatchObject({ code: 'oauth-refused' });

  expect(await identity.holder(world.client(), withCode ?? '')).toMatchObject({ externalId: '6' });
  await identity.close();
  await world.close();
});
