import { isFault } from '../../src/domain/fault.ts';
import { oauthServers } from '../../src/identity/index.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { silentLog, startOauthWorld, type OauthWorld } from '../support/oauth-world.ts';
import { permitted } from '../support/permitted.ts';

/** What a record of one person may cost, and whom. */
let world: OauthWorld;
let identity: IdentityProvider & { close(): Promise<void> };
beforeEach(async () => {
  world = await startOauthWorld({
    people: [
      { id: 5, email: 'jose@example.org', roles: { 'client-1': 'member' } },
      { id: 6, email: 'niels@example.org' },
    ],
  });
  identity = oauthServers({ allowedHosts: [world.host], globalOauthClient: null, timeLimitMs: 10_000, log: silentLog });
});
afterEach(async () => {
  await identity.close();
  await world.close();
});
const mebibyte = 1024 * 1024;
const store = (id: number, extraData: string): void => {
  world.server.overwrite(id, { extraData });
};
const find = (id: number) => identity.find(world.client(), String(id), ['client-1']);

test('A record of seven megabytes is read; one of nine is the person’s trouble, and said to be', async () => {
  store(5, JSON.stringify({ bio: 'x'.repeat(7 * mebibyte) }));
  expect(await find(5)).toMatchObject({ externalId: '5', roles: { 'client-1': 'member' } });

  store(5, JSON.stringify({ bio: 'x'.repeat(9 * mebibyte) }));
  await expect(find(5)).rejects.toMatchObject({ code: 'oauth-refused', facts: { inRecord: true } });
});

test('What cannot be read is not read again for a moment', async () => {
  store(5, JSON.stringify({ bio: 'x'.repeat(9 * mebibyte) }));

  for (let time = 0; time < 10; time += 1)
    await expect(find(5)).rejects.toMatchObject({ code: 'oauth-refused', facts: { inRecord: true } });

  expect(world.proxy.calls(/user\/5$/)).toBe(1);
});

test('Many of megabytes at once are read one after another, some are told to come again, and small ones are read beside them', async () => {
  store(5, JSON.stringify({ bio: 'x'.repeat(2 * mebibyte) }));

  const large = Array.from({ length: 10 }, () => find(5).catch((error: unknown) => error));
  const small = await find(6);

  expect(small?.externalId).toBe('6');
  for (const answer of await Promise.all(large))
    expect(answer).toMatchObject(isFault(answer) ? { facts: { inRecord: true } } : { externalId: '5' });
  expect(await Promise.all(large)).toContainEqual(expect.objectContaining({ externalId: '5' }));
});

test.each([
  ['lists', '[],'],
  ['objects', '{},'],
  ['numbers', '1,'],
  ['texts', '"",'],
])('A record of a million %s is not parsed', async (_what, part) => {
  store(5, `{"bio":[${part.repeat(1_000_000)}0]}`);

  await expect(find(5)).rejects.toMatchObject({ code: 'oauth-refused', facts: { inRecord: true } });
});

test('A write whose answer is too large may have happened', async () => {
  // Quoted once more in the answer to a write.
  store(5, JSON.stringify({ bio: '"'.repeat(3 * mebibyte) }));

  await expect(permitted(identity).update(world.client(), '5', { city: 'Sneek' })).rejects.toMatchObject({
    code: 'oauth-refused',
    facts: { inRecord: true, mayHaveHappened: true },
  });
  expect(world.server.people().find(({ id }) => id === 5)?.city).toBe('Sneek');
});
