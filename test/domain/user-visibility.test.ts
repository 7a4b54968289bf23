import { atLeast, roleAt, roles, userRoles } from '../../src/domain/actor.ts';
import { ruleOf, userFieldNames, type UserField } from '../../src/domain/users/user-fields.ts';
import { mayViewUsers } from '../../src/domain/users/user-rules.ts';
import {
  isListedBy,
  isSeenByAll,
  isStandIn,
  leadingWords,
  mayQuery,
  namesIds,
  saidFor,
  shownFields,
} from '../../src/domain/users/user-visibility.ts';
import { visibleTo } from '../support/visible-to.ts';
import { aDay, aPerson, anActor, aSite, aUser } from '../support/builders.ts';

/** The view column of user-api.md §2, written out once more: who changes the table has to mean it. */
const view: Readonly<Record<UserField, 'everybody' | 'details' | 'admin' | 'nobody'>> = {
  id: 'everybody',
  siteId: 'everybody',
  createdAt: 'everybody',
  updatedAt: 'everybody',
  deletedAt: 'everybody',
  complete: 'everybody',
  extraData: 'everybody',
  role: 'details',
  email: 'details',
  firstName: 'details',
  lastName: 'details',
  streetName: 'details',
  houseNumber: 'details',
  suffix: 'details',
  postcode: 'details',
  zipCode: 'details',
  city: 'details',
  phoneNumber: 'details',
  nickName: 'details',
  gender: 'details',
  signedUpForNewsletter: 'details',
  listableByRole: 'details',
  detailsViewableByRole: 'details',
  lastLogin: 'details',
  isNotifiedAboutAnonymization: 'details',
  anonymizedAt: 'details',
  externalUserId: 'admin',
  externalAccessToken: 'nobody',
  personId: 'nobody',
  slot: 'nobody',
  profileWithheld: 'nobody',
  addressWritten: 'nobody',
};

const config = {
  oauth: { default: { 'auth-client-secret': 'geheim' } },
  users: {
    allowUseOfNicknames: true,
    extraData: {
      open: {},
      members: { auth: { viewableBy: 'member' } },
      staff: { auth: { viewableBy: ['moderator'] } },
      owned: { auth: { viewableBy: ['owner', 'admin'] } },
      mistyped: { auth: { viewableBy: 'moderater' } },
    },
  },
};
const site = aSite({ id: 1, config });
const person = aPerson({ externalId: '1001' });
const extraData = { open: 1, members: 2, staff: 3, owned: 4, mistyped: 5, undeclared: 6 };
const target = aUser({
  siteId: 1,
  person,
  email: 'n@example.org',
  nickName: 'nv',
  firstName: 'N',
  lastName: 'V',
  extraData,
});

const actors = {
  visitor: anActor(),
  anonymous: anActor({ userId: 901, roles: { 1: 'anonymous' } }),
  member: anActor({ userId: 902, roles: { 1: 'member' } }),
  'moderator elsewhere': anActor({ userId: 903, roles: { 2: 'admin' } }),
  moderator: anActor({ userId: 904, roles: { 1: 'moderator' } }),
  editor: anActor({ userId: 905, roles: { 1: 'editor' } }),
  admin: anActor({ userId: 906, roles: { 1: 'admin' } }),
  'fixed admin': anActor({ userId: 907, reach: { kind: 'everywhere', role: 'admin' } }),
  owner: anActor({ userId: target.id, roles: { 1: 'member' } }),
  'owner from another site': anActor({ userId: 908, personId: person.id, roles: { 2: 'member' } }),
};
type Name = keyof typeof actors;
const seeDetails: readonly Name[] = ['moderator', 'editor', 'admin', 'fixed admin', 'owner', 'owner from another site'];
const names = Object.keys(actors) as Name[];
const seenBy = (name: Name, user = target, at = site) => visibleTo(actors[name], user, at);

describe.each(names)('%s', (name) => {
  it.each(userFieldNames)('sees %s as the contract says', (field) => {
    const isAdmin = name === 'admin' || name === 'fixed admin';
    const expected = {
      everybody: true,
      details: seeDetails.includes(name),
      admin: isAdmin,
      nobody: false,
    }[view[field]];
    expect(Object.hasOwn(seenBy(name), field)).toBe(expected);
  });

  it('sees the keys of extraData that are theirs to see', () => {
    const audiences: Record<string, readonly Name[]> = {
      open: names,
      members: ['member', 'moderator', 'editor', 'admin', 'fixed admin', 'owner'],
      staff: ['moderator', 'editor', 'admin', 'fixed admin'],
      owned: ['admin', 'fixed admin', 'owner', 'owner from another site'],
      mistyped: [],
      undeclared: seeDetails,
    };
    const expected = Object.keys(audiences).filter((key) => audiences[key]?.includes(name));
    expect(Object.keys(seenBy(name)['extraData'] as object).sort()).toEqual(expected.sort());
  });

  it('lists and sorts by what they see, and asks by nothing that they do not', () => {
    const actor = actors[name];
    const role = roleAt(actor, target.siteId);
    const sees = userFieldNames.filter((field) => field !== 'extraData' && Object.hasOwn(seenBy(name), field));
    expect(userFieldNames.filter((field) => isListedBy(field, { actor, role }, target))).toEqual(sees);
    const asked = userFieldNames.filter((field) => mayQuery(actor, field, site));
    const isStaff = atLeast(role, 'moderator');
    const wanted = (field: UserField): boolean =>
      ruleOf(field).query && (isStaff ? sees.includes(field) : view[field] === 'everybody');
    expect(asked).toEqual(userFieldNames.filter(wanted));
  });

  it('sees the full name only with the details, and never a secret of the site', () => {
    expect(seenBy(name)['fullName']).toBe(seeDetails.includes(name) ? 'N V' : undefined);
    expect(seenBy(name)).toMatchObject({ displayName: 'nv', initials: 'N', site: { id: 1, title: site.title } });
    expect(JSON.stringify(seenBy(name))).not.toContain('geheim');
  });
});

describe('who sees details', () => {
  it('is said by the user, where they say it: more people, or fewer', () => {
    expect(seenBy('member', { ...target, detailsViewableByRole: 'member' })).toHaveProperty('email');
    expect(seenBy('visitor', { ...target, detailsViewableByRole: 'member' })).not.toHaveProperty('email');
    expect(seenBy('visitor', { ...target, detailsViewableByRole: 'all' })).toHaveProperty('email');
    expect(seenBy('moderator', { ...target, detailsViewableByRole: 'admin' })).not.toHaveProperty('email');
    expect(seenBy('owner', { ...target, detailsViewableByRole: 'admin' })).toHaveProperty('email');
  });

  it('is the same from both ends: by what a row says, and by what rows say that are for a role', () => {
    for (const role of userRoles)
      for (const said of [...roles, null]) {
        const shown = visibleTo(
          anActor({ userId: 909, roles: { 1: role } }),
          { ...target, detailsViewableByRole: said },
          site,
        );
        expect([role, said, Object.hasOwn(shown, 'email')]).toEqual([role, said, saidFor(role).includes(said)]);
      }
  });

  it('is not changed for what only admins see', () => {
    expect(seenBy('member', { ...target, detailsViewableByRole: 'all' })).not.toHaveProperty('externalUserId');
  });
});

describe('the external id', () => {
  it.each([
    ['1001', 1001],
    ['999999999999999', 999_999_999_999_999],
    ['9999999999999999', '9999999999999999'],
    ['0123', '0123'],
    ['c0ffee-id', 'c0ffee-id'],
  ])('%j is answered as %j', (externalId, shown) => {
    const user = aUser({ siteId: 1, person: aPerson({ externalId }) });
    expect(seenBy('admin', user)['externalUserId']).toBe(shown);
  });

  it('is not told of somebody who was added and has not logged in', () => {
    expect(seenBy('admin', { ...target, profileWithheld: true })['externalUserId']).toBeNull();
  });

  it('is the column’s where no person is known', () => {
    const known = [5, null].map((externalUserId) => aUser({ siteId: 1, person: null, externalUserId }));
    expect(known.map((user) => seenBy('admin', user)['externalUserId'])).toEqual([5, null]);
  });
});

it('a nick name is absent where the site does not use them, for everybody', () => {
  const without = aSite({ id: 1, config: { users: { allowUseOfNicknames: false } } });
  for (const name of names) expect(seenBy(name, target, without)).not.toHaveProperty('nickName');
  for (const name of names) expect([name, mayQuery(actors[name], 'nickName', without)]).toEqual([name, false]);
  expect(seenBy('visitor', target, without)['displayName']).toBe('N V');
  expect(seenBy('moderator', target, without)).toHaveProperty('email');
  expect(mayQuery(actors.moderator, 'email', without)).toBe(true);
});

it('the real name never shows where the site shows nick names only', () => {
  const nick = aSite({ id: 1, config: { users: { displayName: 'nick' } } });
  const shown = JSON.stringify(seenBy('member', aUser({ siteId: 1, firstName: 'Echte', lastName: 'Naam' }), nick));
  expect(shown).not.toMatch(/Echte|Naam/);
  expect(shown).toContain('Deelnemer');
});

it('an admin is shown all fields but those that nobody sees', () => {
  expect(shownFields).toEqual(userFieldNames.filter((field) => view[field] !== 'nobody'));
});

it('values are told as the row has them', () => {
  const { externalUserId, ...shown } = seenBy('fixed admin');
  expect(externalUserId).toBe(1001);
  for (const field of userFieldNames.filter((name) => name !== 'extraData' && Object.hasOwn(shown, name)))
    expect([field, shown[field]]).toEqual([field, JSON.parse(JSON.stringify(target[field]))]);
});

it('a row whose site is gone shows the real name where its details are seen, and no key of extraData', () => {
  const lost = { ...target, siteId: null };
  expect(visibleTo(actors['fixed admin'], lost, null)).toMatchObject({ displayName: 'N V', nickName: 'nv' });
  expect(visibleTo(actors['fixed admin'], lost, null)).not.toHaveProperty('extraData');
});

describe('when a row changed', () => {
  const updatedAt = new Date('2024-02-03T04:05:06.000Z');
  const shownTo = (anonymizedAt: Date | null) =>
    Object.fromEntries(names.map((name) => [name, seenBy(name, { ...target, updatedAt, anonymizedAt })['updatedAt']]));

  it('is told everybody to the second', () => {
    expect(Object.values(shownTo(null))).toEqual(names.map(() => updatedAt.toISOString()));
  });

  it('is told others by the day, once it was anonymized: in one moment at all sites of a person', () => {
    const exact = Object.entries(shownTo(updatedAt)).filter(([, shown]) => shown === updatedAt.toISOString());
    const days = Object.entries(shownTo(updatedAt)).filter(([, shown]) => shown === '2024-02-03T00:00:00.000Z');
    expect(exact.map(([name]) => name)).toEqual(seeDetails);
    expect(days.map(([name]) => name)).toEqual(names.filter((name) => !seeDetails.includes(name)));
    expect(seenBy('visitor', { ...target, anonymizedAt: aDay })).toMatchObject({ id: target.id, displayName: 'N V' });
  });
});

describe('what everybody sees of a row', () => {
  it.each<[string, Partial<typeof target>, boolean]>([
    ['changes with its display name', { nickName: 'other' }, true],
    ['changes with a key that is shown to all', { extraData: { ...extraData, open: 2 } }, true],
    ['changes once its details are shown to all', { detailsViewableByRole: 'all' }, true],
    ['does not change with its address', { email: 'other@example.org' }, false],
    ['does not change with a key that is not shown', { extraData: { ...extraData, staff: 4 } }, false],
    ['does not change with the moment of a change alone', { updatedAt: new Date(aDay.getTime() + 1000) }, false],
  ])('%s', (_what, change, seen) => {
    expect(isSeenByAll(target, { ...target, ...change }, site)).toBe(seen);
  });
});

describe('a search', () => {
  it.each([
    ['deelnemer', 'nick-name', true],
    ['deel', 'nick-name', true],
    ['nemer', 'nick-name', false],
    ['piet', 'nick-name', false],
    ['deelnemer', 'nick-name-or-full-name', false],
    ['deelnemer', 'full-name', false],
  ] as const)('for %j where a site shows the %s finds those without a nick name: %s', (word, naming, finds) => {
    expect(isStandIn(word, naming)).toBe(finds);
    expect(leadingWords({ words: ['jan', word], naming })).toEqual(finds ? ['jan'] : ['jan', word]);
  });

  it.each<[string, Parameters<typeof namesIds>[0], boolean]>([
    ['one id', [{ field: 'id', is: 'equal' }], true],
    [
      'some ids, beside something else',
      [
        { field: 'role', is: 'equal' },
        { field: 'id', is: 'one-of' },
      ],
      true,
    ],
    ['all ids but one', [{ field: 'id', is: 'unequal' }], false],
    [
      'one of another field',
      [
        { field: 'role', is: 'one-of' },
        { field: 'email', is: 'equal' },
      ],
      false,
    ],
    ['nothing', [], false],
  ])('of %s is for some rows only, or not', (_what, conditions, named) => {
    expect(namesIds(conditions)).toBe(named);
  });
});

it('rows below users.viewableByRole do not exist, except one’s own', () => {
  const closed = aSite({ id: 1, config: { users: { viewableByRole: 'member' } } });
  const sees = names.filter((name) => mayViewUsers(actors[name], target, closed));
  expect(sees).toEqual(names.filter((name) => !['visitor', 'anonymous', 'moderator elsewhere'].includes(name)));
  expect(names.every((name) => mayViewUsers(actors[name], target, site))).toBe(true);
});
