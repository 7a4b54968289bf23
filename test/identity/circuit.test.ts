import { oauthServers } from '../../src/identity/index.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { ampleMs } from '../support/misbehaving-server.ts';
import { silentLog, startOauthWorld, type OauthWorld } from '../support/oauth-world.ts';
import { permitted } from '../support/permitted.ts';

describe('The circuit to an OAuth server', () => {
  let world: OauthWorld;
  let other: OauthWorld;
  let identity: IdentityProvider & { close(): Promise<void> };
  beforeEach(async () => {
    const people = [{ id: 5, email: 'niels@example.org' }];
    [world, other] = await Promise.all([startOauthWorld({ people }), startOauthWorld({ people })]);
    identity = restingFor(3_600_000);
  });
  afterEach(async () => {
    await identity.close();
    await Promise.all([world.close(), other.close()]);
  });

  const restingFor = (resetMs: number) =>
    oauthServers({
      allowedHosts: [world.host, other.host],
      globalOauthClient: null,
      timeLimitMs: ampleMs,
      log: silentLog,
      breaker: { resetMs, leastOperations: 10 },
    });
  const find = (id = '5') => identity.find(world.client(), id, []);
  const fail = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await expect(find()).rejects.toMatchObject({ code: 'oauth-refused' });
  };

  it('opens after ten failed operations: then nobody waits and nobody asks', async () => {
    await world.proxy.behave('html-500');
    await fail(10);
    world.proxy.forgetCalls();

    const refused: unknown = await find().catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: 'oauth-circuit-open', facts: { retryAfterSeconds: expect.any(Number) } });

    expect(world.proxy.calls()).toBe(0);
  });

  it('is that of one server only', async () => {
    await world.proxy.behave('html-500');
    await fail(10);

    await expect(identity.find(other.client(), '5', [])).resolves.toMatchObject({ externalId: '5' });
  });

  it('closes again by one good answer', async () => {
    await identity.close();
    identity = restingFor(200);
    await world.proxy.behave('html-500');
    await fail(10);
    await world.proxy.behave('pass');

    await expect(eventually(find)).resolves.toMatchObject({ externalId: '5' });

    await expect(Promise.all([find(), find(), find()])).resolves.toHaveLength(3);
  });

  it('stays closed, whatever the number of people who are missing', async () => {
    for (let time = 0; time < 15; time++) expect(await find('424242')).toBeNull();

    await expect(find()).resolves.toMatchObject({ externalId: '5' });
  });

  it('stays closed when a site has a wrong secret', async () => {
    const wrong = { ...world.client(), clientSecret: 'wrong' };
    for (let time = 0; time < 15; time++) {
      await expect(identity.find(wrong, '5', [])).rejects.toMatchObject({ code: 'oauth-refused' });
    }

    await expect(find()).resolves.toMatchObject({ externalId: '5' });
  });

  it('stays closed when addresses are taken', async () => {
    for (let time = 0; time < 15; time++) {
      await expect(permitted(identity).create(world.client(), { email: 'niels@example.org' })).rejects.toMatchObject({
        code: 'conflict',
      });
    }

    await expect(find()).resolves.toMatchObject({ externalId: '5' });
  });
});

/** Asks until it is answered; jest's own time limit ends it otherwise. */
const eventually = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
};
