import { roles, userRoles, type Actor, type Role } from '../../src/domain/actor.ts';
import {
  hasCome,
  isLoginSetElsewhere,
  isRaised,
  isRoleHeldBack,
  isStillMade,
  isWithheldFrom,
  loginSetBy,
  mayHearOfPerson,
  namesAnywhere,
  ofSiteOnly,
  vouchesByRole,
} from '../../src/domain/people/vouching.ts';
import { siteConfigOf } from '../../src/domain/sites/site.ts';
import type { User } from '../../src/domain/users/user.ts';
import { anActor, aPerson, aUser } from '../support/builders.ts';

/** docs/reference/neighbours.md, "People who were added and never logged in"; docs/adr/0022-hostile-neighbours.md. */
const admin = anActor({ userId: 9001, roles: { 1: 'admin' } });
const platformAdmin = anActor({ userId: 9002, reach: { kind: 'everywhere', role: 'admin' } });
const ownerOf = ({ id, personId }: User, said: Partial<Actor> = {}) => anActor({ userId: id, personId, ...said });

describe('of somebody who was added and has not logged in', () => {
  const added = aUser({ siteId: 1, person: aPerson(), profileWithheld: true });
  const open = aUser({ siteId: 2, person: aPerson() });

  it('others are shown what was written here only, they themselves all', () => {
    const kinds = [admin, platformAdmin, ownerOf(added)];
    expect(kinds.map((actor) => isWithheldFrom(actor, added))).toEqual([true, true, false]);
    expect(kinds.map((actor) => isWithheldFrom(actor, open))).toEqual([false, false, false]);
  });

  it.each([
    ['no row', [], false],
    ['a row that was added', [added], false],
    ['a row to which they came', [open], true],
    ['one of each', [added, open], true],
  ])('%s: they have come, or not', (_what, rows, come) => {
    expect(hasCome(rows)).toBe(come);
  });

  it.each([
    ['the rows to which they came', [open], { admin: true, 'platform admin': true, owner: true }],
    ['a row that was added', [added], { admin: false, 'platform admin': true, owner: true }],
    ['one of each', [open, added], { admin: false, 'platform admin': true, owner: true }],
  ])('what becomes of them at the OAuth server is told of %s, or not', (_what, rows, told) => {
    expect({
      admin: mayHearOfPerson(admin, rows),
      'platform admin': mayHearOfPerson(platformAdmin, rows),
      owner: mayHearOfPerson(ownerOf(added), rows),
    }).toEqual(told);
  });
});

describe('somebody is still in the hands of the site that made them', () => {
  const person = aPerson({ isOursToRemove: true, isUnclaimed: true });
  const row = aUser({ siteId: 1, person, role: 'moderator', profileWithheld: true });
  const atServer = { roles: { own: 'moderator' }, roleElsewhere: null } as const;

  it.each<[string, Partial<Parameters<typeof isStillMade>[2]>]>([
    ['as they were made', {}],
    ['with a role below the row’s', { roles: { own: 'member' } }],
    ['with no role', { roles: { own: null } }],
    ['asked for at other clients, and nothing there', { roles: { own: 'member', other: null } }],
    ['without any client', { roles: {} }],
  ])('%s', (_what, there) => {
    expect(isStillMade(row, [row], { ...atServer, ...there }, ['own'])).toBe(true);
  });

  it.each<[string, User, readonly User[], Partial<Parameters<typeof isStillMade>[2]>]>([
    ['who has no person', aUser({ ...row, person: null }), [row], {}],
    ['whom we did not make', { ...row, person: { ...person, isOursToRemove: false } }, [row], {}],
    ['who has logged in', { ...row, person: { ...person, isUnclaimed: false } }, [row], {}],
    ['who is at another site', row, [row, aUser({ siteId: 2, person })], {}],
    ['who has a role at another site of ours', row, [row], { roles: { own: 'member', other: 'member' } }],
    ['who has a higher role than the row’s', row, [row], { roles: { own: 'editor' } }],
    ['who has a role at somebody else’s client', row, [row], { roleElsewhere: 'anonymous' }],
  ])('but not %s', (_what, user, rows, there) => {
    expect(isStillMade(user, rows, { ...atServer, ...there }, ['own'])).toBe(false);
  });

  it('but not where the OAuth server did not say', () => {
    expect(isStillMade(row, [row], {}, ['own'])).toBe(false);
  });
});

describe('the part of a change that is the site’s own', () => {
  const config = siteConfigOf({ users: { extraData: { shoe: { sitespecific: true } } } });
  const own = { nickName: 'n', gender: null, signedUpForNewsletter: false, listableByRole: 'all' } as const;

  it('is its fields, its keys and its role', () => {
    const change = { ...own, firstName: 'N', email: 'n@example.org', phoneNumber: '06', city: 'Ede' };
    const extraData = { bio: 'b', shoe: 42, hobby: 'h' };
    expect(ofSiteOnly({ ...change, role: 'editor', extraData }, config)).toStrictEqual({
      ...own,
      role: 'editor',
      extraData: { bio: 'b', shoe: 42 },
    });
  });

  it('is nothing at all of a change of the whole person', () => {
    expect(ofSiteOnly({ firstName: 'N', extraData: { hobby: 'h' } }, config)).toStrictEqual({});
    expect(ofSiteOnly({ city: null }, config)).toStrictEqual({});
  });
});

describe('a site vouches for the address or phone that somebody logs in with', () => {
  const person = aPerson();
  const here = aUser({ siteId: 1, person });
  const there = aUser({ siteId: 2, person });
  const ofGoneSite = aUser({ siteId: null, person });
  const rows = [here, there, aUser({ siteId: 2, person, slot: 1 }), ofGoneSite];
  const staff = (at: Record<number, 'moderator' | 'editor' | 'admin'>) => anActor({ userId: 9001, roles: at });
  const pages = (siteId: number) => ({ reach: { kind: 'one-site', siteId } as const });

  it.each<[string, Actor, User, readonly number[]]>([
    ['where who wrote it is editor', staff({ 1: 'editor', 2: 'moderator' }), here, [1]],
    ['at all sites where they are', staff({ 1: 'editor', 2: 'admin' }), here, [1, 2]],
    ['only where the person is', staff({ 3: 'admin' }), here, []],
    ['by the pages of one site only', { ...staff({ 1: 'editor', 2: 'editor' }), ...pages(2) }, there, [2]],
    ['whose pages the owner used', ownerOf(here, pages(1)), here, [1]],
    ['whose pages the owner used, also for a row elsewhere', ownerOf(here, pages(1)), there, [1]],
    ['and none by pages of a site where the owner is not', ownerOf(here, pages(3)), here, []],
    ['whose row the owner changed in the console', ownerOf(here), there, [2]],
    ['but not one that is gone', ownerOf(here), ofGoneSite, []],
  ])('%s', (_what, actor, user, vouching) => {
    expect(loginSetBy(actor, user, rows, null)).toEqual(vouching);
  });

  it('where POST made them with a phone: where its actor is editor', () => {
    const made = [{ siteId: 1 }];
    expect(loginSetBy(staff({ 1: 'editor' }), null, made, null)).toEqual([1]);
    expect(loginSetBy(staff({ 1: 'moderator' }), null, made, null)).toEqual([]);
  });

  it.each<[readonly number[] | null, readonly number[]]>([
    [null, [1, 2]],
    [
      [1, 2, 3],
      [1, 2],
    ],
    [[2], [2]],
    [[3], []],
    [[], []],
  ])('of several writes only where it vouched for each: after %j it is %j', (before, vouching) => {
    expect(loginSetBy(staff({ 1: 'editor', 2: 'editor' }), here, rows, before)).toEqual(vouching);
  });

  it('as before where an editor of all sites wrote it; a moderator of all is none', () => {
    const everywhere = (role: Role) => anActor({ userId: 9001, reach: { kind: 'everywhere', role } });
    const after = (role: Role) => [null, [7]].map((before) => loginSetBy(everywhere(role), here, rows, before));
    expect([after('admin'), after('editor'), after('moderator')]).toEqual([
      [null, [7]],
      [null, [7]],
      [[], []],
    ]);
  });

  it('up to twenty, as many as the column holds', () => {
    const many = Array.from({ length: 25 }, (_none, at) => at + 1);
    const editor = staff(Object.fromEntries(many.map((siteId) => [siteId, 'editor'])));
    const everyRow = many.map((siteId) => ({ siteId }));
    expect(loginSetBy(editor, here, everyRow, null)).toEqual(many.slice(0, 20));
  });

  it.each<[readonly number[] | null, number | null, boolean]>([
    [null, 1, false],
    [null, null, false],
    [[1, 2], 1, false],
    [[2], 1, true],
    [[], 1, true],
    [[1], null, true],
  ])('set by those of %j, it was set elsewhere for site %j: %s', (loginSetAt, siteId, elsewhere) => {
    expect(isLoginSetElsewhere(loginSetAt, siteId)).toBe(elsewhere);
  });
});

describe('a role', () => {
  it('is raised above member and above what there is, and never by a change that names none', () => {
    const raised = (wanted: Role): readonly Role[] => roles.filter((present) => isRaised(wanted, present));
    expect(userRoles.map((wanted) => [wanted, raised(wanted)])).toEqual([
      ['anonymous', []],
      ['member', []],
      ['moderator', ['all', 'anonymous', 'member']],
      ['editor', ['all', 'anonymous', 'member', 'moderator']],
      ['admin', ['all', 'anonymous', 'member', 'moderator', 'editor']],
    ]);
    expect(roles.some((present) => isRaised(undefined, present))).toBe(false);
  });

  const setAt = (...sites: number[]) => aPerson({ loginSetAt: sites });
  const row = (said: Partial<User>): User => aUser({ siteId: 1, role: 'member', person: setAt(2), ...said });

  it.each<[string, boolean, User, Role | undefined]>([
    ['one above member, where another site set how they log in,', true, row({}), 'moderator'],
    ['one that is no more than they have', false, row({ role: 'editor' }), 'moderator'],
    ['member', false, row({ role: 'anonymous' }), 'member'],
    ['none', false, row({}), undefined],
    ['one where this site set it', false, row({ person: setAt(1, 2) }), 'admin'],
    ['one where nobody set it', false, row({ person: aPerson() }), 'admin'],
    ['one of a row without a person', false, row({ person: null }), 'admin'],
    [
      'a lower one than waits in a row that was added',
      true,
      row({ role: 'admin', profileWithheld: true }),
      'moderator',
    ],
  ])('%s is held back: %s', (_what, heldBack, user, wanted) => {
    expect(isRoleHeldBack(wanted, user)).toBe(heldBack);
  });

  it('is held back by what the person has at the OAuth server, where that is known', () => {
    const added = row({ role: 'member', profileWithheld: true });
    expect(userRoles.map((present) => isRoleHeldBack('editor', added, present))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('is a platform admin’s word for who somebody is: of an open row, and one that others could not give', () => {
    const says = (actor: Actor, user: User, wanted: Role | undefined = 'editor') => vouchesByRole(actor, wanted, user);
    expect({
      'a platform admin': says(platformAdmin, row({})),
      'an admin': says(admin, row({})),
      'a fixed token of an editor': says(
        anActor({ userId: 1, reach: { kind: 'everywhere', role: 'editor' } }),
        row({}),
      ),
      'of a row that was added': says(platformAdmin, row({ profileWithheld: true })),
      'a role that anybody could give': says(platformAdmin, row({}), 'member'),
      'a role of somebody whom nobody set': says(platformAdmin, row({ person: aPerson() })),
    }).toEqual({
      'a platform admin': true,
      'an admin': false,
      'a fixed token of an editor': false,
      'of a row that was added': false,
      'a role that anybody could give': false,
      'a role of somebody whom nobody set': false,
    });
  });
});

describe('rows of tables without a site', () => {
  const user = aUser({ email: 'n@example.org', externalUserId: 5 });
  const written = aUser({ addressWritten: '0'.repeat(32) });
  const nothing = { email: null, externalId: null };

  it.each([
    [
      'by address and id, once nobody of the person is left',
      user,
      [user],
      true,
      { email: 'n@example.org', externalId: 5 },
    ],
    ['by nothing while somebody of the person is left', user, [user], false, nothing],
    ['by nothing of a row that was added', { ...user, profileWithheld: true }, [user], true, nothing],
    ['by id only, where any row’s address was written', user, [user, written], true, { email: null, externalId: 5 }],
  ])('are somebody’s %s', (_what, of, rows, nobodyLeft, names) => {
    expect(namesAnywhere(of, rows, nobodyLeft)).toEqual(names);
  });
});
