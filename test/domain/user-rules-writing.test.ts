import { type Role, type UserRole, userRoles } from '../../src/domain/actor.ts';
import { realChange, type UserChange } from '../../src/domain/users/user-change.ts';
import {
  mustWriteFields,
  mustWriteNewFields,
  changesWholePerson,
  type Affected,
} from '../../src/domain/users/user-rules.ts';
import { aPerson, anActor, aSite, aUser } from '../support/builders.ts';
import { verdict } from '../support/verdict.ts';

const withRole = (role: UserRole, siteId = 1) => anActor({ userId: 9001, roles: { [siteId]: role } });
const person = aPerson();
const ownerOf = (target: { id: number }) => anActor({ userId: target.id, roles: { 1: 'member' } });

describe('writing fields', () => {
  const site = aSite({
    id: 1,
    config: {
      users: {
        allowUseOfNicknames: true,
        extraData: {
          staffOnly: { auth: { updateableBy: 'moderator' } },
          mine: { auth: { updateableBy: ['owner'] } },
          nobodys: { auth: { updateableBy: 'x' } },
        },
      },
    },
  });
  const target = aUser({
    siteId: 1,
    role: 'member',
    email: 'old@example.org',
    firstName: 'Oud',
    person,
    extraData: { staffOnly: 1 },
  });
  const alone: Affected = { sitesOfClient: [1], places: [{ siteId: 1, role: 'member' }], isNamedByFixedToken: false };
  const write = (by: 'owner' | UserRole, change: UserChange, affected: Partial<Affected> = {}) =>
    verdict(() => {
      const actor = by === 'owner' ? ownerOf(target) : withRole(by);
      mustWriteFields(actor, target, site, change, realChange(target, change), { ...alone, ...affected });
    });

  /** The write column of user-api.md §2, written out once more. */
  const changes: readonly (readonly [UserChange, readonly ('owner' | UserRole)[]])[] = [
    [{ firstName: 'Nieuw' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ lastName: 'Nieuw' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ streetName: 'Nieuw' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ houseNumber: '1' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ suffix: 'A' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ postcode: '1000 AA' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ city: 'Nieuw' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ nickName: 'nieuw' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ gender: 'female' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ signedUpForNewsletter: true }, ['owner', 'moderator', 'editor', 'admin']],
    [{ listableByRole: 'all' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ detailsViewableByRole: 'admin' }, ['owner', 'moderator', 'editor', 'admin']],
    [{ detailsViewableByRole: 'member' }, ['owner']],
    [{ phoneNumber: '06' }, ['owner', 'editor', 'admin']],
    [{ email: 'new@example.org' }, ['editor', 'admin']],
    [{ role: 'editor' }, ['admin']],
    [{ extraData: { undeclared: 1 } }, ['owner', 'moderator', 'editor', 'admin']],
    [{ extraData: { staffOnly: 2 } }, ['moderator', 'editor', 'admin']],
    [{ extraData: { mine: 2 } }, ['owner']],
    [{ extraData: { nobodys: 2 } }, []],
  ];
  it.each(changes)('%j is for %j', (change, writers) => {
    for (const by of ['owner', ...userRoles] as const)
      expect([by, write(by, change) === 'may']).toEqual([by, writers.includes(by)]);
  });

  it('names the field that is refused', () => {
    expect(write('moderator', { email: 'new@example.org' })).toBe('field-not-writable email');
    expect(write('owner', { extraData: { staffOnly: 2 } })).toBe('field-not-writable extraData.staffOnly');
  });

  it('is no refusal where nothing would change and the actor sees that', () => {
    expect(write('moderator', { email: 'old@example.org', role: 'member', extraData: { staffOnly: 1 } })).toBe('may');
  });

  it('does not confirm a guess about what the actor may not see', () => {
    const hidden = aSite({
      id: 1,
      config: { users: { extraData: { staffOnly: { auth: { viewableBy: 'moderator', updateableBy: 'moderator' } } } } },
    });
    const guess = (value: number) =>
      verdict(() => {
        const change = { extraData: { staffOnly: value } };
        mustWriteFields(ownerOf(target), target, hidden, change, realChange(target, change), alone);
      });
    expect(guess(1)).toBe('field-not-writable extraData.staffOnly');
    expect(guess(2)).toBe(guess(1));
  });

  it('a role needs the right on each site that shares the OAuth client', () => {
    expect(write('admin', { role: 'editor' }, { sitesOfClient: [1, 2] })).toBe('role-not-grantable role');
  });

  it.each<[string, Partial<Affected>, string]>([
    ['a member of another site', { places: [...alone.places, { siteId: 2, role: 'member' }] }, 'not-editor-everywhere'],
    ['staff at an OAuth client of nobody', { places: [{ siteId: null, role: 'admin' }] }, 'not-editor-everywhere'],
    ['named by a fixed token', { isNamedByFixedToken: true }, 'platform-admin-needed'],
  ])('a means to log in of %s is not one site’s to change', (_who, affected, rule) => {
    expect(write('admin', { email: 'new@example.org' }, affected)).toBe(`${rule} email`);
    expect(write('admin', { phoneNumber: '06' }, affected)).toBe(`${rule} phoneNumber`);
    expect(write('owner', { phoneNumber: '06' }, affected)).toBe('may');
  });

  it.each<UserChange>([{ phoneNumber: '06' }, { detailsViewableByRole: 'all' }, { listableByRole: 'all' }])(
    'the owner sets %j through a login at the site of the row only',
    (change) => {
      const by = (siteId: number, places = alone.places) =>
        verdict(() => {
          const actor = { ...ownerOf(target), reach: { kind: 'one-site', siteId } as const };
          mustWriteFields(actor, target, site, change, realChange(target, change), { ...alone, places });
        });
      expect([by(1), by(2)]).toEqual(['may', `owner-by-own-site ${Object.keys(change)[0]}`]);
    },
  );

  it('the phone number of somebody who is staff elsewhere is not changed through a login here', () => {
    const change = { phoneNumber: '06' };
    const by = (role: UserRole) =>
      verdict(() => {
        const actor = { ...ownerOf(target), reach: { kind: 'one-site', siteId: 1 } as const };
        const places = [...alone.places, { siteId: 2, role }];
        mustWriteFields(actor, target, site, change, realChange(target, change), { ...alone, places });
      });
    expect([by('member'), by('moderator')]).toEqual(['may', 'staff-by-own-site phoneNumber']);
  });

  it('a nick name is refused where the site does not use them', () => {
    const without = aSite({ id: 1 });
    const set = verdict(() => {
      mustWriteFields(ownerOf(target), target, without, { nickName: 'x' }, { nickName: 'x' }, alone);
    });
    expect(set).toBe('nicknames-not-allowed nickName');
  });

  it('reaches the person where the value lives for all sites', () => {
    expect(changesWholePerson({ firstName: 'x' }, site.config)).toBe(true);
    expect(changesWholePerson({ role: 'member' }, site.config)).toBe(true);
    expect(changesWholePerson({ extraData: { undeclared: 1 } }, site.config)).toBe(true);
    expect(changesWholePerson({ extraData: { bio: 'x' }, nickName: 'x', listableByRole: null }, site.config)).toBe(
      false,
    );
    expect(changesWholePerson({}, site.config)).toBe(false);
  });
});

describe('writing the fields of somebody new', () => {
  const site = aSite({
    id: 1,
    config: { users: { allowUseOfNicknames: true, extraData: { high: { auth: { updateableBy: 'editor' } } } } },
  });
  const create = (by: UserRole, change: UserChange, sites: readonly number[] = [1]) =>
    verdict(() => {
      mustWriteNewFields(withRole(by), site, change, sites);
    });

  it.each<[UserChange, Role, string]>([
    [{ email: 'n@example.org', firstName: 'N', nickName: 'n', role: 'member' }, 'moderator', 'may'],
    [{ phoneNumber: '06' }, 'moderator', 'field-not-writable phoneNumber'],
    [{ phoneNumber: '06' }, 'editor', 'may'],
    [{ role: 'moderator' }, 'moderator', 'role-not-grantable role'],
    [{ role: 'moderator' }, 'admin', 'may'],
    [{ detailsViewableByRole: 'all' }, 'admin', 'exposing-is-for-the-owner detailsViewableByRole'],
    [{ extraData: { high: 1 } }, 'moderator', 'field-not-writable extraData.high'],
    [{ extraData: { high: 1, other: 1 } }, 'editor', 'may'],
  ])('%j by a %s: %s', (change, by, expected) => {
    expect(create(by as UserRole, change)).toBe(expected);
  });

  it('a role needs the right on each site that shares the OAuth client', () => {
    expect(create('admin', { role: 'member' }, [1, 2])).toBe('role-not-grantable role');
  });
});
