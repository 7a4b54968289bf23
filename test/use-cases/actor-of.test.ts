import { roleAt } from '../../src/domain/actor.ts';
import { isFault } from '../../src/domain/fault.ts';
import { cachedWorld, hanging, unreachable } from './support/cached-world.ts';

const stale = 61_000;
const day = 86_400_000;
const manyAtOnce = <T>(ask: () => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: 50 }, () => ask()));

/** A login at the first site reaches all: its client is the platform's own. */
const throughPlatform = { platformSiteId: 1 };

describe('An actor', () => {
  it('who was checked within freshSeconds is answered from the rows', async () => {
    const world = await cachedWorld();
    await world.session();
    world.roles('member', 'member');
    world.clock.advance(60_000);
    expect((await world.actor())?.roleBySite.get(1)).toBe('moderator');
    expect(world.calls).toEqual({ holder: 0, find: 0 });
  });

  it('who is stale is refreshed before the answer, once however many wait', async () => {
    const world = await cachedWorld();
    await world.session();
    world.roles('member', 'member');
    world.clock.advance(stale);
    const actors = await manyAtOnce(() => world.actor());
    expect(new Set(actors.map((actor) => actor?.roleBySite.get(1)))).toEqual(new Set(['member']));
    expect(world.calls).toEqual({ holder: 1, find: 0 });
    await manyAtOnce(() => world.actor());
    expect(world.calls.holder).toBe(1);
    world.clock.advance(stale);
    await manyAtOnce(() => world.actor());
    expect(world.calls.holder).toBe(2);
  });

  it('who is stale is told of before the OAuth server is asked about them', async () => {
    const world = await cachedWorld();
    await world.session();
    world.clock.advance(stale);
    const told: unknown[] = [];
    await world.actor(undefined, ({ reach }) => told.push([reach, world.calls.holder]));
    expect(told).toEqual([[{ kind: 'one-site', siteId: 1 }, 0]]);
    expect(world.calls.holder).toBe(1);
  });

  it('whose roles at all sites count loses one at another client, too, when it is taken away there', async () => {
    const world = await cachedWorld(throughPlatform);
    world.roles('moderator', 'editor');
    await world.session();
    world.ports.world.put.user({ ...world.there, role: 'editor' });
    world.clock.advance(stale);
    expect((await world.actorByRows())?.roleBySite.get(2)).toBe('editor');
    expect(world.calls).toEqual({ holder: 1, find: 1 });
    world.roles('moderator', 'member');
    world.clock.advance(stale);
    expect((await world.actorByRows())?.roleBySite).toEqual(
      new Map([
        [1, 'moderator'],
        [2, 'member'],
      ]),
    );
  });

  it('of a login through another site’s client is worth a member where that client does not count, and is not asked about there', async () => {
    const world = await cachedWorld();
    world.roles('moderator', 'editor');
    await world.session();
    world.ports.world.put.user({ ...world.there, role: 'editor' });
    world.clock.advance(stale);
    const actor = await world.actorByRows();
    expect([1, 2, 3].map((siteId) => actor && roleAt(actor, siteId))).toEqual(['moderator', 'member', 'all']);
    expect(world.calls).toEqual({ holder: 1, find: 0 });
  });

  it('of one site is worth a member elsewhere, whatever the row there says, and is not asked about there', async () => {
    const world = await cachedWorld();
    world.roles('moderator', 'editor');
    await world.session();
    world.ports.world.put.user({ ...world.there, role: 'editor' });
    world.clock.advance(stale);
    const actor = await world.actor();
    expect(actor?.reach).toEqual({ kind: 'one-site', siteId: 1 });
    expect([1, 2, 3].map((siteId) => actor && roleAt(actor, siteId))).toEqual(['moderator', 'member', 'all']);
    expect(world.calls).toEqual({ holder: 1, find: 0 });
  });

  it('whose access token is revoked is nobody from then on, and the session is gone', async () => {
    const world = await cachedWorld();
    await world.session({ accessToken: 'revoked' });
    world.clock.advance(stale);
    expect(await manyAtOnce(() => world.actor())).toEqual(Array.from({ length: 50 }, () => null));
    expect([world.calls.holder, await world.isLoggedIn()]).toEqual([1, false]);
  });

  it('whose access token turns out to be somebody else’s is nobody', async () => {
    const world = await cachedWorld();
    world.people.set('4711', { externalId: '4711', email: 'other@example.org', roles: { 'client-1': 'admin' } });
    await world.session({ accessToken: '4711' });
    world.clock.advance(stale);
    expect([await world.actor(), await world.isLoggedIn()]).toEqual([null, false]);
    expect(world.ports.world.users().map(({ email }) => email)).not.toContain('other@example.org');
  });

  it('whose access token has run out is checked by id, and the session goes on', async () => {
    const world = await cachedWorld();
    await world.session();
    world.clock.advance(2 * day);
    world.roles('member', 'member');
    expect((await world.actor())?.roleBySite.get(1)).toBe('member');
    expect([world.calls, await world.isLoggedIn()]).toEqual([{ holder: 0, find: 1 }, true]);
  });

  it('whom the server no longer knows is nobody, with all their sessions, and keeps their rows', async () => {
    const world = await cachedWorld();
    await world.session({ accessToken: null });
    await world.session({ jti: 'elsewhere', userId: world.there.id });
    world.people.clear();
    world.clock.advance(stale);
    expect([await world.actor(), await world.isLoggedIn()]).toEqual([null, false]);
    expect(await world.ports.sessions.find('elsewhere')).toBeNull();
    expect(world.ports.world.users().map(({ email }) => email)).toEqual(['noor@example.org', 'noor@example.org']);
  });

  it('is never refreshed under a fixed token', async () => {
    const world = await cachedWorld();
    world.clock.advance(30 * day);
    expect((await world.fixedToken())?.reach).toEqual({ kind: 'everywhere', role: 'moderator' });
    expect(world.calls).toEqual({ holder: 0, find: 0 });
  });

  it('of an OpenStad token is checked by the person’s age', async () => {
    const world = await cachedWorld();
    expect((await world.actor({}))?.userId).toBe(world.here.id);
    expect(world.calls.find).toBe(0);
    world.roles('member', 'member');
    world.clock.advance(stale);
    await manyAtOnce(() => world.actor({}));
    expect((await world.actor({}))?.roleBySite.get(1)).toBe('member');
    expect(world.calls).toEqual({ holder: 0, find: 1 });
    world.people.clear();
    world.clock.advance(stale);
    expect(await manyAtOnce(() => world.actor({}))).toEqual(Array.from({ length: 50 }, () => null));
    expect(await world.actor({})).toBeNull();
    expect(world.calls.find).toBe(2);
  });
});

describe('While the OAuth server does not answer', () => {
  it('what is known counts, and only one in a few seconds waits for it', async () => {
    const world = await cachedWorld();
    await world.session();
    world.server(unreachable);
    world.clock.advance(3_600_000);
    for (let request = 0; request < 20; request += 1)
      expect((await world.actor())?.roleBySite.get(1)).toBe('moderator');
    expect([world.calls.holder, await world.isLoggedIn()]).toEqual([1, true]);
    world.clock.advance(5001);
    await world.actor();
    expect(world.calls.holder).toBe(2);
    world.server();
    world.roles('member', 'member');
    world.clock.advance(5001);
    expect((await world.actor())?.roleBySite.get(1)).toBe('member');
  });

  it('a hanging server is waited for at most one time limit', async () => {
    const world = await cachedWorld({ oauthTimeLimitMs: 200 });
    await world.session();
    world.server(hanging);
    world.clock.advance(stale);
    const actors = await manyAtOnce(() => world.actor());
    expect(actors.every((actor) => actor?.roleBySite.get(1) === 'moderator')).toBe(true);
    const asked = world.calls.holder;
    await world.actor();
    expect(world.calls.holder).toBe(asked);
  });

  it('nobody above member acts after maxStaleSeconds, and members go on', async () => {
    const world = await cachedWorld();
    await world.session();
    world.server(unreachable);
    world.clock.advance(day - 1000);
    expect((await world.actor())?.roleBySite.get(1)).toBe('moderator');
    world.clock.advance(5000);
    const refused = await world.actor().catch((error: unknown) => error);
    expect(isFault(refused, 'role-unconfirmed') && refused.facts.retryAfterSeconds).toBeGreaterThan(0);
    world.ports.world.put.user({ ...world.here, role: 'member' });
    expect((await world.actor())?.roleBySite.get(1)).toBe('member');
    expect(await world.isLoggedIn()).toBe(true);
  });

  it('whoever leaves is known enough, however long ago', async () => {
    const world = await cachedWorld();
    await world.session();
    world.server(unreachable);
    world.clock.advance(30 * day);
    expect((await world.leaving())?.userId).toBe(world.here.id);
    expect(world.calls).toEqual({ holder: 0, find: 0 });
  });

  it('what the token’s own server said counts, though another client cannot be asked about', async () => {
    const world = await cachedWorld(throughPlatform);
    await world.session();
    world.ports.world.put.user({ ...world.there, role: 'editor' });
    world.roles('member', 'editor');
    world.server((asked) => (asked === 'find' ? unreachable() : undefined));
    world.clock.advance(stale);
    expect((await world.actorByRows())?.roleBySite).toEqual(
      new Map([
        [1, 'member'],
        [2, 'editor'],
      ]),
    );
    world.clock.advance(day);
    await expect(world.actorByRows()).rejects.toMatchObject({ code: 'role-unconfirmed' });
  });
});

describe('Where the OAuth server cannot be asked by id', () => {
  it('a session goes on by its access token', async () => {
    const world = await cachedWorld();
    await world.session();
    world.serverCannot('find');
    world.ports.world.put.user({ ...world.there, role: 'editor' });
    world.clock.advance(stale);
    expect((await world.actor())?.userId).toBe(world.here.id);
    expect([world.calls, (await world.view()).cache]).toEqual([{ holder: 1, find: 0 }, 'HIT']);
  });

  it('a session without one counts for maxStaleSeconds, and is over then', async () => {
    const world = await cachedWorld();
    await world.session({ accessToken: null });
    world.serverCannot('find');
    world.clock.advance(day - 1000);
    expect((await world.actor())?.roleBySite.get(1)).toBe('moderator');
    world.clock.advance(10_000);
    expect([await world.actor(), await world.isLoggedIn()]).toEqual([null, false]);
  });
});

describe('A user who is looked at', () => {
  it('while stale is answered from the row, and is fresh soon after, with one call however many look', async () => {
    const world = await cachedWorld();
    world.people.set(world.person.externalId, { ...world.people.get(world.person.externalId)!, city: 'Delft' });
    world.clock.advance(stale);
    const found = await manyAtOnce(() => world.view());
    expect(new Set(found.map(({ cache, user }) => `${cache} ${user.city}`))).toEqual(new Set(['STALE null']));
    await world.idle();
    expect(await world.view()).toMatchObject({ cache: 'HIT', ageSeconds: 0, user: { city: 'Delft' } });
    expect(world.calls).toEqual({ holder: 0, find: 1 });
  });

  it('is not asked for again at once where that failed, and nobody hears of it', async () => {
    const world = await cachedWorld();
    world.server(unreachable);
    world.clock.advance(stale);
    for (let look = 0; look < 5; look += 1) {
      expect((await world.view()).cache).toBe('STALE');
      await world.idle();
    }
    expect(world.calls.find).toBe(1);
    world.server();
    world.clock.advance(10_001);
    await world.view();
    await world.idle();
    expect((await world.view()).cache).toBe('HIT');
  });

  it('and whom the server no longer knows stays as the row has them, without sessions', async () => {
    const world = await cachedWorld();
    await world.session();
    world.people.clear();
    world.clock.advance(stale);
    await world.view();
    await world.idle();
    await world.view();
    await world.idle();
    expect((await world.view()).user.email).toBe('noor@example.org');
    expect([world.calls.find, await world.isLoggedIn()]).toEqual([1, false]);
  });
});
