import type { Actor, UserRole } from '../../src/domain/actor.ts';
import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import type { UserChange } from '../../src/domain/users/user-change.ts';
import type { Place } from '../../src/domain/users/user-rules.ts';
import {
  judgedChange,
  mustBeAbleToCreate,
  mustBeAddable,
  mustBeGrantable,
  needsPlaces,
  withValuesOfSite,
  type PersonElsewhere,
} from '../../src/domain/users/write-rules.ts';
import { aDay, anActor, aPerson, aSite, aUser } from '../support/builders.ts';
import { verdict } from '../support/verdict.ts';

/** user-api.md §1–4, and neighbours.md for those who were added and have not logged in. */
const site = aSite({ id: 1, config: { users: { allowUseOfNicknames: true } } });
const staff = (role: UserRole, siteId = 1): Actor => anActor({ userId: 9001, roles: { [siteId]: role } });
const platformAdmin = anActor({ userId: 9002, reach: { kind: 'everywhere', role: 'admin' } });
const person = aPerson();
const open = aUser({ siteId: 1, person, email: 'old@example.org', firstName: 'Oud', phoneNumber: '06' });
const added = { ...open, profileWithheld: true };

describe('whether a change is the actor’s to make', () => {
  const here: Place = { siteId: 1, role: 'member' };
  const judged = (
    actor: Actor,
    user: typeof open,
    change: UserChange,
    elsewhere: Partial<PersonElsewhere> = {},
  ): string =>
    verdict(() => {
      judgedChange({ actor, site, user, change }, { places: [here], tokenRows: [], sitesOfClient: [1], ...elsewhere });
    });

  it('answers what of it would really change', () => {
    const change = { firstName: 'Oud', city: 'Ede', extraData: {} };
    const elsewhere = { places: [here], tokenRows: [], sitesOfClient: [1] };
    expect(judgedChange({ actor: staff('moderator'), site, user: open, change }, elsewhere)).toEqual({ city: 'Ede' });
  });

  const editorElsewhere = { places: [here, { siteId: 2, role: 'editor' }] } as const;
  it.each<[string, UserRole, UserChange, Partial<PersonElsewhere>, string, string]>([
    ['a name', 'moderator', { firstName: 'N' }, {}, 'may', 'may'],
    [
      'a name of who is more elsewhere',
      'moderator',
      { firstName: 'N' },
      editorElsewhere,
      'higher-role-elsewhere',
      'may',
    ],
    ['a nick name of who is more elsewhere', 'moderator', { nickName: 'n' }, editorElsewhere, 'may', 'may'],
    ['an address', 'editor', { email: 'n@example.org' }, {}, 'may', 'may'],
    [
      'an address, below editor',
      'moderator',
      { email: 'n@example.org' },
      {},
      'field-not-writable email',
      'field-not-writable email',
    ],
    [
      'an address that is used elsewhere',
      'editor',
      { email: 'n@example.org' },
      editorElsewhere,
      'not-editor-everywhere email',
      'may',
    ],
    ['a role', 'admin', { role: 'editor' }, {}, 'may', 'may'],
    [
      'a role of who is more elsewhere',
      'moderator',
      { role: 'member' },
      editorElsewhere,
      'higher-role-elsewhere',
      'higher-role-elsewhere',
    ],
    [
      'a role that another site shares',
      'admin',
      { role: 'editor' },
      { sitesOfClient: [1, 2] },
      'role-not-grantable role',
      'role-not-grantable role',
    ],
  ])(
    '%s, by a %s: of a row to which its person came, and of one that was added',
    (_what, by, change, elsewhere, ofOpen, ofAdded) => {
      const before = change.role === 'member' ? { role: 'anonymous' as const } : {};
      expect(judged(staff(by), { ...open, ...before }, change, elsewhere)).toBe(ofOpen);
      expect(judged(staff(by), { ...added, ...before }, change, elsewhere)).toBe(ofAdded);
    },
  );

  it('is not, where they may not act on the row at all', () => {
    expect(judged(staff('member'), open, { firstName: 'N' })).toBe('owner-or-moderator');
    expect(judged(staff('member'), open, {})).toBe('owner-or-moderator');
  });

  const rowOfToken = { id: open.id, sharesRole: false };
  const another = { id: 70, sharesRole: false };
  const sharing = { id: 71, sharesRole: true };
  it.each<[string, PersonElsewhere['tokenRows'], { address: [string, string]; role: string }]>([
    ['no fixed token names', [], { address: ['may', 'may'], role: 'may' }],
    [
      'a fixed token names by this row',
      [rowOfToken],
      { address: ['platform-admin-needed email', 'platform-admin-needed email'], role: 'platform-admin-needed role' },
    ],
    ['a fixed token names by another row', [another], { address: ['platform-admin-needed email', 'may'], role: 'may' }],
    [
      'a fixed token names by a row that has its role from here',
      [another, sharing],
      { address: ['platform-admin-needed email', 'may'], role: 'platform-admin-needed role' },
    ],
    [
      'fixed tokens name by this row and another',
      [another, rowOfToken],
      { address: ['platform-admin-needed email', 'platform-admin-needed email'], role: 'platform-admin-needed role' },
    ],
  ])('of somebody whom %s', (_who, tokenRows, { address, role }) => {
    const byAdmin = (user: typeof open, change: UserChange) => judged(staff('admin'), user, change, { tokenRows });
    expect([open, added].map((user) => byAdmin(user, { email: 'n@example.org' }))).toEqual(address);
    expect([open, added].map((user) => byAdmin(user, { role: 'editor' }))).toEqual([role, role]);
    expect([open, added].map((user) => byAdmin(user, { firstName: 'N' }))).toEqual(['may', 'may']);
    expect(judged(platformAdmin, open, { email: 'n@example.org', role: 'editor' }, { tokenRows })).toBe('may');
  });

  it.each<[string, UserRole, readonly number[] | null, string]>([
    ['above member, where another site set how they log in', 'moderator', [2], 'login-set-elsewhere role'],
    ['above member, where nobody did', 'moderator', null, 'may'],
    ['above member, where this site did', 'moderator', [1], 'may'],
    ['of member, where another site did', 'member', [2], 'may'],
  ])('a role %s', (_what, role, loginSetAt, byAdmin) => {
    const user = { ...open, role: 'anonymous' as const, person: { ...person, loginSetAt } };
    expect(judged(staff('admin'), user, { role })).toBe(byAdmin);
    expect(judged(staff('admin'), user, { firstName: 'N' })).toBe('may');
    expect(judged(platformAdmin, user, { role })).toBe('may');
    // It waits in the row: a refusal would tell that they were there before.
    expect(judged(staff('admin'), { ...user, profileWithheld: true }, { role })).toBe('may');
  });

  it.each([
    ['was anonymized', { ...open, anonymizedAt: aDay }],
    [
      'was anonymized by another program',
      { ...open, externalUserId: null, role: 'anonymous' as const, lastLogin: new Date(0) },
    ],
  ])('is nobody’s once the row %s', (_how, user) => {
    expect(() => judged(staff('admin'), user, { city: 'Ede' })).toThrow(
      expect.objectContaining({ code: 'conflict', facts: { rule: 'already-anonymized' } }),
    );
  });
});

describe('where else somebody is, has to be known', () => {
  const unseen = { ...open, detailsViewableByRole: 'admin' } as const;
  it.each<[string, typeof open, UserChange, boolean]>([
    ['for a field of the whole person', open, { city: 'Ede' }, true],
    ['for a role', open, { role: 'editor' }, true],
    ['for an address', open, { email: 'n@example.org' }, true],
    [
      'for a phone that stays as it is, beside others whom one may not see',
      unseen,
      { phoneNumber: '06', firstName: 'Oud' },
      true,
    ],
    ['but not for a phone that stays as it is and that one sees', open, { phoneNumber: '06' }, false],
    ['but not for what this site has of its own', open, { nickName: 'n', extraData: { bio: 'b' } }, false],
    ['but not for nothing', open, {}, false],
    ['for a role of a row that was added', added, { role: 'editor' }, true],
    ['but for nothing else of such a row', added, { email: 'n@example.org', city: 'Ede' }, false],
  ])('%s', (_what, user, change, needed) => {
    expect(needsPlaces({ actor: staff('moderator'), site, user, change })).toBe(needed);
  });
});

const client: OauthClient = {
  ...{ issuer: 'https://oauth.example', internalUrl: 'https://oauth.example', clientId: 'one', clientSecret: 'secret' },
  ...{ adapter: 'openstad', settings: {} },
};
const creating = (actor: Actor, change: Omit<UserChange, 'email'> = {}, sitesOfClient: readonly number[] = [1]) => ({
  ...{ actor, site, client, sitesOfClient },
  change: { email: 'new@example.org', ...change },
});

describe('adding somebody', () => {
  it.each<[string, Actor, UserChange, readonly number[], string]>([
    ['takes a moderator', staff('moderator'), {}, [1], 'may'],
    ['takes no less', staff('member'), {}, [1], 'moderator-needed'],
    ['takes the right to each field', staff('moderator'), { phoneNumber: '06' }, [1], 'field-not-writable phoneNumber'],
    ['takes the right to the role at this site', staff('moderator'), { role: 'editor' }, [], 'role-not-grantable role'],
    [
      'takes the right to the role at each site that shares it',
      staff('admin'),
      { role: 'editor' },
      [2],
      'role-not-grantable role',
    ],
  ])('%s', (_what, actor, change, sitesOfClient, expected) => {
    expect(
      verdict(() => {
        mustBeAbleToCreate(creating(actor, change, sitesOfClient));
      }),
    ).toBe(expected);
  });

  it.each<[string, readonly Place[], string]>([
    ['whom nobody else knows', [], 'may'],
    ['who is no more elsewhere', [{ siteId: 2, role: 'moderator' }], 'may'],
    [
      'who is more elsewhere',
      [
        { siteId: 2, role: 'member' },
        { siteId: 3, role: 'editor' },
      ],
      'higher-role-elsewhere',
    ],
    ['who was only added elsewhere, as more', [{ siteId: 2, role: 'admin', isOnlyAdded: true }], 'may'],
  ])('of somebody %s, by a moderator', (_who, places, expected) => {
    expect(
      verdict(() => {
        mustBeAddable(creating(staff('moderator')), places);
      }),
    ).toBe(expected);
  });

  it.each<[UserRole, UserRole | undefined, UserRole | null, readonly number[], string]>([
    ['moderator', undefined, 'editor', [1], 'may'],
    ['moderator', 'member', null, [1], 'may'],
    ['editor', 'member', 'moderator', [1], 'may'],
    ['moderator', 'member', 'editor', [1], 'role-not-grantable role'],
    ['editor', 'moderator', null, [1], 'role-not-grantable role'],
    ['admin', 'admin', 'member', [1], 'may'],
    ['admin', 'member', 'admin', [1], 'may'],
    ['admin', 'member', 'admin', [1, 2], 'role-not-grantable role'],
  ])('%s gives %s to who has %s, at the sites %j: %s', (own, role, present, sitesOfClient, expected) => {
    const creation = creating(staff(own), role === undefined ? {} : { role }, sitesOfClient);
    expect(
      verdict(() => {
        mustBeGrantable(creation, present);
      }),
    ).toBe(expected);
  });
});

describe('the values of a site, in the record of somebody who was there before', () => {
  const ofSite = (siteId: number, value: string) => ({ value, siteId });
  const values = { nickName: 'n', extraData: { bio: 'new '.repeat(20), hobby: 'sailing' } };
  const written = (extraData?: Parameters<typeof withValuesOfSite>[1]['extraData']) =>
    withValuesOfSite(creating(staff('moderator'), values), {
      externalId: '5',
      ...(extraData === undefined ? {} : { extraData }),
    });
  const ours = { nickName: [ofSite(1, 'n')], bio: [ofSite(1, values.extraData.bio)] };

  it('are what the body gives of this site’s own, and nothing of what all sites share', () => {
    expect(written()).toEqual(ours);
    expect(written({ hobby: 'chess' })).toEqual({ hobby: 'chess', ...ours });
  });

  it('leave nothing of an earlier row here, and all of other sites', () => {
    const before = { bio: ['plain', ofSite(1, 'old'), ofSite(2, 'theirs')], expertise: [ofSite(1, 'old')] };
    expect(written(before)).toEqual({ ...ours, bio: ['plain', ofSite(2, 'theirs'), ofSite(1, values.extraData.bio)] });
  });

  it('stay in the row where others have filled the record, of which nothing is told', () => {
    const [full, overfull] = [90, 100].map((kB) => ({ bio: [ofSite(2, 'x'.repeat(kB * 1024))] }));
    expect(written({ ...full, expertise: [ofSite(1, 'old')] })).toEqual(full);
    expect(written({ ...overfull, expertise: [ofSite(1, 'old')] })).toEqual({
      ...overfull,
      expertise: [ofSite(1, 'old')],
    });
  });
});
