import { anActor, aDay, aPerson, aSite, aUser } from '../support/builders.ts';
import {
  isListedIn,
  isSeenIn,
  joins,
  namingRow,
  peopleOf,
  showsAddress,
  sightOf,
} from '../../src/domain/people/sight.ts';
import type { Role } from '../../src/domain/actor.ts';

const open = aSite({ id: 1 });
const nick = aSite({ id: 2, config: { users: { displayName: 'nick' } } });
const hiding = aSite({ id: 3, config: { users: { viewableByRole: 'admin' } } });
const sites = [open, nick, hiding];
const everywhere = (role: Role) => anActor({ userId: 90, reach: { kind: 'everywhere', role } });

describe('whose eyes', () => {
  test.each([
    [
      'a session of one site',
      anActor({ roles: { 1: 'moderator', 2: 'admin' }, reach: { kind: 'one-site', siteId: 1 } }),
      [1],
    ],
    ['a console session', anActor({ roles: { 1: 'moderator', 2: 'admin', 3: 'editor' } }), [1, 2]],
    ['a member', anActor({ roles: { 1: 'member' } }), []],
    ['a moderator everywhere', everywhere('moderator'), [1, 2]],
    ['a platform admin', everywhere('admin'), [1, 2, 3]],
  ])('%s sees the sites where it is moderator or above, and which show their people to it', (_who, actor, ids) => {
    expect([...sightOf(actor, sites).seen.keys()]).toEqual(ids);
  });

  test('of everywhere says which sites it does not see', () => {
    expect(sightOf(everywhere('moderator'), sites)).toMatchObject({ reach: 'everywhere', hidden: [3] });
    expect(sightOf(anActor({ roles: { 1: 'admin' } }), sites).reach).toBe('sites');
  });
});

describe('a row', () => {
  const actor = anActor({ userId: 90, personId: 9, roles: { 1: 'moderator', 2: 'admin' } });
  const sight = sightOf(actor, sites);

  test.each([
    ['for everybody', { listableByRole: 'all' }, true],
    ['that says nothing', { listableByRole: null }, true],
    ['for editors', { listableByRole: 'editor' }, false],
    ['for editors, where the actor is admin', { listableByRole: 'editor', siteId: 2 }, true],
    ['of their own', { listableByRole: 'admin', personId: 9 }, true],
    ['that is soft-deleted', { deletedAt: aDay }, false],
    ['elsewhere', { siteId: 3 }, false],
    ['of no site', { siteId: null }, false],
  ] as const)('%s is listed as its own site lists it', (_which, said, isListed) => {
    expect(isListedIn(sight, actor, aUser(said))).toBe(isListed);
  });

  test('is seen, be it listed or not', () => {
    expect(isSeenIn(sight, aUser({ listableByRole: 'admin' }))).toBe(true);
    expect(isSeenIn(sight, aUser({ deletedAt: aDay }))).toBe(false);
    expect(isSeenIn(sight, aUser({ siteId: 3 }))).toBe(false);
  });

  test('of somebody who was added joins no other, but for themselves and platform admins', () => {
    const withheld = aUser({ person: aPerson(), profileWithheld: true });
    expect(joins(sight, actor, withheld)).toBe(false);
    expect(joins(sight, actor, { ...withheld, personId: 9 })).toBe(true);
    const platform = everywhere('admin');
    expect(joins(sightOf(platform, sites), platform, withheld)).toBe(true);
  });

  test('that is anonymized, or of no person, joins none', () => {
    expect(joins(sight, actor, aUser())).toBe(false);
    expect(joins(sight, actor, aUser({ person: aPerson(), anonymizedAt: aDay }))).toBe(false);
  });
});

describe('people', () => {
  const actor = anActor({ userId: 90, roles: { 1: 'moderator', 2: 'moderator' } });
  const sight = sightOf(actor, sites);
  const person = aPerson();

  test('are their rows that join, in the order of ids; every other row is one of its own', () => {
    const rows = [
      aUser({ id: 5, siteId: 2, person }),
      aUser({ id: 4 }),
      aUser({ id: 3, person }),
      aUser({ id: 6, person, profileWithheld: true }),
    ];
    expect(peopleOf(rows, sight, actor).map((group) => group.map(({ id }) => id))).toEqual([[3, 5], [4], [6]]);
  });

  test('are named by the row that logged in last, of those whose details are seen', () => {
    const late = new Date(aDay.getTime() + 1000);
    const [first, second] = [aUser({ id: 3, person }), aUser({ id: 5, person, lastLogin: late })];
    expect(namingRow([first, second], actor).id).toBe(5);
    expect(namingRow([first, { ...second, lastLogin: aDay }], actor).id).toBe(3);
    const hidden = { detailsViewableByRole: 'admin' } as const;
    expect(namingRow([first, { ...second, ...hidden }], actor).id).toBe(3);
    expect(
      namingRow(
        [
          { ...first, ...hidden },
          { ...second, ...hidden },
        ],
        actor,
      ).id,
    ).toBe(3);
  });

  test.each([
    ['Jan@X.example', true],
    [' jan@x.example ', true],
    ['ján@x.example', false],
    ['jan@x.example.org', false],
  ])('have the address %s: %s', (address, has) => {
    expect(showsAddress(sight, actor, aUser({ email: 'jan@x.example' }), address)).toBe(has);
    const hidden = aUser({ email: 'jan@x.example', detailsViewableByRole: 'admin' });
    expect(showsAddress(sight, actor, hidden, address)).toBe(false);
  });

  test('have an address however its accents are written', () => {
    expect(showsAddress(sight, actor, aUser({ email: 'zoe\u0308@x.example' }), 'zo\u00eb@x.example')).toBe(true);
  });
});
