import { activityTypes } from '../../src/activity-types/index.ts';
import { readForSite } from '../../src/domain/users/extra-data.ts';
import { changedColumns, mirrored } from '../../src/domain/people/mirror.ts';
import { isVotingActive } from '../../src/domain/sites/voting.ts';
import { demoWorld } from '../../seeds/demo-world.ts';
import { platformFault } from '../../src/domain/sites/oauth-client.ts';
import { demoTokens } from '../../src/config/demo.ts';

const clients = { clientId: 'a-client', platform: { clientId: 'of-the-platform', clientSecret: 'its-secret' } };
const world = demoWorld(clients);
const userOf = (id: unknown) => world.users.find((user) => user.id === id);
const siteOf = (id: unknown) => world.sites.find((site) => site.id === id);
const personOf = (personId: number | null) =>
  world.people.find(({ externalId }) => externalId === world.persons.find(({ id }) => id === personId)?.externalId);

describe('the demo world', () => {
  it('is always the same', () => {
    expect(demoWorld(clients)).toEqual(world);
  });

  it('has four sites: two voting, one closed, one ended; and the platform’s own', () => {
    const now = new Date('2025-06-01T12:00:00Z');
    expect(world.sites.map(({ config }) => isVotingActive(config.votes, now, 'Europe/Amsterdam'))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(world.sites.map(({ config }) => config.projectHasEnded)).toEqual([false, false, false, true, false]);
  });

  it('has some thirty people, a third of them on several sites', () => {
    const sitesOf = world.persons.map(({ id }) => world.users.filter(({ personId }) => personId === id).length);
    expect(sitesOf).toHaveLength(32);
    expect(Math.min(...sitesOf)).toBe(1);
    expect(sitesOf.filter((count) => count > 1)).toHaveLength(10);
    expect(new Set(world.people.map(({ email }) => email)).size).toBe(32);
  });

  it('has Niels Vegter on sites 1, 2 and 3, with the bio of the example', () => {
    const niels = world.users.filter(({ lastName }) => lastName === 'Vegter');
    expect(niels.map(({ siteId, extraData }) => [siteId, extraData])).toEqual([
      [1, { bio: 'Bio van Niels' }],
      [2, { bio: 'Bio van Niels op site 2' }],
      [3, { bio: 'Bio van Niels' }],
    ]);
  });

  it('has one platform admin, at the platform’s own site, whose client serves no other', () => {
    const rows = world.users.filter(({ siteId }) => siteId === 5);
    expect(rows.map(({ lastName, role }) => [lastName, role])).toEqual([['de Graaf', 'admin']]);
    expect(platformFault(5, world.sites, null)).toEqual({ kind: 'no-client' });
    const globals = {
      issuer: 'http://oauth',
      internalUrl: 'http://oauth',
      clientSecret: 'x',
      adapter: 'openstad',
      settings: {},
    } as const;
    expect(platformFault(5, world.sites, { ...globals, clientId: 'a-client' })).toBeNull();
    expect(platformFault(5, world.sites, { ...globals, clientId: 'Of-The-Platform ' })?.kind).toBe('shared');
  });

  it('has the user of each demo token on site 1, with the role of its name', () => {
    for (const { token, userId } of demoTokens) {
      expect(userOf(userId)).toMatchObject({ siteId: 1, personId: null, externalUserId: null });
      expect(`demo-${userOf(userId)?.role ?? ''}`).toBe(token);
    }
  });

  it('holds what a refresh would make of it', () => {
    for (const user of world.users.filter(({ personId }) => personId !== null)) {
      const profile = personOf(user.personId);
      const site = siteOf(user.siteId);
      if (profile === undefined || site === undefined) throw new Error('a user without person or site');
      expect(user.extraData).toEqual(readForSite(profile.extraData ?? {}, site.id, site.config));
      const { clientId } = site.id === 5 ? clients.platform : clients;
      expect(changedColumns(user, mirrored({ ...user, person: null }, profile, site, clientId))).toEqual([]);
    }
  });

  it.each(activityTypes)('has every column of $plural and no other, by users of the same site', (type) => {
    const rows = world[type.plural];
    expect(rows.length).toBeGreaterThan(4);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual(Object.keys(type.columns).sort());
      const siteId = 'siteId' in row ? row['siteId'] : world.ideas.find(({ id }) => id === row['ideaId'])?.['siteId'];
      expect(userOf(row.userId)?.siteId).toBe(siteId);
    }
  });

  it('has each vote once, replies to arguments on the same idea, and a few votes taken back', () => {
    const pairs = world.votes.map(({ userId, ...vote }) => `${String(vote['ideaId'])} ${userId}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    for (const reply of world.arguments.filter((row) => row['parentId'] !== null)) {
      expect(world.arguments.find(({ id }) => id === reply['parentId'])?.['ideaId']).toBe(reply['ideaId']);
    }
    expect(world.votes.some(({ deletedAt }) => deletedAt !== null)).toBe(true);
  });
});
