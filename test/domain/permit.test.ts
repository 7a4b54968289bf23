import * as permits from '../../src/domain/permit.ts';
import {
  changeThere,
  isRoleToWrite,
  permitChange,
  permitCreation,
  permitRemoval,
  permitRole,
  permitSaying,
  permitSiteValues,
  permitWithdrawal,
  usePermit,
} from '../../src/domain/permit.ts';
import type { UpdatePermit } from '../../src/domain/permit.ts';
import type { UserRole } from '../../src/domain/actor.ts';
import type { UserChange } from '../../src/domain/users/user-change.ts';
import type { User } from '../../src/domain/users/user.ts';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import type { IdentityProvider } from '../../src/ports/identity-provider.ts';
import { aDay, anActor, aPerson, aSite, aUser } from '../support/builders.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { verdict } from '../support/verdict.ts';

/** docs/reference/neighbours.md: a right is a value, made where it is used. */
const client: OauthClient = {
  ...{ issuer: 'https://oauth.example', internalUrl: 'https://oauth.example', clientId: 'one', clientSecret: 'secret' },
  ...{ adapter: 'openstad', settings: {} },
};
const site = aSite({ id: 1 });
const change = { email: 'new@example.org', role: 'admin' } as const;
const creation = { site, client, sitesOfClient: [1, 2], change };
const write = { client, externalId: '5', change: { firstName: 'Nils' } };

describe('a write at the OAuth server', () => {
  const identity: IdentityProvider = fakeIdentityProvider(['one']);

  /* oxlint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return --
     they say what the compiler says */
  test('does not compile without a permit', () => {
    const attempts = [
      // @ts-expect-error: client, person and change, as they were before anybody had to ask
      () => identity.update(client, '5', { firstName: 'Nils' }),
      // @ts-expect-error: what a permit holds is none
      () => identity.update(write),
      // @ts-expect-error: nor is what looks like one
      () => identity.update({ client, ...write }),
      // @ts-expect-error: of another kind
      () => identity.update(permitCreation({ ...creation, actor: anActor({ roles: { 1: 'admin', 2: 'admin' } }) })),
      // @ts-expect-error: neither to make somebody
      () => identity.create({ client, person: { email: 'new@example.org' } }),
      // @ts-expect-error: nor to remove them
      () => identity.remove({ client, externalId: '5' }),
      // @ts-expect-error: only its own file makes one
      () => new permits.Permit(write),
    ];
    expect(attempts).toHaveLength(7);
  });
  /* oxlint-enable */

  test.each([
    ['what it would hold', write],
    ['something of its shape', Object.create(Object.getPrototypeOf(someWithdrawal()) as object)],
  ])('is refused for %s, whoever got it past the compiler', async (_what, forged) => {
    await expect(identity.update(forged as UpdatePermit)).rejects.toThrow('no permit');
  });

  test('is good for once', () => {
    const permit = someWithdrawal();
    expect(usePermit(permit).change).toEqual({ extraData: {} });
    expect(() => usePermit(permit)).toThrow('one write');
  });
});

describe('a check', () => {
  test('gives no permit to whoever may not, at each site that shares the client', () => {
    expect(() => permitCreation({ ...creation, actor: anActor({ roles: { 1: 'admin' } }) })).toThrow();
    const both = anActor({ roles: { 1: 'admin', 2: 'admin' } });
    expect(permitCreation({ ...creation, actor: both }).client).toBe(client);
  });

  test('permits no change of somebody whom the actor may not act on', () => {
    const asked = {
      actor: anActor({ userId: 9, roles: { 1: 'member' } }),
      site,
      user: aUser(),
      change: { city: 'Ede' },
    };
    const there = { client, clientId: 'one', siteClientIds: [], profile: { externalId: '5' }, rows: [] };
    const around = { places: [], tokenRows: [], sitesOfClient: [1] };
    expect(() => permitChange(asked, around, there)).toThrow();
    const moderator = anActor({ userId: 9, roles: { 1: 'moderator' } });
    const permit = permitChange({ ...asked, actor: moderator }, around, there);
    expect(heldBy(permit)?.change).toEqual({ city: 'Ede' });
  });

  test('permits a removal of whoever is taken for it, ours, and kept by nobody', () => {
    const taken = aPerson({ state: 'removing' });
    expect(permitRemoval(client, taken, [aUser()])).toBe('rows-elsewhere');
    expect(permitRemoval(client, { ...taken, state: 'active' }, [])).toBe('rows-elsewhere');
    expect(permitRemoval(client, { ...taken, isOursToRemove: false }, [])).toBe('not-ours');
    const permit = permitRemoval(client, taken, []);
    expect(typeof permit === 'string' ? permit : usePermit(permit)).toEqual({ client, externalId: taken.externalId });
  });

  test('permits to withdraw values of sites that were left, and of no others', () => {
    const profile = { externalId: '5', extraData: { bio: [{ value: 'x', siteId: 1 }] } };
    expect(permitWithdrawal(client, profile, [1], [aUser({ siteId: 1 })])).toBeNull();
    expect(permitWithdrawal(client, profile, [2], [])).toBeNull();
    expect(permitWithdrawal(client, { externalId: '5' }, [1], [])).toBeNull();
    const left = [[], [aUser({ siteId: 2 })], [aUser({ siteId: 1, deletedAt: aDay })]];
    expect(left.map((rows) => heldBy(permitWithdrawal(client, profile, [1], rows)))).toEqual(
      left.map(() => ({ client, externalId: '5', change: { extraData: {} } })),
    );
  });
});

const admin = anActor({ userId: 9001, roles: { 1: 'admin', 2: 'admin' } });
const ofSite = (siteId: number, value: string | boolean) => ({ value, siteId });

describe('a new person at the OAuth server', () => {
  test('is what the body gives: its fields, this site’s values, and no role', () => {
    const given = { email: ' new@example.org ', firstName: 'Nils', phoneNumber: '06', nickName: null } as const;
    const values = {
      role: 'editor',
      lastName: null,
      signedUpForNewsletter: true,
      extraData: { bio: 'b', hobby: 'h' },
    } as const;
    const permit = permitCreation({ ...creation, actor: admin, change: { ...given, ...values } });
    expect(usePermit(permit)).toStrictEqual({
      client,
      person: {
        ...{ email: 'new@example.org', firstName: 'Nils', phoneNumber: '06' },
        extraData: { bio: [ofSite(1, 'b')], hobby: 'h', signedUpForNewsletter: [ofSite(1, true)] },
      },
    });
  });
});

describe('somebody whom the OAuth server knew before', () => {
  const added = {
    ...creation,
    actor: admin,
    change: { email: 'new@example.org', firstName: 'N', extraData: { bio: 'b' } },
  };

  test('is given this site’s values', () => {
    expect(heldBy(permitSiteValues(added, [], { externalId: '5' }))).toEqual({
      ...{ client, externalId: '5' },
      change: { extraData: { bio: [ofSite(1, 'b')] } },
    });
  });

  test('is not written where there is nothing to write', () => {
    expect(permitSiteValues(added, [], { externalId: '5', extraData: { bio: [ofSite(1, 'b')] } })).toBeNull();
    const without = { ...added, change: { email: 'new@example.org' } };
    expect(permitSiteValues(without, [], { externalId: '5' })).toBeNull();
  });

  test('is not added by whoever may not create, nor by who is less than they are anywhere', () => {
    const moderator = { ...added, actor: anActor({ userId: 9001, roles: { 1: 'moderator' } }) };
    const places = [{ siteId: 2, role: 'editor' }] as const;
    expect(verdict(() => permitSiteValues(moderator, places, { externalId: '5' }))).toBe('higher-role-elsewhere');
    const member = { ...added, actor: anActor({ userId: 9001, roles: { 1: 'member' } }) };
    expect(verdict(() => permitSiteValues(member, [], { externalId: '5' }))).toBe('moderator-needed');
  });
});

describe('the role of somebody who is added', () => {
  test.each<[UserRole | undefined, UserRole | null, readonly number[] | null, UserRole | null]>([
    // A wish, what they have, the sites that set how they log in, what is written.
    [undefined, null, null, 'member'],
    [undefined, 'editor', null, null],
    [undefined, 'anonymous', null, null],
    ['member', null, null, 'member'],
    ['member', 'member', null, null],
    ['member', 'editor', null, 'member'],
    ['editor', null, null, 'editor'],
    ['editor', 'member', [1], 'editor'],
    ['editor', null, [2], 'member'],
    ['editor', 'anonymous', [2], null],
    ['editor', 'member', [2], null],
    ['editor', 'moderator', [2], null],
    ['moderator', 'editor', [2], 'moderator'],
    ['member', 'anonymous', [2], 'member'],
  ])('%s, where they have %s and by what they log in was set at %j: %s is written', (role, present, setAt, written) => {
    const wish = { ...creation, actor: admin, change: { email: 'new@example.org', ...(role && { role }) } };
    expect(heldBy(permitRole(wish, '5', present, setAt))).toEqual(
      written && { client, externalId: '5', change: { roles: { one: written } } },
    );
  });

  test.each<[UserRole | undefined, UserRole | null, boolean]>([
    [undefined, null, true],
    [undefined, 'editor', false],
    ['member', null, true],
    ['member', 'member', false],
    ['editor', 'member', true],
  ])('%s is to be written where they have %s: %s', (role, present, isWritten) => {
    expect(isRoleToWrite(role === undefined ? {} : { role }, present)).toBe(isWritten);
  });

  test('is not for whoever may not give it', () => {
    const by = (role: UserRole, wish: UserRole, present: UserRole | null) =>
      verdict(() => {
        const asked = { ...creation, sitesOfClient: [1], actor: anActor({ userId: 9001, roles: { 1: role } }) };
        permitRole({ ...asked, change: { email: 'new@example.org', role: wish } }, '5', present, null);
      });
    expect([by('moderator', 'member', null), by('moderator', 'member', 'editor')]).toEqual([
      'may',
      'role-not-grantable role',
    ]);
    expect([by('member', 'member', 'member'), by('moderator', 'editor', 'editor')]).toEqual([
      'moderator-needed',
      'role-not-grantable role',
    ]);
  });
});

describe('a change, as it goes to the OAuth server', () => {
  const made = aUser({ siteId: 1, role: 'editor', profileWithheld: true, person: aPerson({ isUnclaimed: true }) });
  const known = { ...made, person: aPerson({ isUnclaimed: false }) };
  const open = { ...known, profileWithheld: false };
  const there = {
    clientId: 'one',
    siteClientIds: ['one'],
    profile: { externalId: '5', roles: {}, roleElsewhere: null },
  };
  const sent = (user: User, change: UserChange, said: Partial<Parameters<typeof changeThere>[2]> = {}) =>
    changeThere({ actor: admin, site, user, change }, change, { ...there, rows: [user], ...said });

  test.each<[string, User, UserChange, unknown]>([
    ['a name of an open row', open, { firstName: 'N' }, { firstName: 'N' }],
    ['a name of somebody whom the site made', made, { firstName: 'N' }, { firstName: 'N' }],
    ['a name of somebody who was there before', known, { firstName: 'N' }, null],
    [
      'this site’s value of such',
      known,
      { extraData: { bio: 'b' }, firstName: 'N' },
      { extraData: { bio: [ofSite(1, 'b')] } },
    ],
    ['a value of all sites of such', known, { extraData: { hobby: 'h' } }, null],
    ['the role of such', known, { role: 'moderator', city: 'Ede' }, { roles: { one: 'moderator' } }],
    ['nothing', open, {}, null],
  ])('%s', (_what, user, change, expected) => {
    expect(sent(user, change)).toEqual(expected);
  });

  test('leaves what other sites have in the record', () => {
    const profile = { ...there.profile, extraData: { bio: [ofSite(2, 'theirs')] } };
    expect(sent(open, { extraData: { bio: 'b' } }, { profile })).toEqual({
      extraData: { bio: [ofSite(2, 'theirs'), ofSite(1, 'b')] },
    });
  });

  const setElsewhere = (user: User): User => ({
    ...user,
    person: { ...aPerson(), isUnclaimed: true, loginSetAt: [2] },
  });
  const having = (role: UserRole | null) => ({ profile: { ...there.profile, roles: { one: role } } });
  test.each<[string, User, UserRole | null, UserChange, unknown]>([
    ['waits in the row', setElsewhere(made), null, { role: 'moderator' }, null],
    [
      'waits in the row, and the rest is written',
      setElsewhere(made),
      null,
      { role: 'moderator', city: 'Ede' },
      { city: 'Ede' },
    ],
    [
      'is written where it is no more than they have there',
      setElsewhere(made),
      'editor',
      { role: 'moderator' },
      { roles: { one: 'moderator' } },
    ],
    ['is written where it is member', setElsewhere(made), null, { role: 'member' }, { roles: { one: 'member' } }],
    [
      'is written of an open row: that was judged before',
      setElsewhere({ ...open, role: 'member' }),
      null,
      { role: 'editor' },
      { roles: { one: 'editor' } },
    ],
  ])('a role, where another site set how they log in, %s', (_how, user, present, change, expected) => {
    expect(sent(user, change, having(present))).toEqual(expected);
  });

  test('a role goes nowhere where the site has no client, and is held back there, too', () => {
    expect(sent(open, { role: 'moderator', city: 'Ede' }, { clientId: null })).toEqual({ city: 'Ede', roles: {} });
    expect(sent(setElsewhere(made), { role: 'moderator', city: 'Ede' }, { clientId: null })).toEqual({ city: 'Ede' });
  });

  test('is without extraData where that would not fit, and no write at all where nothing remains', () => {
    const permitted = (wanted: UserChange, part?: 'but-extra-data') => {
      const around = { places: [], tokenRows: [], sitesOfClient: [1] };
      const asked = { actor: admin, site, user: open, change: wanted };
      return heldBy(permitChange(asked, around, { ...there, client, rows: [open] }, part))?.change ?? null;
    };
    const whole = { city: 'Ede', extraData: { bio: 'b' } };
    const bio = [ofSite(1, 'b')];
    expect([permitted(whole), permitted(whole, 'but-extra-data')]).toEqual([
      { city: 'Ede', extraData: { bio } },
      { city: 'Ede' },
    ]);
    expect(permitted({ extraData: { bio: 'b' } }, 'but-extra-data')).toBeNull();
    expect(permitted({ city: 'Ede' }, 'but-extra-data')).toEqual({ city: 'Ede' });
    expect(permitted({})).toBeNull();
  });
});

describe('what only rows of an adopted database hold', () => {
  const person = aPerson({ hasUnsaidFields: true });
  const rows = [aUser({ siteId: 1, person, nickName: 'nv' })];
  const saying = (who: typeof person, extraData?: { nickName?: { value: string; siteId: number }[] }) => {
    const profile = { externalId: 'not read', ...(extraData && { extraData }) };
    return heldBy(
      permitSaying(
        client,
        who,
        profile,
        rows,
        () => site,
        () => true,
      ),
    );
  };

  test('is said at the OAuth server', () => {
    expect(saying(person, {})).toEqual({
      ...{ client, externalId: person.externalId },
      change: { extraData: { nickName: [ofSite(1, 'nv')] } },
    });
  });

  test('is not said twice, nor of others, nor where the server does not say what it knows', () => {
    expect(saying(person, { nickName: [{ value: 'nv', siteId: 1 }] })).toBeNull();
    expect(saying({ ...person, hasUnsaidFields: false }, {})).toBeNull();
    expect(saying(person)).toBeNull();
  });
});

/** What a permit holds; null where there is none to ask. */
function heldBy(permit: UpdatePermit | null) {
  return permit === null ? null : usePermit(permit);
}

function someWithdrawal(): UpdatePermit {
  const permit = permitWithdrawal(
    client,
    { externalId: '5', extraData: { bio: [{ value: 'x', siteId: 1 }] } },
    [1],
    [],
  );
  if (permit === null) throw new Error('nothing to withdraw');
  return permit;
}
