import fc from 'fast-check';
import { atLeast, roles, userRoles, type UserRole } from '../../src/domain/actor.ts';
import { mayGrant, mustBeAbleToActOn, mustOutrankPerson } from '../../src/domain/users/user-rules.ts';
import { mustBeModerator, mustBePlatformAdmin } from '../../src/domain/refusals.ts';
import { aPerson, anActor, aUser } from '../support/builders.ts';
import { verdict } from '../support/verdict.ts';

const withRole = (role: UserRole, siteId = 1) => anActor({ userId: 9001, roles: { [siteId]: role } });
const person = aPerson();
const ownerOf = (target: { id: number }) => anActor({ userId: target.id, roles: { 1: 'member' } });

describe('acting on a row', () => {
  it('takes a moderator who is not below the target, whoever they are', () => {
    for (const own of userRoles) {
      for (const theirs of userRoles) {
        const expected = !atLeast(own, 'moderator')
          ? 'owner-or-moderator'
          : atLeast(own, theirs)
            ? 'may'
            : 'higher-role';
        expect(
          verdict(() => {
            mustBeAbleToActOn(withRole(own), aUser({ siteId: 1, role: theirs }));
          }),
        ).toBe(expected);
      }
    }
  });

  it('is always the owner’s, also from another site', () => {
    const target = aUser({ siteId: 1, role: 'admin', person });
    expect(
      verdict(() => {
        mustBeAbleToActOn(ownerOf(target), target);
      }),
    ).toBe('may');
    expect(
      verdict(() => {
        mustBeAbleToActOn(anActor({ userId: 9002, personId: person.id }), target);
      }),
    ).toBe('may');
  });

  it('gives no right at another site', () => {
    expect(
      verdict(() => {
        mustBeAbleToActOn(withRole('admin', 2), aUser({ siteId: 1 }));
      }),
    ).toBe('owner-or-moderator');
    expect(
      verdict(() => {
        mustBeModerator(withRole('admin', 2), 1);
      }),
    ).toBe('moderator-needed');
  });

  it('gives nobody a right at a site that is gone, except a fixed token', () => {
    const lost = aUser({ siteId: null });
    expect(
      verdict(() => {
        mustBeAbleToActOn(withRole('admin'), lost);
      }),
    ).toBe('owner-or-moderator');
    expect(
      verdict(() => {
        mustBeAbleToActOn(anActor({ userId: 9, reach: { kind: 'everywhere', role: 'admin' } }), lost);
      }),
    ).toBe('may');
  });

  it('asks a visitor for a credential', () => {
    expect(
      verdict(() => {
        mustBeAbleToActOn(anActor(), aUser());
      }),
    ).toBe('401');
    expect(
      verdict(() => {
        mustBePlatformAdmin(anActor());
      }),
    ).toBe('401');
  });

  it('does not make two rows without a person one owner', () => {
    expect(
      verdict(() => {
        mustBeAbleToActOn(anActor({ userId: 9003, personId: null }), aUser({ siteId: 1 }));
      }),
    ).toBe('owner-or-moderator');
  });
});

it('reaching a whole person is measured against their highest role anywhere', () => {
  const target = aUser({ siteId: 1, role: 'member' });
  const at = (role: UserRole) => ({ places: [target, { siteId: 2, role }] });
  expect(
    verdict(() => {
      mustOutrankPerson(withRole('moderator'), target, at('editor'));
    }),
  ).toBe('higher-role-elsewhere');
  expect(
    verdict(() => {
      mustOutrankPerson(withRole('editor'), target, at('editor'));
    }),
  ).toBe('may');
  expect(
    verdict(() => {
      mustOutrankPerson(ownerOf(target), target, at('admin'));
    }),
  ).toBe('may');
});

it('a platform admin is a fixed token whose user is admin', () => {
  expect(
    verdict(() => {
      mustBePlatformAdmin(withRole('admin'));
    }),
  ).toBe('platform-admin-needed');
  expect(
    verdict(() => {
      mustBePlatformAdmin(anActor({ userId: 9, reach: { kind: 'everywhere', role: 'editor' } }));
    }),
  ).toBe('platform-admin-needed');
  expect(
    verdict(() => {
      mustBePlatformAdmin(anActor({ userId: 9, reach: { kind: 'everywhere', role: 'admin' } }));
    }),
  ).toBe('may');
});

describe('granting a role', () => {
  const aRole = fc.constantFrom(...roles);
  it('never gives one above one’s own, and never takes from an equal or a higher', () => {
    fc.assert(
      fc.property(aRole, aRole, aRole, (own, current, wanted) => {
        fc.pre(own !== 'admin' && mayGrant(own, current, wanted));
        expect([atLeast(own, 'moderator'), wanted, atLeast(current, own)]).toEqual([true, 'member', false]);
      }),
    );
  });

  it.each([
    ['admin', 'admin', 'member', true],
    ['admin', 'anonymous', 'admin', true],
    ['editor', 'moderator', 'member', true],
    ['editor', 'editor', 'member', false],
    ['editor', 'member', 'moderator', false],
    ['moderator', 'anonymous', 'member', true],
    ['moderator', 'moderator', 'member', false],
    ['member', 'anonymous', 'member', false],
  ] as const)('%s may make a %s a %s: %s', (own, current, wanted, may) => {
    expect(mayGrant(own, current, wanted)).toBe(may);
  });
});
